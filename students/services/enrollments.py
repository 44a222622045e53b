"""Enroll students, and move their enrollments through their life; none without an executed MOU, none beyond the seats."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from programs.models import Cohort, CohortStatus, Holder, HolderStatus
from programs.services.mous import require_executed_mou
from students.facts import StudentFacts
from students.models import (
    Agreement,
    Enrollment,
    EnrollmentStatus,
    EnrollmentStatusChange,
    Funding,
    Student,
    WaitingPlace,
)

APPLIED = "students.enrollment.applied"
MOVED = "students.enrollment.moved"
PROMOTE = "enrollment.promote"
LONGEST_REASON = 1000
Status = EnrollmentStatus

LEGAL_MOVES: dict[str, frozenset[str]] = {
    Status.APPLIED: frozenset({Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN}),
    Status.ACCEPTED: frozenset({Status.ACTIVE, Status.WITHDRAWN, Status.TRANSFERRED}),
    Status.ACTIVE: frozenset({Status.COMPLETED, Status.WITHDRAWN, Status.TRANSFERRED}),
    Status.DECLINED: frozenset(),
    Status.COMPLETED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.TRANSFERRED: frozenset(),
}
OPEN = frozenset({Status.APPLIED, Status.ACCEPTED, Status.ACTIVE, Status.COMPLETED})
# Who has asked for a seat has none before somebody accepts.
SEATED = frozenset({Status.ACCEPTED, Status.ACTIVE, Status.COMPLETED})
REASONED = frozenset({Status.DECLINED, Status.WITHDRAWN, Status.TRANSFERRED})
TAKES_STUDENTS = frozenset({CohortStatus.OPEN, CohortStatus.RUNNING})
CLOSED_HOLDERS = frozenset({HolderStatus.SUSPENDED, HolderStatus.TERMINATED})


@transaction.atomic
def enroll(
    cohort: Cohort, *, student: StudentFacts, by: User | None, funding: str = Funding.WIOA, reference: str = ""
) -> Enrollment:
    """Enter somebody's wish for a seat in a cohort, for the holder to accept or decline.

    A student of the same holder with the same e-mail address is the same person. `reference` is the holder's own number
    for the enrollment. Raises ValidationError with fields that do not fit, or with a code: `mou_not_executed`,
    `holder_closed`, `cohort_closed`, `cohort_full`, `already_enrolled`, `reference_used`.
    """
    locked = require_seat(cohort)
    person = student_of(locked.program.holder, student)
    reference = reference.strip()
    require_unknown(locked, person, reference)
    enrollment = Enrollment(
        student=person, cohort=locked, holder=locked.program.holder, funding=funding, reference=reference
    )
    enrollment.clean_fields()
    enrollment.save(force_insert=True)
    _record(enrollment, "", by=by, reason="")
    emit(APPLIED, tenant_id=enrollment.holder_id, enrollment_id=enrollment.pk)
    return enrollment


@transaction.atomic
def enroll_and_accept(
    cohort: Cohort, *, student: StudentFacts, by: User, funding: str = Funding.WIOA, reference: str = ""
) -> Enrollment:
    """Give somebody a seat at once, as a holder does with its own students; raises ValidationError as `enroll` does."""
    enrollment = enroll(cohort, student=student, by=by, funding=funding, reference=reference)
    accept(enrollment, by=by)
    return enrollment


@transaction.atomic
def accept(enrollment: Enrollment, *, by: User) -> None:
    """Give an applicant a seat; raises ValidationError as `enroll` and `move_enrollment` do."""
    require_seat(enrollment.cohort)
    move_enrollment(enrollment, Status.ACCEPTED, by=by, accepted_at=clock.now(), accepted_by=by)


def decline(enrollment: Enrollment, *, reason: str, by: User) -> None:
    """Refuse an applicant a seat, with the reason; raises ValidationError as `move_enrollment` does."""
    move_enrollment(enrollment, Status.DECLINED, by=by, reason=reason)


@transaction.atomic
def activate(enrollment: Enrollment, *, by: User, on: date | None = None) -> None:
    """Begin somebody's training, on a day that is not in the future; today in the cohort's time zone unless given.

    Raises ValidationError with the code `future`, `agreement_not_signed` where ENROLLMENT_AGREEMENT_REQUIRED asks for it,
    or as `enroll` and `move_enrollment` do.
    """
    require_open_door(enrollment.holder)
    _require_agreement(enrollment)
    began = _past_day(enrollment, on)
    move_enrollment(enrollment, Status.ACTIVE, by=by, started_on=began)


def complete(enrollment: Enrollment, *, by: User, on: date | None = None) -> None:
    """End somebody's training as completed; raises ValidationError as `activate` does, or with `before_start`."""
    move_enrollment(enrollment, Status.COMPLETED, by=by, ended_on=_end(enrollment, on))


