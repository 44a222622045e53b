"""Low income (WIOA 3(36)(A)), by any of its branches, and basic skills deficient (WIOA 3(5))."""

from datetime import date
from decimal import Decimal

from students.wioa.eligibility.criteria import MET, UNKNOWN, Case, Criterion, all_of, any_of, claimed, decided, judged
from students.wioa.eligibility.days import months_before
from students.wioa.eligibility.gates import aged
from students.wioa.eligibility.rules import RULES
from students.wioa.eligibility.verdicts import Verdict, every, truth

MONTHS = 6
HALVES_OF_A_YEAR = 2
BENEFITS = ("snap", "tanf", "ssi", "other_assistance")
LIMIT_UNKNOWN = (
    "The limit is not on record for this place, family and day; confirm it with your state and import the figures."
)


def low_income(case: Case, *, youth: bool = False) -> Criterion:
    """Judge low income; youth have it too where they live in an area of high poverty (WIOA 129(a)(2))."""
    branches = [
        public_assistance(case),
        family_income(case),
        claimed(case, "homeless", "homeless"),
        claimed(case, "school_lunch", "school_lunch"),
        claimed(case, "foster_payments", "foster_payments"),
        all_of("own_income_with_disability", [claimed(case, "disability", "disability"), own_income(case)]),
    ]
    if youth:
        branches.append(claimed(case, "high_poverty_area", "high_poverty_area"))
    return any_of("low_income", branches)


def public_assistance(case: Case) -> Criterion:
    """Judge whether the person or the family has had assistance within six months before the determination."""
    return any_of("public_assistance", [_benefit(case, name) for name in BENEFITS])


def family_income(case: Case) -> Criterion:
    """Judge the income of the family, doubled to a year, against the limit of its size."""
    return _within(case, "family_income", "family_income", case.facts.family_size, ("family_size",))


def own_income(case: Case) -> Criterion:
    """Judge a person's own income, doubled to a year, against the limit for one."""
    return _within(case, "own_income", "own_income", 1, ())


def basic_skills(case: Case) -> Criterion:
    """Judge whether somebody is basic skills deficient; the test by grade is for youth, the other one for everybody."""
    tested = [aged(case, "youth_age", 14, 25), claimed(case, "eighth_grade", "eighth_grade_or_below")]
    unable = _proven_judgment(case, "unable_to_function", "unable_to_function")
    return any_of("basic_skills", [all_of("youth_skills", tested), unable])


def _benefit(case: Case, name: str) -> Criterion:
    received: bool | None = getattr(case.facts, name)
    last: date | None = getattr(case.facts, f"{name}_last_on")
    recent = None if last is None else months_before(case.on, MONTHS) <= last <= case.on
    return judged(case, name, every((truth(received), truth(recent))), RULES[name].title, (name, f"{name}_last_on"))


def _within(case: Case, key: str, name: str, size: int | None, more: tuple[str, ...]) -> Criterion:
    income: Decimal | None = getattr(case.facts, name)
    names = (name, *more, "state", "income_area")
    if income is None or size is None:
        return judged(case, key, UNKNOWN, RULES[key].title, (name, *more))
    facts = case.facts
    limit = case.figures.limit(state=facts.state, area=facts.income_area, family_size=size, on=case.on)
    admitted = limit.admits(income * HALVES_OF_A_YEAR)
    if admitted is None:
        unknown = tuple(each for each in names if getattr(facts, each) is None)
        return Criterion(RULES[key], UNKNOWN, LIMIT_UNKNOWN, names, unknown, human=not unknown)
    higher = f"{RULES[key].title}: {income * HALVES_OF_A_YEAR:,.2f} a year against {max(limit.known):,.2f}"
    return judged(case, key, truth(admitted), higher, names)


def _proven_judgment(case: Case, key: str, name: str) -> Criterion:
    """Return what a person judges and must prove."""
    criterion = decided(case, key, name)
    return judged(case, key, Verdict.MET, RULES[key].title, (name,)) if criterion.verdict is MET else criterion
