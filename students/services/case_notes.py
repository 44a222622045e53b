"""Case notes: written once, with the least that evidence must say; corrected by another note."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.encryption import new_key
from programs.services.charges import checked_text
from programs.services.rights import require
from students.models import CaseNote, Student, StudentKey

WRITE = "students.add_casenote"
LONGEST_SUBJECT, LONGEST_STATUS, LONGEST_NAME, LONGEST_TEXT = 120, 200, 150, 8000


@dataclass(frozen=True)
class Note:
    """What a case note says: its least is the status, the day it was obtained, and the name of the staff (TEGL 07-18)."""

    subject: str
    status: str
    obtained_on: date
    staff_name: str
    text: str = ""


@transaction.atomic
def write_case_note(student: Student, note: Note, *, by: User, corrects: CaseNote | None = None) -> CaseNote:
    """Keep a case note about a student; its text is sealed with the student's own key.

    `corrects` is the note that this one puts right, which stays. Raises PermissionDenied, and ValidationError with the
    code `subject`, `status`, `staff_name`, `obtained_on`, `text`, `corrected` or `destroyed`.
    """
    require(by, WRITE)
    if note.obtained_on > clock.today():
        raise ValidationError("Enter the day on which it was learned; it cannot lie ahead.", code="obtained_on")
    if len(note.text) > LONGEST_TEXT:
        raise ValidationError(f"Shorten the note to {LONGEST_TEXT:,} characters.", code="text")
    made = CaseNote(
        student=student, subject=checked_text(note.subject, "subject", LONGEST_SUBJECT),
        status=checked_text(note.status, "status", LONGEST_STATUS), obtained_on=note.obtained_on,
        staff_name=checked_text(note.staff_name, "staff_name", LONGEST_NAME), text=note.text.strip(),
        corrects=_correctable(student, corrects), written_by=by,
    )  # fmt: skip
    _require_key(student)
    made.save(force_insert=True)
    audit.record(by, "students.case_note.written", made, student_id=student.pk)
    return made


def text_of(note: CaseNote) -> str:
    """Return what a note says, or that it was destroyed with the student's key."""
    return note.text if note.keys or not note.__dict__.get("text") else "Destroyed with the student’s key."


def _correctable(student: Student, corrects: CaseNote | None) -> CaseNote | None:
    if corrects is None:
        return None
    if corrects.student_id != student.pk or CaseNote.objects.filter(corrects=corrects).exists():
        raise ValidationError("This note was corrected already, or is about somebody else.", code="corrected")
    return corrects


def _require_key(student: Student) -> None:
    key, _ = StudentKey.objects.get_or_create(student=student, defaults={"secret": new_key()})
    if key.destroyed_at is not None:
        raise ValidationError("What is sensitive about this student was destroyed for good.", code="destroyed")
