"""The form of a weekly report."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from students.models import Enrollment, WeeklyReport
from students.services.weekly_reports import LONGEST_NOTE, ReportFacts

PROGRESS = "progress-"


def _text(label: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, max_length=LONGEST_NOTE, widget=area)


class WeeklyReportForm(forms.Form):
    """A cohort's week, and a note on each student who trained in it."""

    hours_taught = forms.DecimalField(
        min_value=0, max_value=168, decimal_places=1, help_text="In steps of a half.",
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )  # fmt: skip
    skills = _text("Skills practiced")
    challenges = _text("Challenges")
    notes = _text("Other notes")

    def __init__(
        self, *args: Any, students: Sequence[Enrollment], report: WeeklyReport | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = _said_before(report)
        for enrollment in students:
            field = _text(enrollment.student.full_name)
            field.widget.attrs["rows"] = 2
            self.fields[f"{PROGRESS}{enrollment.pk}"] = field

    def week(self) -> list[forms.BoundField]:
        """Return the fields about the whole cohort."""
        return [field for field in self if not field.name.startswith(PROGRESS)]

    def progress(self) -> list[forms.BoundField]:
        """Return the fields about each student."""
        return [field for field in self if field.name.startswith(PROGRESS)]

    def facts(self) -> ReportFacts:
        """Return what the form says."""
        said = self.cleaned_data
        progress = {UUID(name.removeprefix(PROGRESS)): text for name, text in said.items() if name.startswith(PROGRESS)}
        return ReportFacts(said["hours_taught"], said["skills"], said["challenges"], said["notes"], progress)


def _said_before(report: WeeklyReport | None) -> dict[str, Any]:
    if report is None:
        return {}
    told = {name: getattr(report, name) for name in ("skills", "challenges", "notes")}
    notes = {f"{PROGRESS}{note.enrollment_id}": note.text for note in report.progress_notes.all()}
    return {"hours_taught": f"{report.hours_taught.normalize():f}", **told, **notes}
