"""The roster as a file: CSV and XLSX for spreadsheets, PDF for paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import date as written

from autopilot import clock
from autopilot.documents import pdf
from autopilot.documents.errors import PdfError
from programs.views.portal.base import HolderView
from students.models import Enrollment
from students.views.portal.rosters import as_file, attachment
from students.views.portal.students import chosen

HEADINGS = ["First name", "Last name", "E-mail", "Phone", "Funding", "Reference", "Program", "Cohort", "Status",
            "Started", "Ended"]  # fmt: skip
MOST = 20_000
MOST_ON_PAPER = 1_000


class ExportRoster(HolderView):
    """The students that the list shows, as a file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        """Return the file; what is too long for paper leads back to the list, which says so."""
        rows = chosen(self.holder, request)[1].order_by("student__last_name", "student__first_name", "id")
        if form == "pdf":
            return self._on_paper(list(rows[: MOST_ON_PAPER + 1]))
        table = [HEADINGS, *map(_cells, rows[:MOST].iterator())]
        return as_file(table, form, name="roster", title="Roster")

    def _on_paper(self, rows: list[Enrollment]) -> HttpResponse:
        if len(rows) > MOST_ON_PAPER:
            messages.error(self.request, f"More than {MOST_ON_PAPER:,} students do not fit on paper. Choose a cohort.")
            return self.to("portal:students")
        context = {"holder": self.holder, "enrollments": rows}
        try:
            made = pdf.render("students/pdf/roster.html", context, title="Roster", created=clock.now())
        except PdfError as problem:
            messages.error(self.request, f"The PDF could not be made: {problem}")
            return self.to("portal:students")
        return attachment(made, "application/pdf", "roster.pdf")


def _cells(enrollment: Enrollment) -> list[Any]:
    student, cohort = enrollment.student, enrollment.cohort
    days = [written(day, "Y-m-d") if day else "" for day in (enrollment.started_on, enrollment.ended_on)]
    return [
        student.first_name, student.last_name, student.email, student.phone, enrollment.funding, enrollment.reference,
        cohort.program.title, cohort.name, enrollment.get_status_display(), *days,
    ]  # fmt: skip
