"""The bars of a histogram of durations, and what can be read from them."""

from bisect import bisect_left
from collections.abc import Mapping
from math import inf

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
# A promise (within five minutes, within a day) can be counted exactly only at one of these.
UPPERS = (
    0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE,
    30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 30 * DAY, inf,
)  # fmt: skip
_LOWERS = dict(zip(UPPERS, (0.0, *UPPERS), strict=False))


def upper_of(seconds: float) -> float:
    """Return the upper bound of the bar a duration belongs to."""
    return UPPERS[bisect_left(UPPERS, seconds)]


def percentile(bars: Mapping[float, int], share: float) -> float | None:
    """Return, in seconds, how long the given share of durations took at most; None without any.

    `bars` are counts by upper bound, `share` is above 0 and at most 1. Inside the bar in question durations are taken
    to lie evenly: the answer is off by less than that bar is wide. In the last, open bar it is that bar's lower bound.
    """
    wanted, passed = share * sum(bars.values()), 0
    for upper in sorted(upper for upper, count in bars.items() if count):
        lower, count = _LOWERS[upper], bars[upper]
        if passed + count >= wanted:
            return lower if upper == inf else lower + (upper - lower) * (wanted - passed) / count
        passed += count
    return None
