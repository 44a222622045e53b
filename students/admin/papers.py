"""Papers of students: what is asked for, as staff configure it; and what was uploaded, to accept or to reject."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from autopilot.admin.base import ConfigurationAdmin, badge, staff
from autopilot.documents.downloads import as_file
from programs.admin.billing.base import Answers, Task
from students.admin.base import Facts, FactsAdmin
from students.models import AskedPaper, StudentPaper
from students.services.papers import LONGEST_REMARK, REVIEW, decide_paper


class AcceptForm(forms.Form):
    """Nothing is asked."""


class RejectForm(forms.Form):
    """What is wrong with it."""

    remark = forms.CharField(max_length=LONGEST_REMARK, help_text="The student reads it.")


def _accept(by: User, row: StudentPaper, said: Answers) -> str:
    decide_paper(row, accept=True, by=by)
    return "Accepted; the student is told."


def _reject(by: User, row: StudentPaper, said: Answers) -> str:
    decide_paper(row, accept=False, remark=said["remark"], by=by)
    return "Rejected; the student is told."


def _waits(row: StudentPaper) -> bool:
    return row.status == "submitted" and row.replaced_at is None


@admin.register(StudentPaper)
class StudentPaperAdmin(FactsAdmin[StudentPaper]):
    """The list of uploads, and one of them."""

    list_display = ["asked", "student_name", "standing", "uploaded_at", "is_replaced"]
    list_select_related = ["asked", "student"]
    list_filter = ["status", ("replaced_at", admin.EmptyFieldListFilter), "asked"]
    search_fields = ["student__last_name", "student__first_name"]
    search_help_text = "Name of the student"
    tasks = (
        Task("accept", "Accept", AcceptForm, _accept, REVIEW, _waits),
        Task("reject", "Reject", RejectForm, _reject, REVIEW, _waits, danger=True),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the file."""
        file = self.admin_site.admin_view(require_safe(self.download))
        return [path("<uuid:pk>/file/", file, name="studentpaper_file"), *super().get_urls()]

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, row: StudentPaper) -> str:
        """Show whose it is."""
        return row.student.full_name

    @admin.display(description="Status", ordering="status")
    def standing(self, row: StudentPaper) -> str:
        """Show the status as a badge."""
        return badge(row.status, row.get_status_display())

    @admin.display(description="Replaced", boolean=True)
    def is_replaced(self, row: StudentPaper) -> bool:
        """Show whether another file took its place."""
        return row.replaced_at is not None

    def heading(self, row: StudentPaper) -> str:
        """Return what it is, and whose."""
        return f"{row.asked.title}, {row.student.full_name}"

    def facts(self, row: StudentPaper) -> Facts:
        """Return what is known of it."""
        return [
            ("Status", row.get_status_display()), ("File", row.file_name), ("Uploaded", row.uploaded_at),
            ("Remark", row.remark), ("Reviewed", row.reviewed_at), ("Replaced", row.replaced_at),
        ]  # fmt: skip

    def page_context(self, request: HttpRequest, row: StudentPaper) -> dict[str, Any]:
        """Add the way to the file."""
        file = reverse("admin:studentpaper_file", args=[row.pk])
        return super().page_context(request, row) | {"links": [(file, "Download the file")]}

    def download(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand the file out to who may read the list."""
        row = get_object_or_404(StudentPaper.objects.select_related("document", "asked"), pk=pk)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return as_file(row.document, by=staff(request), name=row.asked.title)


@admin.register(AskedPaper)
class AskedPaperAdmin(ConfigurationAdmin[AskedPaper]):
    """What students are asked for. What is asked no longer is switched off, and never deleted."""

    list_display = ["title", "program", "due_days", "active"]
    list_select_related = ["program"]
    list_filter = ["active"]
    search_fields = ["title"]
    raw_id_fields = ["program"]

    def get_readonly_fields(self, request: HttpRequest, obj: AskedPaper | None = None) -> tuple[str, ...]:
        """Keep the word by which uploads know it."""
        return ("slug",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: files stand for it."""
        return False
