"""Lengths of time as handlers write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopilot.engine.durations import LONGEST, UNITS, duration

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta(0)),  # not waiting at all is a length too
        ("007d", timedelta(days=7)),  # leading zeros mean nothing
        ("36525d", LONGEST),  # the longest that is accepted
        (timedelta(minutes=3), timedelta(minutes=3)),  # given as what it is
    ],
)
def test_it_reads_a_length_of_time(written, meant):
    assert duration(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "24",  # no unit
        "h",  # no number
        "24 h",  # a blank
        "24H",  # upper case could mean anything
        "1.5h",  # no fractions: write 90m
        "-1h",
        "1d12h",  # one number, one unit: write 36h
        "24h\n",
        "٣h",  # digits, but not ours
        "1y",  # years and months differ in length
        24,
        None,
    ],
)
def test_it_says_what_to_write_instead(written):
    with pytest.raises(ValueError, match='Write a number and a unit, as "90s"'):
        duration(written)


@pytest.mark.parametrize("length", ["36526d", "999999999999w", timedelta(seconds=-1), timedelta.max])
def test_it_refuses_lengths_that_no_date_survives(length):
    with pytest.raises(ValueError, match="between nothing and a hundred years"):
        duration(length)


@given(number=st.integers(0, 5000), unit=st.sampled_from("smhdw"))
def test_it_multiplies_the_number_and_the_unit(number, unit):
    assert duration(f"{number}{unit}") == number * UNITS[unit]


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{1,20}[a-z]", fullmatch=True)))
def test_it_raises_nothing_but_a_clear_error(text):
    try:
        said = str(duration(text))
    except ValueError as refusal:
        said = str(refusal)

    assert "length of time" in said or duration(text) >= timedelta(0)
