"""Waiting lists: who asks for a seat in a full cohort waits in order, and gets the seat that becomes free."""

from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Cohort
from students.facts import StudentFacts
from students.models import Enrollment, Funding, WaitingPlace
from students.services import enrollments

PROMOTED, OFFERED = "students.enrollment.promoted", "students.enrollment.seat_offered"
LONGEST_REASON = 300


@transaction.atomic
def join_waiting_list(
    cohort: Cohort, *, student: StudentFacts, by: User | None, funding: str = Funding.WIOA
) -> WaitingPlace:
    """Let somebody wait for a seat in a cohort that is full; raises ValidationError as `enroll` does.

    Its own codes are `seats_free` where nobody need wait, and `waiting` for somebody who waits already.
    """
    locked = enrollments.require_seat(cohort, 0)
    if enrollments.seats_left(locked) > 0 and not waiting_for(locked).exists():
        raise ValidationError("There are free seats. Enroll the student.", code="seats_free")
    person = enrollments.student_of(locked.program.holder, student)
    enrollments.require_unknown(locked, person, "")
    if waiting_for(locked).filter(student=person).exists():
        raise ValidationError("This student is on the waiting list already.", code="waiting")
    place = WaitingPlace(cohort=locked, holder=locked.program.holder, student=person, funding=funding, added_by=by)
    place.clean_fields()
    place.save(force_insert=True)
    audit.record(by, "students.waiting_place.taken", place)
    return place


@transaction.atomic
def leave_waiting_list(place: WaitingPlace, *, reason: str, by: User) -> None:
    """Give a place up; raises ValidationError with the code `no_reason`, or `left` when it is no longer open."""
    if not reason.strip():
        raise ValidationError("Give a reason; it stays with the place.", code="no_reason")
    standing = WaitingPlace.objects.filter(pk=place.pk, left_at=None)
    if not standing.update(left_at=clock.now(), reason=reason.strip()[:LONGEST_REASON]):
        raise ValidationError("This place was taken or given up meanwhile.", code="left")
    audit.record(by, "students.waiting_place.left", place)


def waiting_for(cohort: Cohort) -> QuerySet[WaitingPlace]:
    """Return who waits for a cohort, the first first."""
    return WaitingPlace.objects.select_related("student").filter(cohort=cohort, left_at=None)


@transaction.atomic
def promote(cohort_id: UUID) -> list[UUID]:
    """Give every free seat of a cohort to whoever has waited longest; returns the new enrollments. Safe to repeat.

    Nobody is promoted while the cohort or its school takes no students.
    """
    try:
        cohort = enrollments.require_seat(Cohort.objects.get(pk=cohort_id))
    except ValidationError:
        return []
    first = list(waiting_for(cohort)[: enrollments.seats_left(cohort)])
    return [_promoted(cohort, place).pk for place in first]


def _promoted(cohort: Cohort, place: WaitingPlace) -> Enrollment:
    enrollment = enrollments.seat(cohort, place.student, funding=place.funding)
    WaitingPlace.objects.filter(pk=place.pk).update(left_at=clock.now(), enrollment=enrollment)
    emit(PROMOTED, tenant_id=enrollment.holder_id, enrollment_id=enrollment.pk)
    emit(OFFERED, tenant_id=enrollment.student_id, enrollment_id=enrollment.pk)
    return enrollment
