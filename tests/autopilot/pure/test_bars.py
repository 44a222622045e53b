"""Percentiles read from bars, against the exact ones."""

from collections import Counter
from math import ceil, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopilot.tallies import UPPERS, percentile, upper_of

pytestmark = pytest.mark.once
ROUNDING = 1e-9


def bars_of(durations):
    return Counter(map(upper_of, durations))


def width_at(seconds):
    """Return the bounds of the bar in which an exact answer lies."""
    index = UPPERS.index(upper_of(seconds))
    return (UPPERS[index - 1] if index else 0.0), UPPERS[index]


@given(
    st.lists(st.floats(min_value=0, max_value=2_000_000, allow_nan=False), min_size=1, max_size=300),
    st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]),
)
def test_it_is_off_by_less_than_a_bar_is_wide(durations, share):
    exact = sorted(durations)[ceil(share * len(durations)) - 1]

    read = percentile(bars_of(durations), share)

    lower, upper = width_at(exact)
    assert lower - ROUNDING <= read <= upper + ROUNDING


def test_it_reads_evenly_spread_durations_almost_exactly():
    durations = [number / 1000 for number in range(1, 60_001)]

    bars = bars_of(durations)

    assert percentile(bars, 0.5) == pytest.approx(30.0, rel=0.01)
    assert percentile(bars, 0.95) == pytest.approx(57.0, rel=0.01)


def test_it_says_nothing_about_nothing():
    assert percentile({}, 0.5) is None
    assert percentile({1.0: 0}, 0.5) is None


def test_it_claims_no_more_than_the_open_bar_knows():
    assert percentile({inf: 3}, 0.5) == UPPERS[-2]


@pytest.mark.parametrize("upper", UPPERS[:-1])
def test_it_puts_a_duration_that_just_keeps_a_promise_under_it(upper):
    assert upper_of(upper) == upper
    assert upper_of(upper * 1.0001) > upper
