"""The geometry of the dashboard's charts; the templates draw them, and colors come from the style sheet.

Coordinates are those of a drawing WIDTH by HEIGHT, which the page stretches; so texts stand beside it, not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from autopilot.reports.lengths import short

WIDTH, HEIGHT = 960.0, 200.0
GAP = 0.28
SEEN = 6.0  # the least height: one failure among thousands is still to be seen
STEPS = (1, 2, 5)
SHORTEST = 0.1  # seconds: the foot of the scale of lengths


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """What one hour adds to a chart: the lower part, the part on top of it, and the strip that shows the hint."""

    lower: Box
    upper: Box
    strip: Box
    hint: str


@dataclass(frozen=True)
class Scale:
    """The marks of an axis, from the top down."""

    marks: list[str]
    top: float


def stacked(pairs: Sequence[tuple[int, int]], hints: Sequence[str]) -> tuple[list[Column], Scale]:
    """Return a column for each pair of a lower and an upper count, and the scale they stand on."""
    top = _nice(max((lower + upper for lower, upper in pairs), default=0))
    slot = WIDTH / max(1, len(pairs))
    columns = [_column(number * slot, slot, pair, top, hints[number]) for number, pair in enumerate(pairs)]
    return columns, Scale([f"{top:,}", f"{top // 2:,}" if top % 2 == 0 else f"{top / 2:,.1f}", "0"], top)


def lines(*series: Sequence[float | None]) -> tuple[list[str], Scale]:
    """Return a path for each series of lengths in seconds, on one scale whose every mark is ten times the one below.

    Where nothing was measured a line is broken; what is shorter than a tenth of a second lies on the foot.
    """
    longest = max((value for values in series for value in values if value is not None), default=1.0)
    decades = max(2, ceil(log10(max(longest, 1.0) / SHORTEST)))
    marks = [short(SHORTEST * 10**decade) for decade in range(decades, -1, -1)]
    return [_path(values, decades) for values in series], Scale(marks, SHORTEST * 10**decades)


def share_of(count: int, most: int) -> float:
    """Return how long a bar of 100 is that stands for a count among others of which the greatest is `most`."""
    return round(100 * count / most, 1) if most else 0.0


def _column(x: float, slot: float, pair: tuple[int, int], top: float, hint: str) -> Column:
    lower, upper = (max(SEEN, HEIGHT * count / top) if count else 0.0 for count in pair)
    left, width = x + slot * GAP / 2, slot * (1 - GAP)
    return Column(
        _box(left, HEIGHT - lower, width, lower),
        _box(left, max(0.0, HEIGHT - lower - upper), width, upper),
        _box(x, 0, slot, HEIGHT),
        hint,
    )


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(round(x, 1), round(y, 1), round(width, 1), round(height, 1))


def _nice(most: int) -> int:
    """Return the smallest of 4, 10, 20, 50, 100, … that is not below."""
    if most <= 4:
        return 4
    power = int(10 ** int(log10(most)))
    return next(step * power for step in (*STEPS, 10) if step * power >= most)


def _path(values: Sequence[float | None], decades: int) -> str:
    slot = WIDTH / max(1, len(values))
    path, is_down = [], False
    for number, value in enumerate(values):
        if value is not None:
            # A line to the same point makes a dot of a single value.
            point = f"{(number + 0.5) * slot:.1f} {_height_of(value, decades):.1f}"
            path.append(f"L{point}" if is_down else f"M{point}L{point}")
        is_down = value is not None
    return "".join(path)


def _height_of(value: float, decades: int) -> float:
    return HEIGHT * (1 - min(1.0, log10(max(value, SHORTEST) / SHORTEST) / decades))
