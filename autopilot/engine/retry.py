"""How long a job waits before its next attempt: a value and one pure function."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

# 2 to this power still is a float; long before it, every cap is reached.
MOST_DOUBLINGS = 1000


@dataclass(frozen=True)
class RetryPolicy:
    """The wait after the first failure, doubled with each further one, and the wait that none exceeds."""

    base: timedelta = timedelta(seconds=10)
    cap: timedelta = timedelta(hours=1)


def delay(
    policy: RetryPolicy, attempt: int, *, after: timedelta | None = None, random: Callable[[], float]
) -> timedelta:
    """Return the wait before the next attempt: uniform(½, 1) × min(cap, base × 2^(attempt−1)), never less than `after`.

    `attempt`: the number of the attempt that failed, from 1. `after`: the least wait, as a portal's Retry-After says;
    it may exceed the cap. `random`: returns a number from 0 up to 1; it keeps jobs that failed together from coming
    back together. Raises nothing, whatever an operator configured: it runs while a failure is being settled.
    """
    jittered = _ceiling(policy, attempt) * (0.5 + 0.5 * random())
    return max(jittered, after) if after is not None else jittered


def _ceiling(policy: RetryPolicy, attempt: int) -> timedelta:
    # In seconds, because a timedelta overflows where a float becomes infinite.
    doublings = min(max(attempt - 1, 0), MOST_DOUBLINGS)
    grown = policy.base.total_seconds() * 2.0**doublings
    return timedelta(seconds=grown) if grown < policy.cap.total_seconds() else policy.cap
