"""Students as staff see them: a person, and the enrollments that say whose student it is."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from autopilot.admin.base import PageAdmin, staff
from students.access import students_of
from students.models import Student

MOST = 50


@admin.register(Student)
class StudentAdmin(PageAdmin[Student]):
    """The list of students, and one of them."""

    list_display = ["last_name", "first_name", "email", "phone", "created_at"]
    list_display_links = ["last_name", "first_name"]
    search_fields = ["last_name", "first_name", "=email"]
    search_help_text = "Name, or the whole e-mail address"
    page_template = "students/admin/student.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Student]:
        """Return the students this person may read."""
        return students_of(staff(request))

    def page_context(self, request: HttpRequest, row: Student) -> dict[str, Any]:
        """Show where the student is enrolled."""
        return {"enrollments": row.enrollments.select_related("cohort__program", "holder")[:MOST]}
