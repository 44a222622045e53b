"""Attendance: recorded for who trains, until it is locked; what is sent again keeps what stood before."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.models import AuditEntry, OutboxMessage
from programs.models import Session
from students.models import Attendance, AttendanceChange
from students.services.attendance import (
    RECORDED,
    Conflict,
    Entry,
    expected_at,
    lock_attendance,
    record_attendance,
    unlock_attendance,
    version_of,
)
from students.services.enrollments import complete, enroll_and_accept, withdraw
from tests.programs.samples import member_of
from tests.students.samples import active, applied, cohort, coordinator, school, session, student

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def ann(spring):
    return active(spring)


def refused(code, deed, *args, **kwargs):
    before = list(Attendance.objects.values()), list(AttendanceChange.objects.values())
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed(*args, **kwargs)
    assert refusal.value.code == code
    assert (list(Attendance.objects.values()), list(AttendanceChange.objects.values())) == before
    return refusal.value


def test_it_expects_who_trains_on_the_day(spring, clerk):
    there = active(spring, 1)
    active(spring, 2, since=clock.today())
    applied(spring, 3)
    enroll_and_accept(spring, student=student(4), by=clerk)
    done, gone = active(spring, 5), active(spring, 6)
    complete(done, by=clerk)
    withdraw(gone, reason="Moved.", by=clerk, on=clock.today() - timedelta(days=5))

    assert list(expected_at(session(spring, 3))) == [there, done]


@pytest.mark.parametrize(
    ("presence", "hours", "counted"),
    [
        ("present", None, "4.00"),
        ("late", "3.5", "3.5"),
        ("absent", None, "0"),
        ("excused", "0", "0"),
        ("present", "0", "0"),
    ],
)
def test_it_counts_hours(spring, ann, clerk, presence, hours, counted):
    said = Entry(ann.pk, presence, Decimal(hours) if hours else None, " Sick. ")
    meeting = session(spring)

    assert record_attendance(meeting, [said], by=clerk) == 1

    record = Attendance.objects.get(session=meeting)
    assert (record.presence, record.hours, record.note) == (presence, Decimal(counted), "Sick.")
    assert record.recorded_by == clerk
    assert OutboxMessage.objects.filter(topic=RECORDED, tenant_id=ann.holder_id).count() == 1
    assert AuditEntry.objects.get(name="students.attendance.recorded").data == {"records": 1}


@pytest.mark.parametrize(
    ("presence", "hours", "code"),
    [("there", None, "presence"), ("present", "4.01", "hours"), ("late", "-1", "hours"), ("absent", "1", "hours"),
     ("late", "1.234", "hours")],
)  # fmt: skip
def test_it_refuses_what_cannot_be(spring, ann, clerk, presence, hours, code):
    said = Entry(ann.pk, presence, Decimal(hours) if hours else None)

    refused(code, record_attendance, session(spring), [said], by=clerk)


def test_nobody_is_recorded_who_does_not_train_there(spring, ann, clerk):
    other = active(cohort(school(ein="35-7654321")), 2)

    for stranger in (other, applied(spring, 3)):
        refused(
            "not_expected", record_attendance, session(spring, stranger.student.first_name == "Ann2"),
            [Entry(ann.pk, "present"), Entry(stranger.pk, "present")], by=clerk,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"days_ago": -1}, "future_session"), ({"cancelled_at": clock.now()}, "session_cancelled"),
     ({"locked_at": clock.now()}, "session_locked")],
)  # fmt: skip
def test_a_closed_session_takes_nothing(spring, ann, clerk, facts, code):
    meeting = session(spring, **facts)

    refused(code, record_attendance, meeting, [Entry(ann.pk, "present")], by=clerk)
    refused(code, lock_attendance, meeting, by=clerk)


def test_today_is_the_cohorts_own(spring, ann, clerk):
    spring.time_zone = "Pacific/Kiritimati"
    spring.save()
    here = clock.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    meeting = session(spring, (clock.today() - here).days)

    assert record_attendance(meeting, [Entry(ann.pk, "present")], by=clerk) == 1


def test_what_is_sent_again_keeps_what_stood(spring, ann, clerk):
    meeting = session(spring)
    record_attendance(meeting, [Entry(ann.pk, "absent", note="No call.")], by=clerk)

    assert record_attendance(meeting, [Entry(ann.pk, "late", Decimal(3))], by=clerk) == 1
    assert record_attendance(meeting, [Entry(ann.pk, "late", Decimal(3))], by=clerk) == 0

    change = AttendanceChange.objects.get()
    assert (change.presence, change.hours, change.note) == ("absent", Decimal(0), "No call.")
    assert change.replaced_by_label == clerk.get_username()
    for deed in (AttendanceChange.objects.all().delete, lambda: AttendanceChange.objects.update(note="")):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()


def test_two_who_write_at_once_lose_nothing_silently(spring, ann, clerk):
    meeting, ben = session(spring), active(spring, 2)
    other = member_of(spring.program.holder, "coordinator", username="other")
    record_attendance(meeting, [Entry(ann.pk, "absent", seen=""), Entry(ben.pk, "present", seen="")], by=other)

    refusal = refused(
        "changed_meanwhile", record_attendance, meeting,
        [Entry(ann.pk, "present", seen=""), Entry(ben.pk, "present", seen="")], by=clerk,
    )  # fmt: skip

    assert isinstance(refusal, Conflict)
    assert refusal.enrollments == {ann.pk}
    seen = version_of(Attendance.objects.get(enrollment=ann))
    assert record_attendance(meeting, [Entry(ann.pk, "present", seen=seen)], by=clerk) == 1


def test_it_is_locked_when_all_are_recorded_and_opened_with_a_reason(spring, ann, clerk):
    meeting = session(spring)
    refused("incomplete", lock_attendance, meeting, by=clerk)
    record_attendance(meeting, [Entry(ann.pk, "present")], by=clerk)
    lock_attendance(meeting, by=clerk)
    refused("session_locked", record_attendance, meeting, [Entry(ann.pk, "absent")], by=clerk)

    refused("no_reason", unlock_attendance, meeting, reason=" ", by=clerk)
    unlock_attendance(meeting, reason="Ann was there.", by=clerk)

    assert Session.objects.get(pk=meeting.pk).locked_at is None
    assert record_attendance(meeting, [Entry(ann.pk, "absent")], by=clerk) == 1
