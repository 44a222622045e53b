"""Age, authorization to work, and Selective Service with its change on December 18, 2026."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from students.wioa.eligibility import Program, Result, Sex, decide
from students.wioa.eligibility.days import birthday, has_reached, months_before
from students.wioa.eligibility.gates import selective_service, work_authorization
from tests.students.wioa.eligibility.cases import ADULT, MAN, TODAY, case, part

pytestmark = pytest.mark.once
OLD_LAW, NEW_LAW = date(2026, 12, 17), date(2026, 12, 18)


def service(on=TODAY, proven=True, **facts):
    evidence: dict[str, Any] = {} if proven else {"evidence": frozenset[str]()}
    return selective_service(case(replace(MAN, **facts), on=on, **evidence)).verdict


@pytest.mark.parametrize(
    ("born", "verdict"),
    [(date(2008, 11, 21), "met"), (date(2008, 11, 22), "not_met"), (date(2008, 11, 20), "met"), (None, "unknown")],
)
def test_it_counts_an_adult_from_the_18th_birthday(born, verdict):
    assert decide(case(replace(ADULT, date_of_birth=born))).programs[Program.ADULT].verdict == verdict


def test_it_does_not_test_an_adult_by_income():
    adult = decide(case()).programs[Program.ADULT]

    assert adult.verdict == "met"
    assert not [name for name in adult.facts if "income" in name]


@pytest.mark.parametrize(
    ("born", "on", "reached"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2008, 2, 29), date(2028, 2, 29), True),
    ],
)
def test_it_gives_a_leap_day_a_birthday_every_year(born, on, reached):
    assert has_reached(born, on.year - 2008, on) is reached


def test_it_counts_months_back_to_a_day_that_exists():
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 5, 15), 6) == date(2025, 11, 15)
    assert birthday(date(2000, 12, 18), 26) == NEW_LAW


@pytest.mark.parametrize(
    ("authorized", "proven", "result"),
    [
        (True, True, Result.PASS),
        (True, False, Result.NEEDS_DOCUMENT),
        (False, True, Result.FAIL),
        (None, True, Result.NEEDS_DOCUMENT),
    ],
)
def test_it_wants_authorization_to_work_and_its_proof(authorized, proven, result):
    evidence: dict[str, Any] = {} if proven else {"evidence": frozenset[str]()}
    criterion = work_authorization(case(replace(ADULT, work_authorized=authorized), **evidence))

    assert criterion.result is result


def test_it_asked_for_no_authorization_before_the_rule_began():
    assert work_authorization(case(replace(ADULT, work_authorized=None), on=date(2025, 7, 9))).verdict == "met"
    assert work_authorization(case(replace(ADULT, work_authorized=None), on=date(2025, 7, 10))).verdict == "unknown"


@pytest.mark.parametrize(
    ("born", "verdict"), [(date(1959, 12, 31), "met"), (date(1960, 1, 1), "not_met"), (date(1960, 1, 2), "not_met")]
)
def test_it_asks_men_born_from_1960_on(born, verdict):
    assert service(date_of_birth=born, selective_service_registered=False, failure_excused=False) == verdict


def test_it_asks_no_woman():
    assert service(sex=Sex.FEMALE) == "met"
    assert service(sex=None, date_of_birth=date(1959, 1, 1)) == "met"
    assert service(sex=None) == "unknown"


@pytest.mark.parametrize(
    ("born", "verdict"),
    [
        (date(2008, 11, 22), "met"),  # 17, will be 18 tomorrow
        (date(2008, 11, 21), "unknown"),  # 18 today, has 30 days
        (date(2008, 10, 22), "unknown"),  # the 30th day
        (date(2008, 10, 21), "not_met"),
        (date(2000, 11, 22), "not_met"),  # the last day at 25
    ],
)
def test_it_wants_registration_from_18_through_25(born, verdict):
    assert service(date_of_birth=born, selective_service_registered=False) == verdict


def test_it_takes_a_registration_or_an_exemption_only_with_proof():
    born = date(2004, 1, 1)

    assert service(date_of_birth=born, selective_service_registered=True) == "met"
    assert service(date_of_birth=born, selective_service_registered=True, proven=False) == "unknown"
    assert service(date_of_birth=born, selective_service_registered=False, selective_service_exempt=True) == "met"


@pytest.mark.parametrize(("excused", "verdict"), [(True, "met"), (False, "not_met"), (None, "unknown")])
def test_it_has_somebody_judge_who_turned_26_unregistered(excused, verdict):
    gone = {"date_of_birth": date(2000, 11, 21), "selective_service_registered": False}
    assert service(**gone, failure_excused=excused) == verdict
    assert service(**gone, failure_excused=True, proven=False) == "unknown"


@pytest.mark.parametrize(("on", "verdict"), [(OLD_LAW, "not_met"), (NEW_LAW, "met")])
def test_it_ends_the_check_of_registration_when_registration_is_automatic(on, verdict):
    assert service(on, date_of_birth=date(2004, 1, 1), selective_service_registered=False) == verdict


@pytest.mark.parametrize(
    ("born", "verdict"), [(date(2000, 12, 18), "not_met"), (date(2000, 12, 19), "met"), (date(1990, 1, 1), "not_met")]
)
def test_it_keeps_the_rule_for_gaps_from_before(born, verdict):
    for on in (NEW_LAW, date(2028, 1, 1)):
        assert service(on, date_of_birth=born, selective_service_registered=False, failure_excused=False) == verdict


@pytest.mark.parametrize("on", [OLD_LAW, NEW_LAW])
@pytest.mark.parametrize("born", [date(2000, 12, 17), date(2000, 12, 18), date(2000, 12, 19), date(2004, 1, 1)])
def test_it_judges_by_a_rule_that_is_in_effect(on, born):
    criterion = selective_service(case(replace(MAN, date_of_birth=born, selective_service_registered=False), on=on))

    assert criterion.parts[0].rule.in_effect(on)
    assert part(criterion, criterion.parts[0].rule.key).because
