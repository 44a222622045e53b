"""Youth (WIOA 129(a)(1)): in school, where income always counts, and out of school, where it does in two branches."""

from students.wioa.eligibility.criteria import (
    MET,
    NOT_MET,
    UNKNOWN,
    Case,
    Criterion,
    all_of,
    any_of,
    claimed,
    decided,
    denied,
)
from students.wioa.eligibility.gates import aged, gates
from students.wioa.eligibility.income import basic_skills, low_income
from students.wioa.eligibility.policy import Cap
from students.wioa.eligibility.rules import RULES

BY_INCOME = {"graduate_with_low_skills", "assistance_with_low_income"}  # the branches of who is out of school
CONFIRM = "Confirm with your state"


def in_school_youth(case: Case) -> Criterion:
    """Judge whether somebody is eligible as in-school youth."""
    barriers = [
        basic_skills(case),
        claimed(case, "english_learner", "english_learner"),
        *_barriers_of_both(case),
        all_of("assistance_in_school", [_needs_assistance(case), _assistance_cap(case)]),
    ]
    parts = [
        claimed(case, "attending_school", "attending_school"),
        aged(case, "in_school_age", 14, 22),
        _income_or_exception(case),
        any_of("in_school_barrier", barriers),
    ]
    return all_of("in_school_youth", [*parts, *gates(case)])


def out_of_school_youth(case: Case) -> Criterion:
    """Judge whether somebody is eligible as out-of-school youth."""
    barriers = [
        claimed(case, "dropout", "dropout"),
        _absent_from_school(case),
        _graduate_with_low_skills(case),
        *_barriers_of_both(case),
        all_of("assistance_with_low_income", [_income_or_exception(case), _needs_assistance(case)]),
    ]
    parts = [
        denied(case, "not_attending_school", "attending_school"),
        aged(case, "out_of_school_age", 16, 25),
        any_of("out_of_school_barrier", barriers),
    ]
    return all_of("out_of_school_youth", [*parts, *gates(case)])


def _barriers_of_both(case: Case) -> list[Criterion]:
    homeless = [claimed(case, "homeless_or_runaway", "homeless"), claimed(case, "homeless_or_runaway", "runaway")]
    return [
        claimed(case, "offender", "offender"),
        any_of("homeless_or_runaway", homeless),
        claimed(case, "foster_care", "foster_care"),
        claimed(case, "pregnant_or_parenting", "pregnant_or_parenting"),
        claimed(case, "disability", "disability"),
    ]


def _absent_from_school(case: Case) -> Criterion:
    parts = [
        claimed(case, "compulsory_age", "compulsory_age"),
        claimed(case, "absent_last_quarter", "absent_last_quarter"),
    ]
    return all_of("compulsory_age_absence", parts)


def _graduate_with_low_skills(case: Case) -> Criterion:
    skills = any_of("skills_or_english", [basic_skills(case), claimed(case, "english_learner", "english_learner")])
    parts = [claimed(case, "diploma", "diploma"), _income_or_exception(case), skills]
    return all_of("graduate_with_low_skills", parts)


def _income_or_exception(case: Case) -> Criterion:
    granted = decided(case, "exception_granted", "income_exception")
    exception = [granted, _cap(case.policy.income_cap, "income_exception_cap")]
    return any_of("income_or_exception", [low_income(case, youth=True), all_of("income_exception", exception)])


def _needs_assistance(case: Case) -> Criterion:
    definition = RULES["local_definition"]
    written = case.policy.additional_assistance
    defined = (
        Criterion(definition, MET, f"The definition: {written}")
        if written
        else Criterion(definition, UNKNOWN, f"{CONFIRM}: no definition is on record.", human=True)
    )
    return all_of("needs_assistance", [claimed(case, "additional_assistance", "needs_assistance"), defined])


def _assistance_cap(case: Case) -> Criterion:
    return _cap(case.policy.assistance_cap, "additional_assistance_cap")


def _cap(cap: Cap | None, key: str) -> Criterion:
    if cap is None:
        return Criterion(RULES[key], UNKNOWN, f"{CONFIRM}: nobody has counted this program year.", human=True)
    told = f"{cap.admitted} of {cap.enrolled} people newly enrolled in this program year were admitted by it"
    if cap.has_room:
        return Criterion(RULES[key], MET, f"{told}; one more stays within 5 percent.")
    return Criterion(RULES[key], NOT_MET, f"{told}; one more would be over 5 percent.")


def relies_on_assistance_cap(in_school: Criterion) -> bool:
    """Return whether in-school youth are eligible only because they need additional assistance."""
    barriers = in_school.find("in_school_barrier")
    met = [part.rule.key for part in barriers.parts if part.verdict is MET] if barriers else []
    return in_school.verdict is MET and met == ["assistance_in_school"]


def relies_on_income_exception(youth: Criterion) -> bool:
    """Return whether youth are eligible only by the exception from low income."""
    income, barriers = youth.find("low_income"), youth.find("out_of_school_barrier")
    if youth.verdict is not MET or income is None or income.verdict is MET:
        return False
    met = {part.rule.key for part in barriers.parts if part.verdict is MET} if barriers else set()
    return barriers is None or met <= BY_INCOME
