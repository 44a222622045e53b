"""Records from facts: what is known is written as the schema asks, what is not is blank or says so."""

from datetime import date
from decimal import Decimal

import pytest

from students.wioa.participation import Exclusion, Period, Received
from students.wioa.pirl.engine import Engine
from students.wioa.pirl.record import Credential, Facts, Gain, Outcome, Training, is_reported, record
from students.wioa.pirl.schema import development_schema
from students.wioa.programs import Program
from students.wioa.services import SERVICES

pytestmark = pytest.mark.once
ENDS = date(2026, 6, 30)
ANSWERS = {"200": "19900101", "201": "2", "400": "0", "408": "1", "407": "12", "409": "5", "804": ""}


def period(entered=date(2024, 7, 1), exited=date(2025, 1, 31), exclusion=Exclusion.NONE, programs=(Program.ADULT,)):
    last = exited or date(2026, 6, 1)
    return Period(frozenset(programs), entered, last, last, exited, exclusion, ())


def received(code, on, program=Program.ADULT):
    return Received(on, program, SERVICES[code])


def facts(**more):
    services = [
        received("initial_assessment", date(2024, 7, 1)),
        received("employment_plan", date(2024, 7, 20)),
        received("comprehensive_assessment", date(2025, 1, 31)),
    ]
    known = {"person": "P0000000001A", "period": period(), "answers": ANSWERS, "services": services}
    return Facts(**(known | more))


def test_it_writes_a_record_that_passes_every_check():
    training = Training("06", date(2024, 8, 1), date(2025, 1, 15), completed=True, provider="Example", outcome="3",
                        cip="51.3902", account=True)  # fmt: skip
    known = facts(
        trainings=[training], enrolled_on=date(2024, 8, 1), completed_on=date(2025, 1, 15), postsecondary=False,
        gains={Gain.MILESTONE: date(2024, 11, 15)}, credentials=[Credential("4", date(2025, 1, 20))],
        outcomes={number: Outcome("1", "1", Decimal("8450")) for number in (1, 2, 3, 4)}, same_employer=True,
    )  # fmt: skip

    made = record(known, ENDS)

    assert Engine(development_schema(), ENDS).check_record(made | {"OBS": "1"}) == []
    assert (made["900"], made["901"], made["923"]) == ("20240701", "20250131", "00")
    assert (made["1302"], made["1303"], made["1308"], made["1307"]) == ("20240801", "06", "20250115", "1")
    assert (made["1001"], made["1003"], made["1200"], made["1201"]) == ("20240701", "20240701", "20240720", "20250131")
    assert (made["1602"], made["1603"], made["1704"], made["1618"]) == ("1", "1", "8450.00", "1")


def test_it_writes_00_for_an_ordinary_exit_and_nothing_before_one():
    assert record(facts(), ENDS)["923"] == "00"
    assert record(facts(period=period(exclusion=Exclusion.DECEASED)), ENDS)["923"] == "03"
    assert "923" not in record(facts(period=period(exited=None)), ENDS)


def test_it_tells_no_exit_before_ninety_days_have_gone_by():
    late = period(exited=date(2026, 4, 15))

    assert "901" not in record(facts(period=late), ENDS)
    assert "901" in record(facts(period=late), date(2026, 9, 30))


def test_it_leaves_blank_what_nobody_knows():
    made = record(facts(period=period(exited=None)), ENDS)

    assert "804" not in made
    assert not {"202", "300", "910", "918", "1332", "1401", "1811", "1600", "2700"} & made.keys()
    assert (made["1300"], made["1303"]) == ("0", "00")
    assert "1800" not in made
    assert record(facts(credentials=[]), ENDS)["1800"] == "0"


def test_it_says_that_somebody_trained_where_nobody_told_in_what():
    made = record(facts(services=[received("training", date(2024, 8, 1))]), ENDS)

    assert (made["1300"], made["1303"]) == ("1", "")


def test_it_says_that_wages_are_not_yet_available_until_they_never_came():
    exited = facts(period=period(exited=date(2025, 10, 15)))  # quarter 1 after exit is the first of 2026

    soon, later = record(exited, ENDS), record(exited, date(2026, 9, 30))

    assert (soon["1600"], soon["1601"], soon["1703"]) == ("9", "5", "999999.99")
    assert (later["1600"], later["1601"], later["1703"]) == ("0", "0", "0.00")
    assert (later["1602"], later["1603"], later["1704"]) == ("9", "5", "999999.99")


def test_it_counts_each_program_of_a_period_in_one_record():
    made = record(facts(period=period(programs=(Program.ADULT, Program.DISLOCATED_WORKER))), ENDS)

    assert (made["903"], made["904"], made["905"]) == ("1", "1", "0")


def test_it_dates_youth_by_their_first_service():
    services = [
        received("youth_mentoring", date(2024, 9, 1), Program.YOUTH),
        received("youth_tutoring", date(2024, 7, 1), Program.YOUTH),
    ]

    made = record(facts(period=period(programs=(Program.YOUTH,)), services=services), ENDS)

    assert (made["906"], made["1402"], made["1410"]) == ("20240701", "20240701", "20240901")


def test_it_reports_the_first_two_trainings_and_the_latest():
    trainings = [Training(f"0{number}", date(2024, number, 1)) for number in (9, 8, 2, 4)]

    made = record(facts(trainings=trainings), ENDS)

    assert (made["1303"], made["1310"], made["1315"]) == ("02", "04", "09")


def test_it_knows_nothing_of_what_came_after_the_period():
    known = facts(credentials=[Credential("4", date(2026, 7, 1))], enrolled_on=date(2026, 7, 2))

    assert record(known, ENDS)["1800"] == "0"
    assert "1811" not in record(known, ENDS)


@pytest.mark.parametrize(
    ("entered", "exited", "reported"),
    [
        (date(2026, 7, 1), None, False),
        (date(2020, 7, 1), None, True),
        (date(2020, 7, 1), date(2023, 12, 31), False),
        (date(2020, 7, 1), date(2024, 1, 1), True),
    ],
)
def test_it_reports_whoever_an_indicator_still_counts(entered, exited, reported):
    assert is_reported(period(entered, exited), ENDS) is reported
