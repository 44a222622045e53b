"""The facts about WIOA that are most often implemented wrong, each by name.

Income only for priority and the date of Selective Service are facts of eligibility; that the report of providers counts
all students is one of its own.
"""

from datetime import date, timedelta

import pytest

from students.wioa.calendar import quarter_after_exit
from students.wioa.indicators.facts import Gain, facts_of
from students.wioa.indicators.rules import Indicator
from students.wioa.participation import Readiness, Received, build
from students.wioa.pirl.schema import development_schema
from students.wioa.programs import Program
from students.wioa.services import SERVICES
from tests.students.wioa.records import counts, exiter, figure, reason, trainee

pytestmark = pytest.mark.once
START = date(2025, 3, 3)


def test_quarters_after_exit_are_calendar_quarters():
    """Not three months from the day of the exit: who leaves on the first and on the last day shares all four."""
    for exited in (date(2026, 1, 1), date(2026, 3, 31)):
        assert [str(quarter_after_exit(exited, number)) for number in (1, 2, 3, 4)] == [
            "2026 Q2",
            "2026 Q3",
            "2026 Q4",
            "2027 Q1",
        ]


def test_an_exit_is_dated_back_to_the_last_qualifying_service():
    """Neither the 90th day after it nor the day on which somebody closed the case."""
    services = [
        Received(START + timedelta(days=days), Program.ADULT, SERVICES[code])
        for days, code in ((0, "employment_plan"), (41, "training"), (70, "follow_up"))
    ]

    (period,) = build(services, [Readiness(Program.ADULT, START)], on=START + timedelta(days=132), common_exit=())

    assert period.exited_on == START + timedelta(days=41)


def test_an_ordinary_exit_is_written_00_and_not_left_blank():
    """Blank falls out of the indicators of who exited; 00 stays in."""
    assert counts(Indicator.EMPLOYED_Q2, exiter(e923="00")) == (1, 1)
    assert counts(Indicator.EMPLOYED_Q2, exiter(e923="")) == (0, 0)
    assert reason(Indicator.EMPLOYED_Q2, exiter(e923="")) == "exit_reason_blank"


def test_1807_is_postsecondary_and_1808_secondary():
    """Both are transcripts, whichever way round an attachment prints them."""
    gains = facts_of(trainee(e1807="20260101", e1808="20260202")).gains

    assert gains == ((Gain.TRANSCRIPT, date(2026, 1, 1)), (Gain.TRANSCRIPT, date(2026, 2, 2)))
    names = {element.number: element.name for element in development_schema().elements}
    assert "Postsecondary Transcript" in names["1807"]
    assert "Secondary Transcript" in names["1808"]


@pytest.mark.parametrize(("kind", "asked"), [("01", 0), ("05", 0), ("06", 1), ("10", 1)])
def test_on_the_job_and_customized_training_ask_for_no_credential(kind, asked):
    assert figure(Indicator.CREDENTIAL, exiter(e1303=kind)).denominator == asked


def test_on_the_job_training_beside_other_training_does():
    assert figure(Indicator.CREDENTIAL, exiter(e1303="01", e1310="06")).denominator == 1


def test_a_diploma_alone_is_no_success():
    jobless = exiter(e1800="1", e1600="0", e1602="0", e1604="0", e1606="0")

    assert counts(Indicator.CREDENTIAL, jobless) == (0, 1)
    assert counts(Indicator.CREDENTIAL, jobless | {"1606": "1"}) == (1, 1)


def test_not_yet_available_is_left_out_and_is_not_zero():
    known = [exiter(), exiter(e1602="0", e1704="000000.00")]
    unknown = exiter(e1602="9", e1603="5", e1704="999999.99")

    assert counts(Indicator.EMPLOYED_Q2, *known, unknown) == (1, 2)
    assert str(figure(Indicator.EARNINGS_Q2, *known, unknown).median) == "7500.00"


def test_every_period_is_a_record_and_a_person_is_counted_once_beside():
    """Element 100 is the person's for life; each exit counts in each indicator."""
    twice = [exiter(OBS="1", e901="20240801"), exiter(OBS="2", e900="20241201", e901="20250401")]

    found = figure(Indicator.EMPLOYED_Q2, *twice)

    assert (found.numerator, found.denominator, found.unique) == (2, 2, 1)


def test_who_is_in_two_programs_is_one_record_with_two_flags():
    record = exiter(e903="1", e904="1")

    per_program = [
        counts(Indicator.EMPLOYED_Q2, record, program=each) for each in (Program.ADULT, Program.DISLOCATED_WORKER)
    ]
    assert per_program == [(1, 1), (1, 1)]
    assert counts(Indicator.EMPLOYED_Q2, record, program=None) == (1, 1)
