"""Case notes as staff read and write them; the list tells what they are about, never what they say."""

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User

from programs.admin.billing.base import DAY, Answers, Task
from students.admin.base import Facts
from students.admin.records import OfStudentAdmin
from students.models import CaseNote, Student
from students.services import case_notes
from students.services.case_notes import Note, write_case_note


class NoteForm(forms.Form):
    """The least that a note says, and its text."""

    subject = forms.CharField(
        label="About", max_length=case_notes.LONGEST_SUBJECT, help_text="Such as “Employment in Q2 after exit”."
    )
    status = forms.CharField(max_length=case_notes.LONGEST_STATUS, help_text="The status that was found.")
    obtained_on = forms.DateField(label="Obtained on", widget=DAY)
    staff_name = forms.CharField(label="Staff name", max_length=case_notes.LONGEST_NAME)
    text = forms.CharField(
        label="Note", max_length=case_notes.LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


def _correct(by: User, row: CaseNote, said: Answers) -> str:
    write_case_note(row.student, Note(**said), by=by, corrects=row)
    return "Corrected by another note; this one stays."


def _write(by: User, student: Student, said: Answers) -> CaseNote:
    return write_case_note(student, Note(**said), by=by)


@admin.register(CaseNote)
class CaseNoteAdmin(OfStudentAdmin[CaseNote]):
    """The list of notes, and one of them."""

    list_display = ["student_name", "subject", "status", "obtained_on", "staff_name", "written_at"]
    list_filter = ["obtained_on"]
    add_permission = case_notes.WRITE
    add_title = "Write a case note"
    add_form = NoteForm
    make = staticmethod(_write)
    tasks = (
        Task("correct", "Correct it", NoteForm, _correct, case_notes.WRITE, lambda row: not _is_corrected(row),
             "Write another note in its place; this one stays on file."),
    )  # fmt: skip

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: CaseNote) -> str:
        """Show whom it is about."""
        return row.student.full_name

    def heading(self, row: CaseNote) -> str:
        """Return what it is about, and whom."""
        return f"{row.subject}: {row.student.full_name}"

    def facts(self, row: CaseNote) -> Facts:
        """Return all that it says."""
        return [
            ("Status", row.status), ("Obtained on", row.obtained_on), ("Staff name", row.staff_name),
            ("Note", case_notes.text_of(row)), ("Written", row.written_at),
            ("Corrected", "Yes, by another note" if _is_corrected(row) else "No"),
        ]  # fmt: skip


def _is_corrected(row: CaseNote) -> bool:
    return CaseNote.objects.filter(corrects=row).exists()
