"""Weekly reports as staff see them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from autopilot.admin.base import PageAdmin, staff
from students.access import weekly_reports_of
from students.models import WeeklyReport

MOST = 500


@admin.register(WeeklyReport)
class WeeklyReportAdmin(PageAdmin[WeeklyReport]):
    """The list of reports, and one of them with its progress notes."""

    list_display = ["week_ending", "holder", "cohort", "hours_taught", "submitted_at"]
    list_select_related = ["holder", "cohort"]
    list_filter = ["week_ending"]
    search_fields = ["holder__legal_name", "cohort__name"]
    search_help_text = "Name of the organization or the cohort"
    page_template = "students/admin/weekly_report.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WeeklyReport]:
        """Return the reports this person may read."""
        return weekly_reports_of(staff(request))

    def page_context(self, request: HttpRequest, row: WeeklyReport) -> dict[str, Any]:
        """Show what it says of each student."""
        return {"progress": row.progress_notes.select_related("enrollment__student")[:MOST]}
