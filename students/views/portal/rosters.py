"""Rosters in the portal: the template, the file that is read and shown, its confirmation, and what became of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot import spreadsheets
from autopilot.sheets.desk import MOST_BYTES
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from programs.views.portal.refusals import show_refusal
from students.forms import RosterForm
from students.models import RosterImport, RosterOutcome
from students.services import rosters
from students.services.roster_rows import COLUMNS, heading_of

EXAMPLE = ["Rosa", "Diaz", "rosa.diaz@example.org", "317-555-0111", "wioa", "2026-001"]
MOST_SHOWN = 100
LATEST = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Rosters(HolderView):
    """Upload a roster; the latest ones stand below."""

    template_name = "students/portal/rosters.html"
    reads = "coordinator"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._page(RosterForm(holder=self.holder, initial={"cohort": request.GET.get("cohort")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read the file, and lead to what it says."""
        form = RosterForm(request.POST, request.FILES, holder=self.holder)
        if form.is_valid():
            try:
                roster = self._read(form.cleaned_data)
            except ValidationError as refusal:
                show_refusal(form, refusal)
            else:
                return self.to("portal:roster_import", roster_id=roster.pk)
        return self._page(form)

    def _read(self, said: dict[str, Any]) -> RosterImport:
        file = said["file"]
        content = file.read(MOST_BYTES + 1)  # one more than is allowed shows that it is too large
        return rosters.read_roster(said["cohort"], content=content, file_name=file.name or "", by=self.user)

    def _page(self, form: RosterForm) -> HttpResponse:
        latest = RosterImport.objects.select_related("cohort").filter(holder=self.holder)[:LATEST]
        return self.show(form=form, latest=latest, columns=[heading_of(column) for column in COLUMNS])


class OneRoster(HolderView):
    """A roster: its rows while it waits to be confirmed, and then how far it is, or what became of it."""

    template_name = "students/portal/roster.html"
    reads = "coordinator"

    def get(self, request: HttpRequest, roster_id: UUID) -> HttpResponse:
        """Show it, with what is to be corrected first."""
        roster = self._found(roster_id)
        faulty = roster.rows.filter(outcome=RosterOutcome.FAULTY)[:MOST_SHOWN]
        return self.show(
            roster=roster, faulty=faulty, page=page_of(roster.rows.exclude(outcome=RosterOutcome.FAULTY), request)
        )

    def post(self, request: HttpRequest, roster_id: UUID) -> HttpResponse:
        """Confirm it."""
        roster = self._found(roster_id)
        try:
            rosters.confirm_roster(roster, by=self.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return self.to("portal:roster_import", roster_id=roster.pk)

    def _found(self, roster_id: UUID) -> RosterImport:
        rows = RosterImport.objects.select_related("cohort__program").filter(holder=self.holder)
        return get_object_or_404(rows, pk=roster_id)


class RosterTemplate(HolderView):
    """The template: the right columns, and one row as an example."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        """Return it as CSV or XLSX."""
        rows = [[heading_of(column) for column in COLUMNS], EXAMPLE]
        return as_file(rows, form, name="roster-template", title="Roster")


def as_file(rows: list[list[Any]], form: str, *, name: str, title: str) -> HttpResponse:
    """Return a table as an attachment, CSV or XLSX by `form`; no cell can be taken for a formula."""
    if form == "xlsx":
        content, media_type = spreadsheets.workbook(rows, title=title), XLSX
    else:
        # With the mark by which spreadsheet programs know UTF-8.
        content, media_type = ("\ufeff" + "".join(spreadsheets.csv_lines(rows))).encode(), "text/csv; charset=utf-8"
    return attachment(content, media_type, f"{name}.{form}")


def attachment(content: bytes, media_type: str, file_name: str) -> HttpResponse:
    """Return a file that a browser stores and never shows."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=headers)
