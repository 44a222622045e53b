"""Properties of the three values: what is unknown never passes, and to know more never turns a verdict around."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.wioa.documentation import TOPICS
from students.wioa.eligibility import RULES, Case, Decision, Facts, LocalPolicy, Sex, decide
from tests.students.wioa.eligibility.cases import FIGURES, POLICY, PROVEN, TODAY

pytestmark = pytest.mark.once
DAYS = st.dates(date(2026, 4, 1), date(2027, 2, 1))
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    date: DAYS,
    Sex: st.sampled_from(Sex),
    int: st.integers(1, 60),
    Decimal: st.decimals(0, 40000, places=2),
    str: st.sampled_from(["IN", "AK", "HI", "Marion County"]),
}
SPECIAL = {"date_of_birth": st.dates(date(1958, 1, 1), date(2014, 1, 1)), "family_size": st.integers(1, 5)}


def strategy(name: str, hint: Any) -> st.SearchStrategy[Any]:
    return SPECIAL[name] if name in SPECIAL else VALUES[get_args(hint)[0]]


HINTS = get_type_hints(Facts)
WHOLE = st.builds(Facts, **{name: strategy(name, hint) for name, hint in HINTS.items()})
NAMES = sorted(HINTS)
EVIDENCE = st.frozensets(st.sampled_from(sorted(PROVEN)))


def verdicts(decision: Decision) -> dict[str, str]:
    named = {program.value: criterion for program, criterion in decision.programs.items()}
    named |= {each.rule.key: each for each in decision.barriers}
    named |= {"low": decision.low_income, "skills": decision.basic_skills, "training": decision.training}
    return {name: criterion.verdict.value for name, criterion in named.items()}


def without(facts: Facts, names: set[str]) -> Facts:
    return replace(facts, **dict.fromkeys(names))


@settings(max_examples=60, deadline=None)
@given(WHOLE, st.sets(st.sampled_from(NAMES)), EVIDENCE, DAYS, st.booleans())
def test_it_never_turns_a_verdict_around_when_more_is_known(facts, hidden, proven, on, told):
    policy = POLICY if told else LocalPolicy()
    little = verdicts(decide(Case(without(facts, hidden), on, proven, FIGURES, policy)))
    much = verdicts(decide(Case(facts, on, PROVEN, FIGURES, POLICY)))

    assert {name: much[name] for name in little if little[name] != "unknown"} == {
        name: little[name] for name in little if little[name] != "unknown"
    }


@settings(max_examples=60, deadline=None)
@given(WHOLE, EVIDENCE, DAYS)
def test_it_finds_nobody_eligible_by_a_fact_that_is_unknown_or_unproven(facts, proven, on):
    decision = decide(Case(facts, on, proven, FIGURES, POLICY))

    for criterion in decision.programs.values():
        if criterion.verdict == "met":
            assert criterion.unknown == criterion.evidence == ()
        if criterion.verdict == "unknown":
            assert criterion.unknown or criterion.evidence or criterion.human


@settings(max_examples=40, deadline=None)
@given(WHOLE, DAYS)
def test_it_narrows_the_priority_and_never_moves_it_elsewhere(facts, on):
    def place(known):
        return decide(Case(known, on, PROVEN, FIGURES, POLICY)).priority

    whole, less = place(facts), place(without(facts, {"covered_veteran", "homeless", "snap"}))

    assert less.best <= whole.best <= whole.worst <= less.worst


@settings(max_examples=40, deadline=None)
@given(WHOLE, st.decimals(0, 20000, places=2))
def test_it_never_takes_low_income_from_who_earns_less(facts, less):
    richer = replace(facts, family_income=less + 5000, own_income=less + 5000)
    poorer = replace(facts, family_income=less, own_income=less)
    before, after = (decide(Case(each, TODAY, PROVEN, FIGURES, POLICY)).low_income.verdict for each in (richer, poorer))

    assert (before, after) != ("met", "not_met")
    assert before != "met" or after == "met"


def test_it_finds_nobody_eligible_of_whom_nothing_is_known():
    decision = decide(Case(Facts(), TODAY))

    assert decision.verdict == "unknown"
    assert set(verdicts(decision).values()) == {"unknown"}
    assert {"date_of_birth", "sex", "work_authorized"} <= set(decision.unknown())


def test_it_gives_every_rule_its_clause_its_source_and_known_evidence():
    assert all(rule.clause and rule.source and rule.title for rule in RULES.values())
    assert {rule.evidence for rule in RULES.values() if rule.evidence} <= TOPICS.keys()
    assert RULES["registration"].effective_to == date(2026, 12, 17)
    assert RULES["automatic_registration"].effective_from == date(2026, 12, 18)


def test_it_uses_every_fact_and_every_rule():
    decision = decide(Case(Facts(), date(2026, 12, 20)))
    criteria = [*decision.programs.values(), *decision.barriers, *decision.priority.criteria, decision.training]
    used = {name for criterion in criteria for name in criterion.facts}

    assert {each.name for each in fields(Facts)} - used <= {
        "selective_service_registered", "selective_service_exempt", "failure_excused", "closure_announced_on",
        "workplace_closes_on", "state", "income_area",
    }  # fmt: skip
