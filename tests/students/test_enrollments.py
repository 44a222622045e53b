"""Enrollments: behind the MOU, within the seats, and along the table of moves."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.models import AuditEntry, OutboxMessage
from programs.models import Cohort, CohortStatus, Holder, Mou
from students.models import Enrollment, EnrollmentStatus, EnrollmentStatusChange, Student
from students.services import enrollments
from students.services.enrollments import (
    LEGAL_MOVES,
    accept,
    activate,
    complete,
    decline,
    enroll,
    enroll_and_accept,
    move_enrollment,
    withdraw,
)
from tests.programs.samples import holder
from tests.students.samples import ROSA, active, applied, cohort, coordinator, school, student

pytestmark = pytest.mark.django_db
Status = EnrollmentStatus


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


def refused(code, deed, *args, **kwargs):
    """Check that a deed is refused with a code, in words, and changes nothing."""
    before = list(Enrollment.objects.values()), Student.objects.count()
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed(*args, **kwargs)
    assert refusal.value.code == code
    assert len(refusal.value.messages[0]) > 20
    assert (list(Enrollment.objects.values()), Student.objects.count()) == before


def test_it_enters_a_wish_for_a_seat(spring, clerk):
    enrollment = enroll(spring, student=ROSA, by=clerk, reference=" R-7 ")

    assert (enrollment.status, enrollment.reference) == (Status.APPLIED, "R-7")
    assert enrollment.holder == spring.program.holder
    assert enrollment.student.full_name == "Rosa Diaz"
    assert OutboxMessage.objects.filter(topic=enrollments.APPLIED, tenant_id=enrollment.holder_id).count() == 1
    entry = AuditEntry.objects.get(name="students.enrollment.applied")
    assert (entry.actor, entry.subject_id, entry.data) == (clerk, str(enrollment.pk), {})


@pytest.mark.parametrize("door", [enroll, enroll_and_accept])
def test_nobody_is_enrolled_without_an_executed_mou(clerk, spring, door):
    Mou.objects.update(status="terminated")

    refused("mou_not_executed", door, spring, student=ROSA, by=clerk)


def test_nobody_is_accepted_or_started_without_an_executed_mou(clerk, spring):
    waiting, accepted = applied(spring), enroll_and_accept(spring, student=student(2), by=clerk)
    Mou.objects.update(status="terminated")

    refused("mou_not_executed", accept, waiting, by=clerk)
    refused("mou_not_executed", activate, accepted, by=clerk)


@pytest.mark.parametrize("status", ["suspended", "terminated"])
def test_a_suspended_holder_takes_nobody(clerk, spring, status):
    Holder.objects.update(status=status)

    refused("holder_closed", enroll, spring, student=ROSA, by=clerk)


@pytest.mark.parametrize("status", [CohortStatus.PLANNED, CohortStatus.COMPLETED, CohortStatus.CANCELLED])
def test_a_closed_cohort_takes_nobody(clerk, spring, status):
    Cohort.objects.update(status=status)

    refused("cohort_closed", enroll, spring, student=ROSA, by=clerk)


def test_a_full_cohort_takes_nobody():
    small = cohort(school(), capacity=1)
    waiting = applied(small, 2)
    seated = _seat(small)

    refused("cohort_full", enroll, small, student=ROSA, by=None)
    refused("cohort_full", accept, waiting, by=seated.accepted_by)


def test_a_withdrawal_frees_the_seat():
    small = cohort(school(), capacity=1)
    seated = _seat(small)

    withdraw(seated, reason="Moved away.", by=seated.accepted_by)

    assert _seat(small, 3).status == Status.ACCEPTED


def _seat(small, number=1):
    return enroll_and_accept(small, student=student(number), by=coordinator_of(small))


def coordinator_of(small):
    member = small.program.holder.members.filter(role="coordinator").first()
    return member.user if member else coordinator(small.program.holder)


def test_one_student_is_in_a_cohort_once(spring, clerk):
    enroll(spring, student=ROSA, by=clerk)

    refused("already_enrolled", enroll, spring, student=student(1, email="ROSA.DIAZ@example.org"), by=clerk)


def test_a_reference_names_one_enrollment(spring, clerk):
    enroll(spring, student=ROSA, by=clerk, reference="R-7")

    refused("reference_used", enroll, spring, student=student(2), by=clerk, reference="R-7")


def test_the_same_address_is_one_student_of_a_holder_and_another_of_another(spring, clerk):
    first = enroll(spring, student=ROSA, by=clerk)
    again = enroll(cohort(spring.program.holder, "Fall"), student=ROSA, by=clerk)
    other = enroll(cohort(school(ein="35-7654321")), student=ROSA, by=None)

    assert first.student == again.student
    assert other.student != first.student


@pytest.mark.parametrize(
    "changes", [{"first_name": ""}, {"last_name": "x" * 81}, {"email": "nobody"}, {"phone": "1" * 25}]
)
def test_it_refuses_what_does_not_fit(spring, clerk, changes):
    with pytest.raises(ValidationError) as refusal:
        enroll(spring, student=student(1, **changes), by=clerk)

    assert list(refusal.value.message_dict) == list(changes)
    assert not Enrollment.objects.exists()


def test_it_goes_all_the_way(spring, clerk):
    enrollment = applied(spring)

    accept(enrollment, by=clerk)
    activate(enrollment, by=clerk, on=spring.starts_on)
    complete(enrollment, by=clerk)

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.accepted_by) == (Status.COMPLETED, clerk)
    assert (enrollment.started_on, enrollment.ended_on) == (spring.starts_on, enrollments.today_at(spring))
    steps = enrollment.status_changes.values_list("from_status", "to_status")
    assert list(steps) == [("", "applied"), ("applied", "accepted"), ("accepted", "active"), ("active", "completed")]


@pytest.mark.parametrize("origin", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_it_moves_by_the_table_alone(spring, clerk, origin, to):
    enrollment = applied(spring)
    Enrollment.objects.filter(pk=enrollment.pk).update(status=origin, reason="Kept.")
    enrollment.refresh_from_db()

    if to in LEGAL_MOVES[origin]:
        move_enrollment(enrollment, to, by=clerk, reason="So it is.")
        assert enrollment.status == to
    else:
        refused("illegal_move", move_enrollment, enrollment, to, by=clerk, reason="So it is.")


@pytest.mark.parametrize("deed", [decline, withdraw])
def test_it_ends_with_a_reason(spring, clerk, deed):
    refused("no_reason", deed, applied(spring), reason="  ", by=clerk)


def test_it_moves_once_when_two_hold_it(spring, clerk):
    enrollment = applied(spring)
    other = Enrollment.objects.get(pk=enrollment.pk)
    accept(enrollment, by=clerk)

    refused("moved_meanwhile", decline, other, reason="Too late.", by=clerk)


def test_days_are_not_in_the_future_and_in_order(spring, clerk):
    enrollment = enroll_and_accept(spring, student=ROSA, by=clerk)
    tomorrow = clock.today() + timedelta(days=2)

    refused("future", activate, enrollment, by=clerk, on=tomorrow)
    activate(enrollment, by=clerk)
    refused("before_start", complete, enrollment, by=clerk, on=spring.starts_on)


def test_what_has_happened_stands(spring):
    active(spring)

    for deed in (
        EnrollmentStatusChange.objects.all().delete,
        lambda: EnrollmentStatusChange.objects.update(reason="x"),
    ):
        with pytest.raises(DatabaseError, match=r"never (changed|deleted)"), transaction.atomic():
            deed()


def test_a_holder_without_mou_hears_what_helps():
    bare = cohort(holder())

    with pytest.raises(ValidationError, match="There is no MOU with this organization yet"):
        enroll(bare, student=ROSA, by=None)
