"""The invented participants: the same for the same seed, and nobody in them lives two periods at once."""

from itertools import groupby, pairwise

import pytest

from tests.students.wioa.participants import PERIOD_END, participants

pytestmark = pytest.mark.once


def test_it_invents_the_same_people_for_the_same_seed():
    assert list(participants(40, seed=1)) == list(participants(40, seed=1))
    assert list(participants(40, seed=1)) != list(participants(40, seed=2))


def test_it_invents_people_of_every_program_with_and_without_exit():
    rows = list(participants(600))

    assert all(any(row[program] in {"1", "2", "3"} for row in rows) for program in ("903", "904", "905"))
    assert {bool(row["901"]) for row in rows} == {True, False}
    assert any(row["918"] == "2" and not row["900"] for row in rows)
    assert {row["923"] for row in rows} >= {"", "00", "01", "05"}
    assert max(row["901"] for row in rows) <= f"{PERIOD_END:%Y%m%d}"


def test_it_gives_a_person_who_returns_a_later_period():
    rows = list(participants(600))

    returned = [list(periods) for _, periods in groupby(rows, key=lambda row: row["100"])]

    again = [periods for periods in returned if len(periods) > 1]
    assert again
    for periods in again:
        assert all(earlier["901"] < later["900"] for earlier, later in pairwise(periods))
