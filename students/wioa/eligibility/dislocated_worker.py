"""Dislocated workers, by the categories A to E of WIOA 3(15)."""

from students.wioa.eligibility.criteria import (
    UNKNOWN,
    Case,
    Criterion,
    all_of,
    any_of,
    claimed,
    decided,
    denied,
    judged,
)
from students.wioa.eligibility.gates import gates
from students.wioa.eligibility.rules import RULES
from students.wioa.eligibility.verdicts import every, truth

CLOSES_WITHIN = 180  # days from the announcement
CLOSES_LATER = (
    "The workplace closes more than 180 days after the announcement: services other than training alone; "
    "confirm with your state which."
)


def dislocated_worker(case: Case) -> Criterion:
    """Judge whether somebody is eligible as a dislocated worker."""
    return all_of("dislocated_worker", [dislocation(case), *gates(case)])


def dislocation(case: Case) -> Criterion:
    """Judge the five categories."""
    categories = [
        _separated_from_work(case),
        _closure(case),
        claimed(case, "self_employed", "self_employment_lost"),
        displaced_homemaker(case),
        _military_spouse(case),
    ]
    return any_of("dislocation", categories)


def displaced_homemaker(case: Case) -> Criterion:
    """Judge category D, which is a barrier to employment as well."""
    parts = [
        claimed(case, "homemaker_work", "unpaid_homemaker"),
        claimed(case, "homemaker_support", "lost_support"),
        claimed(case, "underemployed", "underemployed"),
    ]
    return all_of("displaced_homemaker", parts)


def _separated_from_work(case: Case) -> Criterion:
    """Judge category A; who leaves the Armed Forces other than dishonorably is in it."""
    benefits = [
        claimed(case, "unemployment_compensation", "unemployment_compensation"),
        claimed(case, "attachment", "attached_to_workforce"),
    ]
    laid_off = [
        claimed(case, "separation", "separated"),
        any_of("unemployment", benefits),
        decided(case, "unlikely_to_return", "unlikely_to_return"),
    ]
    member = [
        claimed(case, "separating_member", "separating_member"),
        denied(case, "separating_member", "dishonorable_discharge"),
    ]
    return any_of("separated_from_work", [all_of("laid_off", laid_off), all_of("separating_member", member)])


def _closure(case: Case) -> Criterion:
    """Judge category B."""
    return any_of("closure", [claimed(case, "closed", "closure_or_layoff"), _announced(case)])


def _announced(case: Case) -> Criterion:
    facts, rule = case.facts, RULES["announced_closure"]
    names = ("closure_announced", "closure_announced_on", "workplace_closes_on")
    days = None
    if facts.closure_announced_on and facts.workplace_closes_on:
        days = (facts.workplace_closes_on - facts.closure_announced_on).days
    soon = True if days is not None and days <= CLOSES_WITHIN else None
    verdict = every((truth(facts.closure_announced), truth(soon)))
    if verdict is UNKNOWN and facts.closure_announced and days is not None:
        return Criterion(rule, UNKNOWN, CLOSES_LATER, names, human=True)
    return judged(case, rule.key, verdict, rule.title, names)


def _military_spouse(case: Case) -> Criterion:
    """Judge category E."""
    work = [
        claimed(case, "relocated", "lost_job_by_relocation"),
        claimed(case, "underemployed", "underemployed"),
    ]
    return all_of("military_spouse", [claimed(case, "spouse", "military_spouse"), any_of("spouse_work", work)])
