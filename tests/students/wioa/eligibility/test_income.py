"""Low income by each of its branches, the higher of two limits, and basic skills."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from students.wioa.eligibility import IncomeFigures, Result, shipped_guidelines
from students.wioa.eligibility.figures import LivingStandard
from students.wioa.eligibility.income import basic_skills, family_income, low_income, public_assistance
from tests.students.wioa.eligibility.cases import (
    ADULT,
    FIGURES,
    NO_ASSISTANCE,
    NOT_LOW_INCOME,
    TODAY,
    YOUTH,
    case,
    part,
)

pytestmark = pytest.mark.once
RICH = replace(ADULT, **NOT_LOW_INCOME)


def verdict(**facts):
    return low_income(case(replace(RICH, **facts))).verdict


def income(amount, figures=FIGURES, on=TODAY, **facts):
    person = replace(RICH, family_income=Decimal(amount), **facts)
    return family_income(case(person, figures=figures, on=on))


@pytest.mark.parametrize(
    "branch",
    [
        {"snap": True, "snap_last_on": TODAY},
        {"tanf": True, "tanf_last_on": TODAY},
        {"ssi": True, "ssi_last_on": TODAY},
        {"other_assistance": True, "other_assistance_last_on": TODAY},
        {"family_income": Decimal(1)},
        {"homeless": True},
        {"school_lunch": True},
        {"foster_payments": True},
        {"disability": True, "own_income": Decimal(0)},
    ],
)
def test_it_takes_any_branch_for_low_income(branch):
    assert verdict() == "not_met"
    assert verdict(**branch) == "met"


def test_it_counts_an_area_of_high_poverty_for_youth_alone():
    person = case(replace(RICH, high_poverty_area=True))

    assert low_income(person).verdict == "not_met"
    assert low_income(person, youth=True).verdict == "met"


@pytest.mark.parametrize(
    ("last", "expected"),
    [(date(2026, 5, 21), "met"), (date(2026, 5, 20), "not_met"), (TODAY, "met"), (date(2026, 11, 22), "not_met"), (None, "unknown")],
)  # fmt: skip
def test_it_looks_back_six_months_for_assistance(last, expected):
    person = replace(ADULT, **NO_ASSISTANCE | {"snap": True, "snap_last_on": last})

    assert public_assistance(case(person)).verdict == expected


def test_it_doubles_the_income_of_six_months():
    assert income(15000).verdict == "met"
    assert income("15000.01").verdict == "not_met"
    assert "30,000.02" in income("15000.01").because


def test_it_takes_the_higher_of_the_two_limits():
    low = replace(FIGURES.standards[0], amount=Decimal(20000))
    figures = IncomeFigures(FIGURES.guidelines, (low,))

    assert income(13660, figures).verdict == "met"  # 27,320 for three
    assert income("13660.01", figures).verdict == "not_met"


def test_it_denies_nothing_while_one_of_the_limits_is_missing():
    figures = IncomeFigures(FIGURES.guidelines)

    assert income(13660, figures).verdict == "met"
    assert income(13661, figures).result is Result.NEEDS_HUMAN
    assert "confirm" in income(13661, figures).because
    assert income(13661, figures, income_area=None).result is Result.NEEDS_DOCUMENT


def test_it_has_no_guideline_for_hawaii():
    assert income(10000, state="HI").verdict == "met"  # by the lower living standard
    assert income(10000, IncomeFigures(FIGURES.guidelines), state="HI").verdict == "unknown"


@pytest.mark.parametrize(
    ("state", "size", "on", "limit"),
    [
        ("IN", 1, date(2026, 1, 13), 15960),
        ("DC", 8, date(2026, 1, 13), 55720),
        ("AK", 2, date(2026, 11, 21), 27050),
        ("IN", 1, date(2026, 1, 12), 15650),
        ("IN", 4, date(2025, 1, 15), 32150),
        ("IN", 1, date(2025, 1, 14), None),
        ("AK", 1, date(2025, 6, 1), None),
        ("PR", 1, date(2026, 6, 1), None),
    ],
)
def test_it_knows_the_guideline_of_the_day(state, size, on, limit):
    known = IncomeFigures(shipped_guidelines()).limit(state=state, area=None, family_size=size, on=on)

    assert known.poverty == limit
    assert bool(known.sources) is (limit is not None)


def test_it_takes_the_standard_of_area_size_and_day():
    standard = LivingStandard("North", 2, Decimal(21000), date(2026, 6, 1), date(2026, 6, 30), "test")
    figures = IncomeFigures((), (standard,))

    def found(area="North", size=2, on=date(2026, 6, 30)):
        return figures.limit(state="IN", area=area, family_size=size, on=on).standard

    assert (found(), found(on=date(2026, 7, 1)), found(size=3), found(area="South")) == (21000, None, None, None)


def test_it_counts_a_disability_with_own_income_even_if_the_family_is_rich():
    assert verdict(disability=True, own_income=Decimal(7980)) == "met"
    assert verdict(disability=True, own_income=Decimal(9000)) == "unknown"  # no standard for one is on record
    assert verdict(disability=True) == "unknown"


def test_it_does_not_pass_what_is_said_without_proof():
    unproven = low_income(case(replace(RICH, homeless=True), evidence=frozenset()))

    assert (unproven.verdict, unproven.result) == ("unknown", Result.NEEDS_DOCUMENT)
    assert unproven.evidence == ("800",)


def test_it_tests_youth_alone_by_grade():
    person: dict[str, Any] = {"eighth_grade_or_below": True, "unable_to_function": False}

    assert basic_skills(case(replace(YOUTH, **person))).verdict == "met"
    assert basic_skills(case(replace(ADULT, **person))).verdict == "not_met"
    assert basic_skills(case(replace(ADULT, unable_to_function=True))).verdict == "met"
    assert part(basic_skills(case(ADULT)), "unable_to_function").result is Result.NEEDS_HUMAN


@pytest.mark.parametrize("wrong", [{"family_size": 0}, {"family_income": Decimal(-1)}, {"weeks_unemployed": -1}])
def test_it_refuses_figures_that_cannot_be(wrong):
    with pytest.raises(ValueError, match="cannot be"):
        replace(ADULT, **wrong)
