"""Priority of service is an order and no denial; each barrier names its PIRL elements; the training test is judged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from students.wioa.eligibility import Program, Result, decide
from students.wioa.eligibility.barriers import ELEMENTS
from students.wioa.eligibility.priority import priority
from tests.students.wioa.eligibility.cases import ADULT, NOT_LOW_INCOME, YOUTH, case

pytestmark = pytest.mark.once
OTHERS = replace(ADULT, **NOT_LOW_INCOME, unable_to_function=False, covered_veteran=False, local_priority=False)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"covered_veteran": True, "homeless": True}, 1),
        ({"covered_veteran": True, "unable_to_function": True}, 1),
        ({"homeless": True}, 2),
        ({"covered_veteran": True}, 3),
        ({"local_priority": True}, 4),
        ({}, 5),
    ],
)
def test_it_orders_adults_and_denies_nobody(facts, level):
    person = case(replace(OTHERS, **facts))

    assert priority(person).level == level
    assert decide(person).programs[Program.ADULT].verdict == "met"


def test_it_names_the_range_while_facts_are_unknown():
    unknown = priority(case(replace(OTHERS, covered_veteran=None)))

    assert (unknown.best, unknown.worst, unknown.level) == (3, 5, None)
    assert unknown.as_json()["meaning"] == ""


@pytest.mark.parametrize(
    ("facts", "element"),
    [
        ({"unpaid_homemaker": True, "lost_support": True, "underemployed": True}, "807"),
        ({"homeless": True}, "802"),
        ({"native": True}, "211"),
        ({"disability": True}, "202"),
        ({"date_of_birth": date(1971, 11, 21)}, "200"),
        ({"offender": True}, "801"),
        ({"runaway": True}, "800"),
        ({"foster_care": True}, "704"),
        ({"english_learner": True}, "803"),
        ({"unable_to_function": True}, "804"),
        ({"cultural_barriers": True}, "805"),
        ({"farmworker": True}, "808"),
        ({"tanf_ends_within_two_years": True}, "601"),
        ({"single_parent": True}, "806"),
        ({"weeks_unemployed": 27}, "402"),
    ],
)
def test_it_names_the_element_of_each_barrier(facts, element):
    def met(person):
        return {ELEMENTS[each.rule.key][0] for each in decide(case(person)).barriers if each.verdict == "met"}

    assert element in met(replace(ADULT, **facts)) - met(ADULT)


@pytest.mark.parametrize(
    "facts", [{"date_of_birth": date(1971, 11, 22)}, {"weeks_unemployed": 26}, {"disability": False}]
)
def test_it_counts_no_barrier_short_of_its_limit(facts):
    verdicts = {each.rule.key: each.verdict for each in decide(case(replace(ADULT, **facts))).barriers}

    assert "not_met" in {verdicts["barrier_older"], verdicts["barrier_unemployed"], verdicts["barrier_disability"]}
    assert "met" not in verdicts.values()


def test_it_has_people_judge_who_may_receive_training():
    judged: dict[str, Any] = dict.fromkeys(
        ("self_sufficient_unlikely", "needs_training", "can_succeed", "in_demand", "other_grants_insufficient"), True
    )

    assert decide(case(ADULT)).training.result is Result.NEEDS_HUMAN
    assert decide(case(replace(ADULT, **judged))).training.verdict == "met"
    assert decide(case(replace(ADULT, **judged | {"in_demand": False}))).training.verdict == "not_met"


def test_it_writes_a_decision_as_json_with_every_criterion():
    written = decide(case(YOUTH)).as_json()
    adult = written["programs"]["adult"]

    assert (written["verdict"], written["on"], adult["result"]) == ("met", "2026-11-21", "pass")
    assert {"clause", "source", "effective_from", "because", "parts"} <= adult["parts"][0].keys()
