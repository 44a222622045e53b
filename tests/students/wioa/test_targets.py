"""How figures stand to their targets, and who would still count if somebody acted."""

from datetime import date
from decimal import Decimal

import pytest

from students.wioa.indicators.chances import chances
from students.wioa.indicators.facts import facts_of
from students.wioa.indicators.rules import Indicator
from students.wioa.indicators.targets import Standing, level_of, reached, standing
from tests.students.wioa.records import exiter, figure, trainee

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("level", "target", "found"),
    [
        ("77.0", "70", Standing.EXCEEDS),
        ("76.9", "70", Standing.MEETS),
        ("70.0", "70", Standing.MEETS),
        ("69.9", "70", Standing.BELOW),
        ("56.0", "70", Standing.BELOW),
        ("55.9", "70", Standing.CRITICAL),
        ("0.0", "70", Standing.CRITICAL),
        ("7499.99", "7500", Standing.BELOW),
    ],
)
def test_it_tells_how_far_a_figure_is_from_its_target(level, target, found):
    assert standing(Decimal(level), Decimal(target)) is found


@pytest.mark.parametrize(("level", "target"), [(None, Decimal(70)), (Decimal(70), None), (None, None)])
def test_it_judges_nothing_without_a_figure_or_a_target(level, target):
    assert (standing(level, target), reached(level, target)) == (Standing.UNKNOWN, None)


def test_it_compares_percents_and_for_earnings_dollars():
    assert level_of(figure(Indicator.EMPLOYED_Q2, exiter(), exiter(e1602="0"))) == Decimal("50.0")
    assert level_of(figure(Indicator.EARNINGS_Q2, exiter())) == Decimal("7500.00")
    assert level_of(figure(Indicator.EMPLOYED_Q2)) is None


def told(record, on: date):
    return [(each.indicator, each.last_day, each.days_left) for each in chances(facts_of(record), on=on)]


def test_it_finds_who_still_lacks_a_skill_gain():
    assert told(trainee(), date(2026, 6, 1)) == [(Indicator.GAINS, date(2026, 6, 30), 29)]
    assert told(trainee(e1809="20260501"), date(2026, 6, 1)) == []
    assert told(trainee(e1811=""), date(2026, 6, 1)) == []


def test_it_finds_who_can_still_attain_a_credential():
    record = exiter(e1800="0", e1801="")

    assert told(record, date(2025, 10, 1)) == [(Indicator.CREDENTIAL, date(2025, 10, 1), 0)]
    assert told(record, date(2025, 10, 2)) == []
    assert told(exiter(), date(2025, 10, 1)) == []
    assert told(record | {"1303": "01"}, date(2025, 10, 1)) == []
    assert told(record | {"923": "03"}, date(2025, 10, 1)) == []


def test_it_finds_whose_diploma_needs_employment_or_training():
    record = exiter(e1800="1", e1600="0", e1602="0", e1604="0", e1606="9")

    found = told(record, date(2025, 11, 1))

    assert (Indicator.CREDENTIAL, date(2025, 12, 31), 60) in found


def test_it_finds_whose_employment_is_not_known_in_a_quarter_that_is_not_over():
    record = exiter(e1602="9", e1606="9")

    assert told(record, date(2025, 5, 1)) == [
        (Indicator.EMPLOYED_Q2, date(2025, 6, 30), 60),
        (Indicator.EMPLOYED_Q4, date(2025, 12, 31), 244),
    ]
    assert told(exiter(), date(2025, 5, 1)) == []


def test_it_counts_placement_of_youth_as_done():
    youth = exiter(e903="0", e905="1", e1602="0", e1606="9", e1900="2")

    assert [indicator for indicator, _, _ in told(youth, date(2025, 5, 1))] == [Indicator.EMPLOYED_Q4]


def test_it_finds_nothing_for_who_is_no_participant():
    assert told(exiter(e903="4", e1606="9"), date(2025, 5, 1)) == []
