"""Attendance as staff see it: what is recorded, and what it said before."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from autopilot.admin.base import PageAdmin, badge, staff
from students.access import attendance_of
from students.models import Attendance

TONES = {"present": "completed", "absent": "failed", "late": "warn", "excused": "pending"}


@admin.register(Attendance)
class AttendanceAdmin(PageAdmin[Attendance]):
    """The list of records, and one of them."""

    list_display = ["student_name", "session", "organization", "standing", "hours", "recorded_at"]
    list_select_related = ["enrollment__student", "enrollment__holder", "session"]
    list_filter = ["presence", "recorded_at"]
    search_fields = ["enrollment__student__last_name", "enrollment__student__first_name"]
    search_help_text = "Name of the student"
    ordering = ["-id"]
    page_template = "students/admin/attendance.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        """Return the records this person may read."""
        return attendance_of(staff(request))

    @admin.display(description="Student")
    def student_name(self, attendance: Attendance) -> str:
        """Show who it is."""
        return attendance.enrollment.student.full_name

    @admin.display(description="Holder")
    def organization(self, attendance: Attendance) -> str:
        """Show whose student it is."""
        return str(attendance.enrollment.holder)

    @admin.display(description="Presence", ordering="presence")
    def standing(self, attendance: Attendance) -> str:
        """Show the presence as a badge."""
        return badge(TONES[attendance.presence], attendance.get_presence_display())

    def page_context(self, request: HttpRequest, row: Attendance) -> dict[str, Any]:
        """Show what it said before."""
        return {"changes": row.changes.all(), "tone": TONES[row.presence]}