def withdraw(enrollment: Enrollment, *, reason: str, by: User, on: date | None = None) -> None:
    """End an enrollment before its time, with the reason; the seat is free again. Raises ValidationError as `complete`."""
    move_enrollment(enrollment, Status.WITHDRAWN, by=by, reason=reason, ended_on=_end(enrollment, on))


@transaction.atomic
def transfer(enrollment: Enrollment, to: Cohort, *, reason: str, by: User, on: date | None = None) -> Enrollment:
    """Let somebody go on in another cohort, in one act: the old enrollment ends, and the new one has a seat.

    Who trains goes on training from the day, unless an agreement must be signed first. Returns the new enrollment.
    Raises ValidationError with the code `same_cohort`, or as `complete`, `enroll` and `move_enrollment` do.
    """
    if to.pk == enrollment.cohort_id:
        raise ValidationError("The student is in this cohort already. Choose another.", code="same_cohort")
    was_active, ended = enrollment.status == Status.ACTIVE, _end(enrollment, on)
    locked = require_seat(to)
    require_unknown(locked, enrollment.student, "")
    move_enrollment(enrollment, Status.TRANSFERRED, by=by, reason=reason, ended_on=ended)
    made = seat(locked, enrollment.student, funding=enrollment.funding, by=by, origin=enrollment)
    if was_active and not settings.ENROLLMENT_AGREEMENT_REQUIRED:
        move_enrollment(made, Status.ACTIVE, by=by, started_on=ended)
    return made


def seat(
    cohort: Cohort, student: Student, *, funding: str, by: User | None = None, origin: Enrollment | None = None
) -> Enrollment:
    """Return a new accepted enrollment in a cohort that `require_seat` has locked, in the caller's transaction.

    `origin` is the enrollment that it goes on with.
    """
    made = Enrollment(
        student=student, cohort=cohort, holder=cohort.program.holder, funding=funding, status=Status.ACCEPTED,
        accepted_at=clock.now(), accepted_by=by, transferred_from=origin,
    )  # fmt: skip
    made.save(force_insert=True)
    _record(made, "", by=by, reason="")
    return made


@transaction.atomic
def move_enrollment(enrollment: Enrollment, to: str, *, by: User | None, reason: str = "", **changes: Any) -> None:
    """Move an enrollment on from where this object says it stands, with history, audit and word to its holder.

    `changes` are other columns that are set with the status. Raises ValidationError with the code `illegal_move`,
    `no_reason` for a decline, withdrawal or transfer without one, or `moved_meanwhile` when somebody was first.
    """
    origin, reason = enrollment.status, reason.strip()
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"An enrollment that is {origin} cannot become {to}.", code="illegal_move")
    if to in REASONED:
        if not reason:
            raise ValidationError("Give a reason; it stands in the history.", code="no_reason")
        if len(reason) > LONGEST_REASON:
            raise ValidationError(f"Shorten the reason to {LONGEST_REASON:,} characters.", code="reason")
        changes["reason"] = reason
    if not Enrollment.objects.filter(pk=enrollment.pk, status=origin).update(status=to, **changes):
        raise ValidationError(
            "Somebody else has changed this enrollment meanwhile. Look at it again.", code="moved_meanwhile"
        )
    enrollment.refresh_from_db(fields=["status", *changes])
    change = _record(enrollment, origin, by=by, reason=reason)
    if origin in SEATED and to not in SEATED:
        fill_seats(enrollment.cohort_id, freed_by=change.pk)
    emit(MOVED, tenant_id=enrollment.holder_id, enrollment_id=enrollment.pk, change_id=change.pk)


def require_open_door(holder: Holder) -> None:
    """Raise ValidationError unless a holder may take students: `mou_not_executed` or `holder_closed`."""
    require_executed_mou(holder)
    if holder.status in CLOSED_HOLDERS:
        raise ValidationError(
            f"This organization is {holder.status} and takes no students. Ask the network’s staff.",
            code="holder_closed",
        )


