"""Students as staff see them: a person, and the enrollments that say whose student it is."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

from autopilot.admin.base import staff
from students.access import students_of
from students.admin.details import DetailsPages
from students.admin.records import add_links
from students.models import Student
from students.services.participation import periods_shown

MOST = 50


@admin.register(Student)
class StudentAdmin(DetailsPages):
    """The list of students, and one of them."""

    list_display = ["last_name", "first_name", "email", "phone", "number", "created_at"]
    list_display_links = ["last_name", "first_name"]
    search_fields = ["last_name", "first_name", "=email", "=number"]
    search_help_text = "Name, the whole e-mail address, or the person identifier"
    page_template = "students/admin/student.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the sensitive details."""
        return [*self.details_urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Student]:
        """Return the students this person may read."""
        return students_of(staff(request))

    def page_context(self, request: HttpRequest, row: Student) -> dict[str, Any]:
        """Show where the student is enrolled, and since when the person participates."""
        return {
            "adds": list(add_links(request, row)),
            "enrollments": row.enrollments.select_related("cohort__program", "holder")[:MOST],
            "participation": periods_shown(row)[:MOST],
        }
