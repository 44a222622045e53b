"""Barriers to employment (WIOA 3(24)), each with the PIRL elements that report it."""

from students.wioa.eligibility.criteria import UNKNOWN, Case, Criterion, any_of, claimed, judged
from students.wioa.eligibility.dislocated_worker import displaced_homemaker
from students.wioa.eligibility.gates import aged
from students.wioa.eligibility.income import basic_skills, low_income
from students.wioa.eligibility.rules import RULES
from students.wioa.eligibility.verdicts import truth

OLDER = 55
LONG_TERM = 27  # weeks without work, PIRL 402
CLAIMED = {
    "barrier_native": "native",
    "barrier_disability": "disability",
    "barrier_offender": "offender",
    "barrier_foster_care": "foster_care",
    "barrier_english_learner": "english_learner",
    "barrier_culture": "cultural_barriers",
    "barrier_farmworker": "farmworker",
    "barrier_tanf": "tanf_ends_within_two_years",
    "barrier_single_parent": "single_parent",
}
ELEMENTS: dict[str, tuple[str, ...]] = {
    "barrier_displaced_homemaker": ("807",),
    "barrier_low_income": ("802",),
    "barrier_native": ("211", "214"),
    "barrier_disability": ("202",),
    "barrier_older": ("200",),
    "barrier_offender": ("801",),
    "barrier_homeless": ("800",),
    "barrier_foster_care": ("704",),
    "barrier_english_learner": ("803",),
    "barrier_literacy": ("804",),
    "barrier_culture": ("805",),
    "barrier_farmworker": ("808",),
    "barrier_tanf": ("601",),
    "barrier_single_parent": ("806",),
    "barrier_unemployed": ("402",),
}


def barriers(case: Case) -> tuple[Criterion, ...]:
    """Return every barrier with its verdict, in the order of the law."""
    homeless = [claimed(case, "barrier_homeless", "homeless"), claimed(case, "barrier_homeless", "runaway")]
    judgments = {
        "barrier_displaced_homemaker": any_of("barrier_displaced_homemaker", [displaced_homemaker(case)]),
        "barrier_low_income": any_of("barrier_low_income", [low_income(case)]),
        "barrier_older": aged(case, "barrier_older", OLDER),
        "barrier_homeless": any_of("barrier_homeless", homeless),
        "barrier_literacy": any_of("barrier_literacy", [basic_skills(case)]),
        "barrier_unemployed": _long_term_unemployed(case),
        **{key: claimed(case, key, name) for key, name in CLAIMED.items()},
    }
    return tuple(judgments[key] for key in ELEMENTS)


def _long_term_unemployed(case: Case) -> Criterion:
    key, weeks = "barrier_unemployed", case.facts.weeks_unemployed
    verdict = UNKNOWN if weeks is None else truth(weeks >= LONG_TERM)
    return judged(case, key, verdict, RULES[key].title, ("weeks_unemployed",))