def require_seat(cohort: Cohort, seats: int = 1) -> Cohort:
    """Return a cohort, locked until the transaction ends, that has so many seats free, under a holder that may enroll.

    Raises ValidationError with the code `mou_not_executed`, `holder_closed`, `cohort_closed` or `cohort_full`.
    """
    locked = Cohort.objects.select_for_update(of=("self",)).select_related("program__holder").get(pk=cohort.pk)
    require_open_door(locked.program.holder)
    if locked.status not in TAKES_STUDENTS:
        raise ValidationError(
            f"The cohort {locked.name} is {locked.get_status_display().lower()}. Open it for enrollment, or choose "
            "another cohort.",
            code="cohort_closed",
        )
    free = seats_left(locked)
    if free < seats:
        raise ValidationError(
            f"The cohort {locked.name} has {locked.capacity} seats, of which {max(free, 0)} are free, and {seats} are "
            "needed. Choose another cohort, or give this one more seats.",
            code="cohort_full",
        )
    return locked


def fill_seats(cohort_id: UUID, *, freed_by: int) -> None:
    """Have a free seat offered to whoever waits for it, if anybody does; `freed_by` is the change that freed it."""
    if WaitingPlace.objects.filter(cohort=cohort_id, left_at=None).exists():
        holder = Cohort.objects.values_list("program__holder_id", flat=True).get(pk=cohort_id)
        enqueue(PROMOTE, tenant_id=holder, unique_key=f"seat:{freed_by}", cohort_id=cohort_id)


def seats_left(cohort: Cohort) -> int:
    """Return how many seats of a cohort nobody has yet."""
    return cohort.capacity - seats_taken(cohort)


def seats_taken(cohort: Cohort) -> int:
    """Return how many students have a seat in a cohort."""
    return Enrollment.objects.filter(cohort=cohort, status__in=SEATED).count()


def today_at(cohort: Cohort) -> date:
    """Return the current day in a cohort's own time zone."""
    return clock.now().astimezone(ZoneInfo(cohort.time_zone)).date()


def checked_student(facts: StudentFacts) -> Student:
    """Return a student who is not stored yet; raises ValidationError with a message per field that does not fit."""
    student = Student(**facts.columns())
    student.clean_fields()
    return student


def student_of(holder: Holder, facts: StudentFacts) -> Student:
    """Return the student of a holder whom facts describe, known by the e-mail address, else made; raises ValidationError."""
    made = checked_student(facts)
    # Only among the holder's own: an address must not open what another holder has entered.
    theirs = Q(enrollments__holder=holder) | Q(waiting__holder=holder)
    own = Student.objects.filter(theirs, email=made.email) if made.email else Student.objects.none()
    found = own.order_by("created_at").first()
    if found is None:
        made.save(force_insert=True)
    return found or made


def require_unknown(cohort: Cohort, student: Student, reference: str) -> None:
    """Raise ValidationError with the code `already_enrolled` or `reference_used` for what is in the cohort already."""
    here = Enrollment.objects.filter(cohort=cohort)
    if here.filter(student=student, status__in=OPEN).exists():
        raise ValidationError("This student is in the cohort already.", code="already_enrolled")
    if reference and here.filter(reference=reference).exists():
        raise ValidationError(
            f"The reference {reference} belongs to another enrollment of this cohort.", code="reference_used"
        )


def _require_agreement(enrollment: Enrollment) -> None:
    if not settings.ENROLLMENT_AGREEMENT_REQUIRED:
        return
    if not Agreement.objects.filter(enrollment=enrollment, signed_at__isnull=False).exists():
        raise ValidationError(
            "The student has not signed the enrollment agreement. Ask them to sign it in their portal first.",
            code="agreement_not_signed",
        )


def _past_day(enrollment: Enrollment, on: date | None) -> date:
    today = today_at(enrollment.cohort)
    if on is not None and on > today:
        raise ValidationError("The day is in the future. Enter it when it has come.", code="future")
    return on or today


def _end(enrollment: Enrollment, on: date | None) -> date:
    ended = _past_day(enrollment, on)
    if enrollment.started_on is not None and ended < enrollment.started_on:
        raise ValidationError(f"The training began on {enrollment.started_on:%B %-d, %Y}.", code="before_start")
    return ended


def _record(enrollment: Enrollment, origin: str, *, by: User | None, reason: str) -> EnrollmentStatusChange:
    change = EnrollmentStatusChange.objects.create(
        enrollment=enrollment,
        from_status=origin,
        to_status=enrollment.status,
        reason=reason,
        actor_label=by.get_username() if by else "",
    )
    # The reason may tell of the person: it stands in the history, which is theirs, and not in the audit.
    audit.record(by, f"students.enrollment.{enrollment.status}", enrollment)
    return change
