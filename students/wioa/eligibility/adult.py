"""Adults (WIOA 3(2)), whom the law does not test by income, and who may receive training (WIOA 134(c)(3)(A))."""

from students.wioa.eligibility.criteria import Case, Criterion, all_of, decided
from students.wioa.eligibility.gates import LEAST, aged, gates

TRAINING = {
    "not_self_sufficient": "self_sufficient_unlikely",
    "needs_training": "needs_training",
    "can_succeed": "can_succeed",
    "in_demand": "in_demand",
    "no_other_grants": "other_grants_insufficient",
}


def adult(case: Case) -> Criterion:
    """Judge whether somebody is eligible as an adult."""
    return all_of("adult", [aged(case, "adult_age", LEAST), *gates(case)])


def training(case: Case) -> Criterion:
    """Judge whether an adult or dislocated worker may receive training, after an interview or assessment."""
    return all_of("training", [decided(case, key, name) for key, name in TRAINING.items()])
