"""Lengths of time as people read them."""

import pytest

from autopilot.reports.lengths import short, spoken

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "—"), (0, "0 ms"), (0.24, "240 ms"), (1, "1 s"), (4.2, "4.2 s"), (12.4, "12 s"), (90, "1.5 min"),
        (5400, "1.5 h"), (36_000, "10 h"), (259_200, "3 d"),
    ],
)  # fmt: skip
def test_it_is_short_in_a_table(seconds, told):
    assert short(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.5, "less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (90_000, "1 day"),
    ],
)
def test_it_is_whole_in_a_sentence(seconds, told):
    assert spoken(seconds) == told
