"""Lengths of time as people read them."""

UNITS = ((86_400.0, "d", "day"), (3600.0, "h", "hour"), (60.0, "min", "minute"), (1.0, "s", "second"))


def short(seconds: float | None) -> str:
    """Return a length for a table: “240 ms”, “4.2 s”, “12 min”, “1.5 h”, “3 d”; a dash for None."""
    if seconds is None:
        return "—"
    for size, sign, _ in UNITS:
        if seconds >= size:
            return f"{_rounded(seconds / size)} {sign}"
    return f"{seconds * 1000:.0f} ms"


def spoken(seconds: float) -> str:
    """Return a length for a sentence, in whole units: “5 minutes”, “1 hour”."""
    for size, _, name in UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "less than a second"


def _rounded(number: float) -> str:
    return f"{number:.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"
