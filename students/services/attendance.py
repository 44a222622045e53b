"""Attendance, session by session: who may be recorded, what may be said, and nothing of another person overwritten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Session
from students.models import Attendance, AttendanceChange, AttendanceStatus, Enrollment, EnrollmentStatus
from students.services.enrollments import today_at

RECORDED = "students.attendance.recorded"
ABSENT = frozenset({AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED})
NEVER_SAVED = ""


@dataclass(frozen=True)
class Entry:
    """What is said of one enrollment at one session.

    Without `hours` it is all of the session for who came, and none for who did not. `seen` is the version of the record
    that the writer looked at (`version_of`), or none for a writer that asks for no comparison.
    """

    enrollment_id: UUID
    presence: str
    hours: Decimal | None = None
    note: str = ""
    seen: str | None = None


class Conflict(ValidationError):
    """Somebody else has recorded some of it meanwhile; `enrollments` are those whose record is another now."""

    def __init__(self, enrollments: Collection[UUID]) -> None:
        text = "Somebody else has changed what is marked meanwhile. Look at it, and save again."
        super().__init__(text, code="changed_meanwhile")
        self.enrollments = frozenset(enrollments)


def expected_at(session: Session) -> QuerySet[Enrollment]:
    """Return the enrollments whose training covers the day of a session, in the order of their students' names."""
    began = Enrollment.objects.filter(cohort_id=session.cohort_id, started_on__lte=session.date)
    ended = Q(status__in=[EnrollmentStatus.COMPLETED, EnrollmentStatus.WITHDRAWN], ended_on__gte=session.date)
    covers = began.filter(Q(status=EnrollmentStatus.ACTIVE) | ended)
    return covers.select_related("student").order_by("student__last_name", "student__first_name", "id")


def version_of(attendance: Attendance | None) -> str:
    """Return what tells one state of a record from another; an empty text while there is no record."""
    return attendance.recorded_at.isoformat() if attendance else NEVER_SAVED


@transaction.atomic
def record_attendance(session: Session, entries: Sequence[Entry], *, by: User | None) -> int:
    """Record who was at a session; returns how many records are new or changed.

    What a changed record said before is kept. Raises ValidationError, with nothing recorded, with a code:
    `session_locked`, `session_cancelled`, `future_session`, `not_expected` for somebody who does not train on that day,
    `presence`, `hours`, or `changed_meanwhile` (a Conflict).
    """
    locked = open_session(session)
    expected = {enrollment.pk: enrollment for enrollment in expected_at(locked)}
    if not {entry.enrollment_id for entry in entries} <= expected.keys():
        raise ValidationError(
            "Some of these students do not train on this day. Open the list anew.", code="not_expected"
        )
    rows = Attendance.objects.filter(session=locked, enrollment__in=expected)
    records = {record.enrollment_id: record for record in rows}
    _require_unchanged(records, entries, locked)
    changed = sum(_record(locked, records.get(entry.enrollment_id), entry, by) for entry in entries)
    if changed:
        emit(RECORDED, tenant_id=_tenant_of(locked), session_id=locked.pk)
        audit.record(by, "students.attendance.recorded", locked, records=changed)
    return changed


@transaction.atomic
def lock_attendance(session: Session, *, by: User) -> None:
    """Close the attendance of a session; raises ValidationError as `record_attendance` does, or with `incomplete`."""
    locked = open_session(session)
    if expected_at(locked).exclude(attendance__session=locked).exists():
        raise ValidationError("Record every student first; then lock it.", code="incomplete")
    Session.objects.filter(pk=locked.pk).update(locked_at=clock.now())
    audit.record(by, "students.attendance.locked", locked)


@transaction.atomic
def unlock_attendance(session: Session, *, reason: str, by: User) -> None:
    """Open the attendance of a session again, with the reason; raises ValidationError without one."""
    if not reason.strip():
        raise ValidationError("Give a reason; it stands in the record.", code="no_reason")
    if Session.objects.filter(pk=session.pk, locked_at__isnull=False).update(locked_at=None):
        audit.record(by, "students.attendance.unlocked", session, reason=reason.strip()[:300])


def open_session(session: Session) -> Session:
    """Return a session, locked until the transaction ends, whose attendance may be recorded now; raises ValidationError."""
    locked = Session.objects.select_for_update(of=("self",)).select_related("cohort__program").get(pk=session.pk)
    require_open(locked)
    return locked


def require_open(session: Session) -> None:
    """Raise ValidationError where the attendance of a session, as this object stands, cannot be recorded."""
    if session.cancelled_at is not None:
        raise ValidationError("This session was cancelled; nobody attended it.", code="session_cancelled")
    if session.locked_at is not None:
        raise ValidationError("The attendance of this session is locked. An owner can open it.", code="session_locked")
    if session.date > today_at(session.cohort):
        raise ValidationError("This session is in the future. Record it when its day has come.", code="future_session")


def checked_hours(entry: Entry, session: Session) -> Decimal:
    """Return the hours an entry counts for; raises ValidationError with the code `presence` or `hours`."""
    if entry.presence not in AttendanceStatus.values:
        raise ValidationError(f"Choose one of: {', '.join(AttendanceStatus.labels)}.", code="presence")
    hours = entry.hours
    if hours is None:
        return Decimal(0) if entry.presence in ABSENT else session.hours
    if entry.presence in ABSENT and hours:
        raise ValidationError("Who was not there has no hours. Leave them blank.", code="hours")
    if not 0 <= hours <= session.hours or hours != round(hours, 2):
        raise ValidationError(f"Enter 0 to {session.hours} hours, with at most two decimals.", code="hours")
    return hours


def _require_unchanged(records: Mapping[UUID, Attendance], entries: Sequence[Entry], session: Session) -> None:
    """Raise Conflict where a record is not what its writer saw, unless it says what the writer says anyway."""
    other = [
        entry.enrollment_id
        for entry in entries
        if entry.seen is not None
        and entry.seen != version_of(records.get(entry.enrollment_id))
        and not _says(records.get(entry.enrollment_id), entry, session)
    ]
    if other:
        raise Conflict(other)


def _says(record: Attendance | None, entry: Entry, session: Session) -> bool:
    said = (entry.presence, checked_hours(entry, session), entry.note.strip())
    return record is not None and said == (record.presence, record.hours, record.note)


def _record(session: Session, record: Attendance | None, entry: Entry, by: User | None) -> bool:
    hours = checked_hours(entry, session)
    if _says(record, entry, session):
        return False
    if record is not None:
        _keep_what_it_said(record, by)
    row = record or Attendance(enrollment_id=entry.enrollment_id, session=session)
    row.presence, row.hours, row.note = entry.presence, hours, entry.note.strip()
    row.recorded_by, row.recorded_at = by, clock.now()
    row.clean_fields(exclude=["enrollment", "session", "recorded_by"])
    row.save()
    return True


def _keep_what_it_said(record: Attendance, by: User | None) -> None:
    AttendanceChange.objects.create(
        attendance=record,
        presence=record.presence,
        hours=record.hours,
        note=record.note,
        replaced_by_label=by.get_username() if by else "autopilot",
    )


def _tenant_of(session: Session) -> UUID:
    return session.cohort.program.holder_id
