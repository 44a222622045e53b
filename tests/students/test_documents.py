"""The papers of an enrollment: made of what is stored, refused with what to enter, and the same when made again."""

from datetime import timedelta
from decimal import Decimal

import pytest

from autopilot.documents import archive
from autopilot.exceptions import Invalid
from programs.models import Program, SessionRule
from students.models import Enrollment
from students.services import documents
from students.services.attendance import Entry, record_attendance
from students.services.enrollments import withdraw
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import week_ending
from tests.autopilot.documents.samples import text_of
from tests.students.samples import active, cohort, coordinator, school, session

pytestmark = pytest.mark.django_db
TERMS = {"attendance_percent": 90, "cancel_days": 3, "refund_policy": "Tuition is given back by the hour.",
         "tuition": Decimal(5400), "fees": Decimal(180)}  # fmt: skip


def trainee(**terms) -> Enrollment:
    """Return somebody who trains in a program with terms."""
    spring = cohort(school())
    Program.objects.filter(pk=spring.program_id).update(**(TERMS | terms))
    SessionRule.objects.create(cohort=spring, weekday=0, starts_at="09:00", ends_at="13:00")
    return active(spring)


def reported(enrollment: Enrollment, presence: str = "present") -> None:
    """Record a meeting of three weeks ago, and report its week."""
    meeting = session(enrollment.cohort, days_ago=21)
    record_attendance(meeting, [Entry(enrollment.pk, presence)], by=None)
    facts = ReportFacts(Decimal(4), skills="Fades and shears.", progress={enrollment.pk: "Steady hands."})
    submit_weekly_report(
        enrollment.cohort, ending=week_ending(meeting.date), facts=facts, by=coordinator(enrollment.holder)
    )


def text(document) -> str:
    """Return what a document says, in one line."""
    return " ".join(text_of(archive.read(document)).split())


def test_it_makes_the_agreement_of_what_is_stored():
    enrollment = trainee()

    made = documents.enrollment_agreement(enrollment.pk)

    said = text(made)
    assert "Between Ann1 Lee and Harbor Trades School, Inc., for Barber training" in said
    assert "Monday, 9:00 AM to 1:00 PM" in said
    assert "All costs $5,580.00 Paid by WIOA $5,580.00 You pay $0.00" in said
    assert "at least 90 percent" in said
    assert "Tuition is given back by the hour." in said
    assert made.tenant_id == enrollment.holder_id


def test_the_same_facts_make_the_same_agreement():
    enrollment = trainee()

    first, again = (documents.enrollment_agreement(enrollment.pk) for _ in range(2))

    assert first == again


def test_who_pays_alone_owes_all_of_it():
    enrollment = trainee()
    Enrollment.objects.filter(pk=enrollment.pk).update(funding="self_pay")

    said = text(documents.enrollment_agreement(enrollment.pk))

    assert "Paid by others $0.00 You pay $5,580.00" in said


def test_it_says_what_the_program_must_say_first():
    enrollment = trainee(attendance_percent=None, refund_policy=" ")

    with pytest.raises(Invalid, match="needs the least attendance and the refund policy"):
        documents.enrollment_agreement(enrollment.pk)


def test_it_makes_no_agreement_of_what_has_ended():
    enrollment = trainee()
    withdraw(enrollment, reason="Moved away.", by=coordinator(enrollment.holder))

    with pytest.raises(Invalid, match="withdrawn"):
        documents.enrollment_agreement(enrollment.pk)


def test_it_tells_how_a_student_stands():
    enrollment = trainee()
    reported(enrollment)

    said = text(documents.progress_report(enrollment.pk))

    assert "On track" in said
    assert "4 of 1,500" in said
    assert "100%" in said
    assert "Steady hands." in said
    assert "Fades and shears." in said


@pytest.mark.parametrize(("presence", "verdict"), [("absent", "No activity"), ("present", "On track")])
def test_the_verdict_follows_the_hours(presence, verdict):
    enrollment = trainee()
    reported(enrollment, presence)

    assert verdict in text(documents.progress_report(enrollment.pk))


def test_who_missed_earlier_weeks_is_behind():
    enrollment = trainee()
    for days in (35, 28):
        session(enrollment.cohort, days_ago=days)
    reported(enrollment)

    assert "Behind" in text(documents.progress_report(enrollment.pk))


def test_a_correction_makes_another_report():
    enrollment = trainee()
    reported(enrollment)
    first = documents.progress_report(enrollment.pk)
    record_attendance(enrollment.attendance.get().session, [Entry(enrollment.pk, "late", Decimal(3))], by=None)

    again = documents.progress_report(enrollment.pk)

    assert again != first
    assert "3 of 1,500" in text(again)


def test_it_needs_a_report_first():
    enrollment = trainee()
    Enrollment.objects.filter(pk=enrollment.pk).update(started_on=enrollment.cohort.starts_on + timedelta(days=1))

    with pytest.raises(Invalid, match="Write the report first"):
        documents.progress_report(enrollment.pk)
