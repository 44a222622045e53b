"""Youth in and out of school: ages on the birthday, barriers, where income matters, and the two caps."""

from dataclasses import replace
from datetime import date

import pytest

from students.wioa.eligibility import Cap, LocalPolicy, Result
from students.wioa.eligibility.youth import in_school_youth, out_of_school_youth
from tests.students.wioa.eligibility.cases import IN_SCHOOL, NOT_LOW_INCOME, OUT_OF_SCHOOL, POLICY, case, part

pytestmark = pytest.mark.once
NO_BARRIER = dict.fromkeys(
    [
        "eighth_grade_or_below",
        "unable_to_function",
        "english_learner",
        "offender",
        "homeless",
        "runaway",
        "foster_care",
        "pregnant_or_parenting",
        "disability",
        "needs_assistance",
        "dropout",
        "compulsory_age",
        "absent_last_quarter",
        "diploma",
    ],
    False,
)
POOR = NOT_LOW_INCOME | {"school_lunch": True}


def in_school(policy=POLICY, **facts):
    return in_school_youth(case(replace(IN_SCHOOL, **facts), policy=policy)).verdict


def out_of_school(policy=POLICY, **facts):
    return out_of_school_youth(case(replace(OUT_OF_SCHOOL, **facts), policy=policy)).verdict


@pytest.mark.parametrize(
    ("born", "verdict"),
    [(date(2012, 11, 21), "met"), (date(2012, 11, 22), "not_met"), (date(2004, 11, 22), "met"), (date(2004, 11, 21), "not_met")],
)  # fmt: skip
def test_it_takes_in_school_youth_from_14_through_21(born, verdict):
    assert in_school(date_of_birth=born) == verdict


@pytest.mark.parametrize(
    ("born", "verdict"),
    [(date(2010, 11, 21), "met"), (date(2010, 11, 22), "not_met"), (date(2001, 11, 22), "met"), (date(2001, 11, 21), "not_met")],
)  # fmt: skip
def test_it_takes_out_of_school_youth_from_16_through_24(born, verdict):
    assert out_of_school(date_of_birth=born) == verdict


def test_it_keeps_those_in_and_out_of_school_apart():
    assert (in_school(attending_school=False), out_of_school(attending_school=True)) == ("not_met", "not_met")
    assert (in_school(attending_school=None), out_of_school(attending_school=None)) == ("unknown", "unknown")


BARRIERS_OF_BOTH = ["offender", "homeless", "runaway", "foster_care", "pregnant_or_parenting", "disability"]


@pytest.mark.parametrize(
    "barrier", [*BARRIERS_OF_BOTH, "eighth_grade_or_below", "unable_to_function", "english_learner", "needs_assistance"]
)
def test_it_takes_each_barrier_of_in_school_youth(barrier):
    without = POOR | NO_BARRIER

    assert in_school(**without) == "not_met"
    assert in_school(**without | {barrier: True}) == "met"


@pytest.mark.parametrize(
    "barrier", [{name: True} for name in [*BARRIERS_OF_BOTH, "dropout"]] + [{"compulsory_age": True, "absent_last_quarter": True}]
)  # fmt: skip
def test_it_asks_out_of_school_youth_about_income_in_two_branches_alone(barrier):
    rich = NOT_LOW_INCOME | NO_BARRIER | {"income_exception": False}

    assert out_of_school(**rich) == "not_met"
    assert out_of_school(**rich | barrier) == "met"


@pytest.mark.parametrize(
    "branch",
    [
        {"diploma": True, "english_learner": True},
        {"diploma": True, "eighth_grade_or_below": True},
        {"needs_assistance": True},
    ],
)
def test_it_wants_low_income_in_these_two_branches(branch):
    without = NO_BARRIER | branch

    assert out_of_school(**POOR | without) == "met"
    assert out_of_school(**NOT_LOW_INCOME | without | {"income_exception": False}) == "not_met"


def test_it_wants_low_income_of_in_school_youth():
    barrier = {"offender": True, "income_exception": False}

    assert in_school(**NOT_LOW_INCOME | barrier) == "not_met"
    assert in_school(**NOT_LOW_INCOME | barrier | {"income_exception": None}) == "unknown"


@pytest.mark.parametrize(
    ("cap", "verdict"), [(Cap(0, 19), "met"), (Cap(0, 18), "not_met"), (Cap(1, 39), "met"), (Cap(1, 38), "not_met"), (None, "unknown")]
)  # fmt: skip
def test_it_caps_the_income_exception_at_five_percent(cap, verdict):
    policy = replace(POLICY, income_cap=cap)

    assert in_school(policy, **NOT_LOW_INCOME, offender=True, income_exception=True) == verdict


@pytest.mark.parametrize(("cap", "verdict"), [(Cap(0, 19), "met"), (Cap(0, 18), "not_met"), (None, "unknown")])
def test_it_caps_additional_assistance_of_in_school_youth_at_five_percent(cap, verdict):
    policy = replace(POLICY, assistance_cap=cap)
    needs = POOR | NO_BARRIER | {"needs_assistance": True}

    assert in_school(policy, **needs) == verdict
    assert out_of_school(policy, **needs) == "met"


def test_it_leaves_the_definition_of_additional_assistance_to_the_state():
    needs = POOR | NO_BARRIER | {"needs_assistance": True}
    youth = out_of_school_youth(case(replace(OUT_OF_SCHOOL, **needs), policy=LocalPolicy()))
    definition = part(youth, "local_definition")

    assert (youth.verdict, youth.result) == ("unknown", Result.NEEDS_HUMAN)
    assert "Confirm with your state" in definition.because
