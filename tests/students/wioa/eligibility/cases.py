"""People for tests of eligibility: each proven and eligible, to be changed in the one fact that a test is about."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from students.wioa.documentation import TOPICS
from students.wioa.eligibility import (
    Cap,
    Case,
    Criterion,
    Facts,
    IncomeFigures,
    LivingStandard,
    LocalPolicy,
    Sex,
    shipped_guidelines,
)

TODAY = date(2026, 11, 21)
PROVEN = frozenset(TOPICS)
STANDARD = LivingStandard("Marion County", 3, Decimal(30000), date(2026, 6, 1), date(2027, 5, 31), "test")
FIGURES = IncomeFigures(shipped_guidelines(), (STANDARD,))
GATES: dict[str, Any] = {"sex": Sex.FEMALE, "work_authorized": True}
ADULT = Facts(date_of_birth=date(1990, 5, 4), **GATES)
YOUTH = replace(ADULT, date_of_birth=date(2008, 5, 4), homeless=True)
IN_SCHOOL = replace(YOUTH, attending_school=True)
OUT_OF_SCHOOL = replace(YOUTH, attending_school=False)
MAN = replace(ADULT, sex=Sex.MALE, selective_service_exempt=False)
NO_ASSISTANCE: dict[str, Any] = {"snap": False, "tanf": False, "ssi": False, "other_assistance": False}
NOT_LOW_INCOME: dict[str, Any] = {
    **NO_ASSISTANCE,
    "homeless": False,
    "school_lunch": False,
    "foster_payments": False,
    "disability": False,
    "high_poverty_area": False,
    "state": "IN",
    "income_area": "Marion County",
    "family_size": 3,
    "family_income": Decimal(90000),
}
POLICY = LocalPolicy("Two grades behind", Cap(0, 99), Cap(0, 99))


def case(facts: Facts = ADULT, *, on: date = TODAY, **given: Any) -> Case:
    """Return a case with everything proven and every figure and setting there, unless given otherwise."""
    settings: dict[str, Any] = {"evidence": PROVEN, "figures": FIGURES, "policy": POLICY} | given
    return Case(facts, on, **settings)


def part(criterion: Criterion, key: str) -> Criterion:
    """Return the first criterion of a rule within another."""
    return next(each for each in _all(criterion) if each.rule.key == key)


def _all(criterion: Criterion) -> list[Criterion]:
    return [criterion, *(deeper for each in criterion.parts for deeper in _all(each))]
