"""What everybody in Title I must pass: age, authorization to work, and Selective Service."""

from datetime import date, timedelta

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
    judged,
)
from students.wioa.eligibility.days import birthday, has_reached
from students.wioa.eligibility.facts import Sex
from students.wioa.eligibility.rules import RULES
from students.wioa.eligibility.verdicts import truth

FIRST_BIRTH_DATE = date(1960, 1, 1)  # WIOA 189(h) with 50 USC 3802: who is born before it never had to register
LEAST, MOST = 18, 26  # must be registered from the one birthday until the day before the other
GRACE = timedelta(days=30)  # after the 18th birthday
AUTOMATIC_FROM = RULES["automatic_registration"].effective_from


def aged(case: Case, key: str, least: int, before: int | None = None) -> Criterion:
    """Judge an age on the day of the determination: `least` reached, and the birthday `before` not yet."""
    born = case.facts.date_of_birth
    if born is None:
        return judged(case, key, UNKNOWN, RULES[key].title, ("date_of_birth",))
    fits = has_reached(born, least, case.on) and not (before is not None and has_reached(born, before, case.on))
    return judged(case, key, truth(fits), RULES[key].title, ("date_of_birth",))


def work_authorization(case: Case) -> Criterion:
    """Judge whether the person may work; required since TEGL 10-23, Change 2."""
    rule = RULES["work_authorization"]
    if not rule.in_effect(case.on):
        return Criterion(rule, MET, "Not asked on this day: the rule came into effect later.")
    return claimed(case, rule.key, "work_authorized")


def selective_service(case: Case) -> Criterion:
    """Judge Selective Service, by the law of the day.

    Until 2026-12-17 men register themselves; from 2026-12-18 they are registered automatically, so that nobody who is
    under 26 on that day can fail to. Who reached 26 by then unregistered has a gap, which is judged as before.
    """
    born, sex = case.facts.date_of_birth, case.facts.sex
    if sex is Sex.FEMALE:
        return _not_asked("Only men must register.", ("sex",))
    if born is not None and born < FIRST_BIRTH_DATE:
        return _not_asked("Born before January 1, 1960.", ("date_of_birth",))
    if born is not None and not has_reached(born, LEAST, case.on):
        turns = birthday(born, LEAST)
        return _not_asked(f"Not yet 18; to be looked at again within 30 days of {turns}.", ("date_of_birth",))
    if born is None or sex is None:
        return judged(case, "selective_service", UNKNOWN, "Date of birth and sex", ("date_of_birth", "sex"))
    return _of_man(case, born)


def gates(case: Case) -> list[Criterion]:
    """Return what stands before every program beside its ages."""
    return [work_authorization(case), selective_service(case)]


def _of_man(case: Case, born: date) -> Criterion:
    if birthday(born, MOST) > AUTOMATIC_FROM and case.on >= AUTOMATIC_FROM:
        automatic = RULES["automatic_registration"]
        because = "Registered automatically, by law; nobody has to register."
        return _wrapped(Criterion(automatic, MET, because, ("date_of_birth",)))
    return _wrapped(_past(case) if has_reached(born, MOST, case.on) else _present(case, born))


def _present(case: Case, born: date) -> Criterion:
    """Judge a man from 18 through 25 who must have registered himself."""
    criterion = _registered_or_exempt(case, "registration")
    ends = birthday(born, LEAST) + GRACE
    if criterion.verdict is NOT_MET and case.on <= ends:
        because = f"Has until {ends} to register: 30 days from the 18th birthday."
        return Criterion(criterion.rule, UNKNOWN, because, criterion.facts, evidence=(criterion.rule.evidence,))
    return criterion


def _past(case: Case) -> Criterion:
    """Judge a man of 26 or older, who cannot register any more."""
    registered = _registered_or_exempt(case, "registration_gap")
    excused = decided(case, "registration_gap", "failure_excused")
    if excused.verdict is MET:
        excused = judged(case, "registration_gap", MET, "Failure was not knowing and willful", ("failure_excused",))
    return any_of("registration_gap", [registered, excused])


def _registered_or_exempt(case: Case, key: str) -> Criterion:
    registered = claimed(case, key, "selective_service_registered")
    return any_of(key, [registered, claimed(case, key, "selective_service_exempt")])


def _wrapped(criterion: Criterion) -> Criterion:
    return all_of("selective_service", [criterion])


def _not_asked(because: str, facts: tuple[str, ...]) -> Criterion:
    return Criterion(RULES["selective_service"], MET, because, facts)
