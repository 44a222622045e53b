"""The wait before the next attempt: a table, and its bounds for any policy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopilot.engine.retry import RetryPolicy, delay

pytestmark = pytest.mark.once

LEAST, MOST = 0.0, 1.0
MICROSECOND = timedelta(microseconds=1)
ROUNDING = 2 * MICROSECOND
waits = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=365))
fractions = st.floats(0, 1, exclude_max=True)


def seconds(number):
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("attempt", "random", "after", "expected"),
    [
        (1, MOST, None, 10),  # the base
        (1, LEAST, None, 5),  # half of it at least, so that a retry is never at once
        (1, 0.5, None, 7.5),  # evenly in between
        (2, MOST, None, 20),  # doubled
        (3, MOST, None, 40),  # and again
        (9, MOST, None, 2560),  # the last below the cap
        (10, MOST, None, 3600),  # the cap
        (10, LEAST, None, 1800),  # jitter applies to the cap too, or everybody would come back together
        (65, MOST, None, 3600),  # 2^64 is no machine integer
        (10_000, MOST, None, 3600),  # 2^9999 is no float
        (10**30, MOST, None, 3600),
        (1, MOST, 60, 60),  # Retry-After is longer: it is honored
        (1, MOST, 7200, 7200),  # even beyond the cap
        (5, MOST, 60, 160),  # Retry-After is shorter: the backoff stays
        (1, LEAST, 0, 5),  # "at once" does not void the backoff
        (0, MOST, None, 10),  # an attempt that was not counted is waited for as the first
    ],
)
def test_it_waits(attempt, random, after, expected):
    after = None if after is None else seconds(after)

    assert delay(RetryPolicy(), attempt, after=after, random=lambda: random) == seconds(expected)


@pytest.mark.parametrize(
    ("base", "cap", "expected"),
    [
        (0, 3600, 0),  # an operator who wants no wait gets none
        (60, 10, 10),  # a base above the cap: the cap holds
        (10, 0, 0),  # a cap of nothing
    ],
)
def test_it_raises_nothing_whatever_is_configured(base, cap, expected):
    assert delay(RetryPolicy(seconds(base), seconds(cap)), 3, random=lambda: MOST) == seconds(expected)


def test_it_doubles_until_the_cap_however_far_that_is():
    policy = RetryPolicy(base=seconds(1), cap=timedelta(days=365))

    assert delay(policy, 21, random=lambda: MOST) == seconds(2**20)


def test_it_is_a_value():
    assert RetryPolicy() == RetryPolicy(base=seconds(10), cap=timedelta(hours=1))
    assert len({RetryPolicy(), RetryPolicy(), RetryPolicy(base=seconds(1))}) == 2


@given(base=waits, cap=waits, attempt=st.integers(1, 10**6), random=fractions)
def test_it_lies_between_half_and_all_of_the_ceiling(base, cap, attempt, random):
    doubled = base // MICROSECOND * 2 ** min(attempt - 1, 100)
    ceiling = min(cap // MICROSECOND, doubled) * MICROSECOND

    waited = delay(RetryPolicy(base, cap), attempt, random=lambda: random)

    assert ceiling / 2 - ROUNDING <= waited <= ceiling + ROUNDING


@given(base=waits, cap=waits, attempt=st.integers(1, 10**6), after=waits, random=fractions)
def test_it_never_comes_before_what_the_other_side_asked_for(base, cap, attempt, after, random):
    own = delay(RetryPolicy(base, cap), attempt, random=lambda: random)

    assert delay(RetryPolicy(base, cap), attempt, after=after, random=lambda: random) == max(own, after)


@given(base=waits, cap=waits, attempt=st.integers(1, 10**6))
def test_it_never_shortens_from_attempt_to_attempt(base, cap, attempt):
    policy = RetryPolicy(base, cap)

    assert delay(policy, attempt, random=lambda: 0) <= delay(policy, attempt + 1, random=lambda: 0)
