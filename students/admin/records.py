"""What staff keep about one student: the page that adds such a record is opened from the student's own."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from autopilot.admin.base import Row, staff
from programs.admin.billing.base import Answers
from students.access import students_of
from students.admin.base import FactsAdmin
from students.models import Student


class OfStudentAdmin(FactsAdmin[Row]):
    """A list of records that are each about one student; `add_form` asks for another, which `make` makes."""

    add_form: type[forms.Form] = forms.Form
    make: Callable[[User, Student, Answers], Model]
    list_select_related = ["student"]
    search_fields = ["student__last_name", "student__first_name", "=student__number"]
    search_help_text = "Name of the student, or the person identifier"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may add a record, on a page whose address names its student."""
        return "student" in request.GET and super().has_add_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a new record about the student whom the address names."""
        form = self.add_form(request.POST or None)
        student = student_named(request) if self.has_add_permission(request) else Student()
        return self.add_page(request, form, lambda by, said: self.make(by, student, said))


def student_named(request: HttpRequest) -> Student:
    """Return the student whom an address names; raises Http404."""
    try:
        return students_of(staff(request)).get(pk=request.GET.get("student", ""))
    except (Student.DoesNotExist, ValidationError):
        raise Http404 from None


def add_links(request: HttpRequest, student: Student) -> Iterable[tuple[str, str]]:
    """Return where a person may add a record about a student: address and label."""
    offered = (("students.add_casenote", "casenote", "Write a case note"),
               ("students.change_individualplan", "individualplan", "Write an individual plan"),
               ("students.manage_trainingaccount", "supportiveservice", "Enter a supportive service"))  # fmt: skip
    for permission, name, label in offered:
        if request.user.has_perm(permission):
            yield f"{reverse(f'admin:students_{name}_add')}?student={student.pk}", label
