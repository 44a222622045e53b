"""Lengths of time as people write them: "90s", "15m", "24h", "7d", "2w"."""

import re
from datetime import timedelta

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
WRITING = re.compile(r"([0-9]{1,12})([smhdw])")
LONGEST = timedelta(days=36_525)


def duration(value: str | timedelta) -> timedelta:
    """Return the length of time that a handler's author wrote, at most a hundred years.

    `value`: a whole number and a unit (s, m, h, d, w: seconds to weeks), or a timedelta that is not negative.
    Raises ValueError, which says what to write.
    """
    length = value if isinstance(value, timedelta) else _parsed(value)
    if not timedelta(0) <= length <= LONGEST:
        raise ValueError(f"{value!r} is no usable length of time: it must lie between nothing and a hundred years.")
    return length


def _parsed(value: str) -> timedelta:
    written = WRITING.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueError(
            f'{value!r} is no length of time. Write a number and a unit, as "90s", "15m", "24h", "7d", "2w".'
        )
    number, unit = int(written[1]), UNITS[written[2]]
    return unit * number if number <= LONGEST / unit else timedelta.max
