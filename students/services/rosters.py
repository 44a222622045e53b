"""Rosters: a file is read and shown; once it is confirmed, all its rows are imported in one transaction, or none."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from autopilot.exceptions import Invalid
from autopilot.sheets import desk
from autopilot.sheets.shapes import SheetUnusable
from programs.models import Cohort
from students.models import (
    Enrollment,
    EnrollmentStatus,
    EnrollmentStatusChange,
    RosterImport,
    RosterOutcome,
    RosterRow,
    RosterStatus,
    Student,
)
from students.services.enrollments import OPEN, require_seat
from students.services.roster_rows import understand

IMPORTED = "students.roster.imported"
AT_ONCE = 300  # rows that are imported while the person waits
BATCH = 500
KEPT_UNCONFIRMED = timedelta(days=1)


def read_roster(cohort: Cohort, *, content: bytes, file_name: str, by: User) -> RosterImport:
    """Read a file for a cohort and keep it to be confirmed; an earlier one of this cohort that nobody confirmed is gone.

    Nobody is enrolled by it. Call it outside a transaction: reading may take seconds. Raises ValidationError with the
    code of what keeps the cohort closed, or of what is wrong with the file as a whole.
    """
    require_seat_open(cohort)
    try:
        understood = understand(desk.read_table(content, file_name))
    except SheetUnusable as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from None
    roster = RosterImport(
        holder=cohort.program.holder, cohort=cohort, file_name=file_name[-200:], created_by=by,
        ignored_columns=understood.ignored_columns,
    )  # fmt: skip
    _keep(roster, understood.rows)
    return roster


@transaction.atomic
def confirm_roster(roster: RosterImport, *, by: User) -> None:
    """Import a roster that was shown: a short one at once, a long one in a job; one that was confirmed before stays so.

    Raises ValidationError with the code `roster_faulty` while rows are to be corrected, `roster_done`, or as
    `import_roster` does.
    """
    if roster.faulty:
        raise ValidationError("Correct the rows that are marked, and upload the file again.", code="roster_faulty")
    standing = RosterImport.objects.filter(pk=roster.pk, status=RosterStatus.SHOWN)
    if not standing.update(status=RosterStatus.IMPORTING, created_by=by):
        raise ValidationError("This import was confirmed or replaced already.", code="roster_done")
    roster.refresh_from_db()
    if roster.total <= AT_ONCE:
        import_roster(roster.pk)
        roster.refresh_from_db()
        return
    job = enqueue(
        "roster.import", tenant_id=roster.holder_id, requested_by=by, unique_key=f"roster:{roster.pk}",
        roster_id=roster.pk,
    )  # fmt: skip
    RosterImport.objects.filter(pk=roster.pk).update(job_id=job.pk)


@transaction.atomic
def check_batch(roster_id: UUID, start: int) -> int:
    """Compare the next rows with the cohort as it stands now; returns how many rows were compared so far."""
    roster = RosterImport.objects.select_for_update().get(pk=roster_id)
    rows = list(roster.rows.all()[start : start + BATCH])
    _compare(roster.cohort, rows)
    RosterRow.objects.bulk_update(rows, ["outcome"])
    RosterImport.objects.filter(pk=roster_id).update(checked=start + len(rows))
    return start + len(rows)


@transaction.atomic
def import_roster(roster_id: UUID) -> dict[str, int]:
    """Enroll every student of a roster who is not in the cohort yet, with a seat; returns how many were new and known.

    To run it again changes nothing. Raises ValidationError, with nothing changed, as `enroll` does; `cohort_full` is
    about all the seats that are needed.
    """
    roster = (
        RosterImport.objects.select_for_update(of=("self",)).select_related("cohort", "created_by").get(pk=roster_id)
    )
    if roster.status != RosterStatus.IMPORTING:
        return {"new": roster.new, "known": roster.known}
    cohort = require_seat(roster.cohort, 0)
    fresh = [
        row.pk for batch in _batches(roster) for row in _compare(cohort, batch) if row.outcome == RosterOutcome.NEW
    ]
    require_seat(cohort, len(fresh))
    for start in range(0, len(fresh), BATCH):
        keys = fresh[start : start + BATCH]
        _enroll_all(roster, list(RosterRow.objects.filter(pk__in=keys).order_by("line")))
    _finish(roster, new=len(fresh))
    return {"new": roster.new, "known": roster.known}


@transaction.atomic
def fail_roster(roster_id: UUID, *, problem: str) -> None:
    """Keep why an import did not come about; nobody was enrolled by it."""
    standing = RosterImport.objects.filter(pk=roster_id, status=RosterStatus.IMPORTING)
    standing.update(status=RosterStatus.FAILED, problem=problem[:300], finished_at=clock.now())
    RosterRow.objects.filter(roster=roster_id, roster__status=RosterStatus.FAILED).delete()


def find_roster(roster_id: UUID) -> int:
    """Return how many rows a roster has; raises Invalid, which ends a job for good, where there is none."""
    total = RosterImport.objects.filter(pk=roster_id).values_list("total", flat=True).first()
    if total is None:
        raise Invalid(f"There is no roster {roster_id}.")
    return total


def require_seat_open(cohort: Cohort) -> None:
    """Raise ValidationError unless a cohort takes students now."""
    with transaction.atomic():
        require_seat(cohort, 0)


@transaction.atomic
def _keep(roster: RosterImport, rows: list[RosterRow]) -> None:
    stale = RosterImport.objects.filter(status=RosterStatus.SHOWN)
    stale.filter(created_at__lt=clock.now() - KEPT_UNCONFIRMED).delete()
    stale.filter(cohort=roster.cohort).delete()
    _compare(roster.cohort, rows)
    outcomes = [row.outcome for row in rows]
    roster.total, roster.new = len(rows), outcomes.count(RosterOutcome.NEW)
    roster.known, roster.faulty = outcomes.count(RosterOutcome.KNOWN), outcomes.count(RosterOutcome.FAULTY)
    roster.save(force_insert=True)
    for row in rows:
        row.roster = roster
    RosterRow.objects.bulk_create(rows, batch_size=BATCH)


def _compare(cohort: Cohort, rows: list[RosterRow]) -> list[RosterRow]:
    """Mark the rows whose student is in the cohort already, by reference or by e-mail address; returns the rows."""
    here = Enrollment.objects.filter(cohort=cohort)
    emails = {row.email for row in rows if row.email}
    references = {row.reference for row in rows if row.reference}
    known_emails = set(here.filter(student__email__in=emails, status__in=OPEN).values_list("student__email", flat=True))
    known_references = set(here.filter(reference__in=references).values_list("reference", flat=True))
    for row in rows:
        if row.outcome != RosterOutcome.FAULTY:
            is_known = row.email in known_emails or row.reference in known_references
            row.outcome = RosterOutcome.KNOWN if is_known else RosterOutcome.NEW
    return rows


def _batches(roster: RosterImport) -> Iterator[list[RosterRow]]:
    last = 0
    while batch := list(roster.rows.filter(line__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].line


def _enroll_all(roster: RosterImport, rows: list[RosterRow]) -> None:
    own = Student.objects.filter(
        enrollments__holder=roster.holder_id, email__in={row.email for row in rows if row.email}
    )
    found = {student.email: student for student in own.order_by("-created_at")}
    made = [_student(row) for row in rows if row.email not in found]
    Student.objects.bulk_create(made)
    fresh = iter(made)
    enrollments = [_enrollment(roster, row, found.get(row.email) or next(fresh)) for row in rows]
    Enrollment.objects.bulk_create(enrollments)
    label = roster.created_by.get_username() if roster.created_by else ""
    EnrollmentStatusChange.objects.bulk_create(
        EnrollmentStatusChange(
            enrollment=each, from_status="", to_status=each.status, reason="Imported.", actor_label=label
        )
        for each in enrollments
    )


def _student(row: RosterRow) -> Student:
    return Student(first_name=row.first_name, last_name=row.last_name, email=row.email, phone=row.phone)


def _enrollment(roster: RosterImport, row: RosterRow, student: Student) -> Enrollment:
    now = clock.now()
    return Enrollment(
        student=student, cohort=roster.cohort, holder_id=roster.holder_id, status=EnrollmentStatus.ACCEPTED,
        funding=row.funding, reference=row.reference, applied_at=now, accepted_at=now, accepted_by=roster.created_by,
    )  # fmt: skip


def _finish(roster: RosterImport, *, new: int) -> None:
    roster.status, roster.new, roster.known = RosterStatus.IMPORTED, new, roster.total - new
    roster.checked, roster.finished_at = roster.total, clock.now()
    roster.save(update_fields=["status", "new", "known", "checked", "finished_at"])
    roster.rows.all().delete()  # what they said stands in the enrollments now
    emit(IMPORTED, tenant_id=roster.holder_id, roster_id=roster.pk)
    audit.record(roster.created_by, "students.roster.imported", roster, new=roster.new, known=roster.known)
