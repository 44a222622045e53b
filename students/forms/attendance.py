"""The grid of attendance: a row for each student of a session, read from what a browser sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.core.exceptions import ValidationError

from programs.models import Session
from students.models import Attendance, AttendanceStatus, Enrollment
from students.services.attendance import Entry, checked_hours, version_of

LONGEST_NOTE = 300


@dataclass
class GridRow:
    """One student in the grid: what is recorded, and what was entered last."""

    enrollment: Enrollment
    record: Attendance | None
    presence: str = AttendanceStatus.PRESENT
    hours: str = ""
    note: str = ""
    seen: str = ""
    errors: list[str] = field(default_factory=list)
    is_other: bool = False

    def entry(self) -> Entry:
        """Return what the row says; raises ValidationError for hours that are no number, or a note that is too long."""
        if len(self.note) > LONGEST_NOTE:
            raise ValidationError(f"Shorten the note to {LONGEST_NOTE} characters.", code="note")
        try:
            hours = Decimal(self.hours.replace(",", ".")) if self.hours.strip() else None
        except InvalidOperation:
            hours = Decimal("NaN")
        if hours is not None and not hours.is_finite():
            raise ValidationError("Enter the hours as a number, for example 3.5, or leave them blank.", code="hours")
        return Entry(self.enrollment.pk, self.presence, hours, self.note, self.seen)


class Grid:
    """The students of a session, each with what is recorded; everybody is present until something else is said."""

    def __init__(self, session: Session, enrollments: Sequence[Enrollment], posted: Mapping[str, str] | None = None):
        self.session = session
        records = {
            record.enrollment_id: record
            for record in Attendance.objects.select_related("recorded_by").filter(
                session=session, enrollment__in=[enrollment.pk for enrollment in enrollments]
            )
        }
        self.rows = [_row(session, each, records.get(each.pk), posted) for each in enrollments]

    def entries(self) -> list[Entry] | None:
        """Return what all rows say; None, with the errors in their rows, where any cannot be."""
        found = []
        for row in self.rows:
            try:
                found.append(entry := row.entry())
                checked_hours(entry, self.session)
            except ValidationError as refusal:
                row.errors = list(refusal.messages)
        return None if any(row.errors for row in self.rows) else found

    def mark_all(self, presence: str) -> None:
        """Enter one presence for everybody; it is not saved by that."""
        for row in self.rows:
            row.presence, row.hours = presence, ""

    def mark_others(self, enrollments: frozenset[UUID]) -> None:
        """Mark the rows that somebody else has recorded meanwhile; what they say now counts as seen."""
        for row in self.rows:
            row.is_other = row.enrollment.pk in enrollments
            row.seen = version_of(row.record) if row.is_other else row.seen

    @property
    def recorded(self) -> int:
        """How many of the rows are recorded."""
        return sum(row.record is not None for row in self.rows)


def _row(
    session: Session, enrollment: Enrollment, record: Attendance | None, posted: Mapping[str, str] | None
) -> GridRow:
    row = GridRow(enrollment, record, seen=version_of(record))
    if record is not None:
        row.presence, row.note = record.presence, record.note
        usual = checked_hours(Entry(enrollment.pk, record.presence), session)
        row.hours = "" if record.hours == usual else f"{record.hours.normalize():f}"
    if posted is not None and f"presence-{enrollment.pk}" in posted:
        row.presence = posted[f"presence-{enrollment.pk}"]
        row.hours, row.note, row.seen = (
            posted.get(f"{name}-{enrollment.pk}", "") for name in ("hours", "note", "seen")
        )
    return row
