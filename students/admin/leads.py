"""Leads in the office: entered, imported, contacted, enrolled and closed."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from autopilot.admin.base import badge, staff
from programs.admin.billing.base import Answers, Task
from students.admin.base import Facts, FactsAdmin
from students.forms.leads import CloseForm, ConvertForm, LeadFileForm, LeadForm, NothingForm
from students.models import Lead
from students.services import leads

MOST_BYTES = 2_000_000


def _contacted(by: User, row: Lead, said: Answers) -> str:
    leads.mark_contacted(row, by=by)
    return "Marked as in touch; no mail goes out any more."


def _convert(by: User, row: Lead, said: Answers) -> str:
    leads.convert_lead(row, said["cohort"], by=by)
    return "Enrolled; the school accepts or declines."


def _close(by: User, row: Lead, said: Answers) -> str:
    leads.close_lead(row, reason=said["reason"], by=by)
    return "Closed; no mail goes out any more."


def _is_open(row: Lead) -> bool:
    return row.status in leads.OPEN


@admin.register(Lead)
class LeadAdmin(FactsAdmin[Lead]):
    """The list of leads, and one of them."""

    list_display = ["last_name", "first_name", "program", "standing", "source", "follow_ups", "created_at"]
    list_display_links = ["last_name", "first_name"]
    list_select_related = ["program"]
    list_filter = ["status", "source", "created_at"]
    search_fields = ["last_name", "first_name", "=email", "program__title"]
    search_help_text = "Name, the whole e-mail address, or the program"
    add_permission = leads.WRITE
    add_title = "Enter a lead"
    change_list_template = "students/admin/lead_list.html"
    tasks = (
        Task("convert", "Enroll", ConvertForm, _convert, leads.WRITE, _is_open, "In a cohort that takes students."),
        Task("contacted", "Mark as in touch", NothingForm, _contacted, leads.WRITE, lambda row: row.status == "new"),
        Task("close", "Close", CloseForm, _close, leads.WRITE, _is_open, danger=True),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the import."""
        return [path("import/", self.admin_site.admin_view(self.import_page), name="lead_import"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a lead."""
        form = LeadForm(request.POST or None)
        return self.add_page(request, form, lambda by, said: leads.enter_lead(said["program"], form.facts(), by=by))

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, and take its leads in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LeadFileForm(request.POST or None, request.FILES or None)
        if form.is_bound and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                if file.size > MOST_BYTES:
                    raise ValidationError("The file has more than 2 MB. Split it.", code="too_large")
                done = leads.import_leads(
                    form.cleaned_data["program"], content=file.read(), file_name=file.name, by=staff(request)
                )
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.message_user(request, f"{done.new} new, {done.known} known already.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:students_lead_changelist"))
        context = {**self.admin_site.each_context(request), "title": "Import leads", "opts": self.opts, "form": form}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return TemplateResponse(request, "students/admin/lead_import.html", context, status=status)

    @admin.display(description="Status", ordering="status")
    def standing(self, row: Lead) -> str:
        """Show the status as a badge."""
        return badge(row.status, row.get_status_display())

    def heading(self, row: Lead) -> str:
        """Return who it is, and for what."""
        return f"{row.first_name} {row.last_name}: {row.program}"

    def facts(self, row: Lead) -> Facts:
        """Return what is known."""
        return [
            ("Status", row.get_status_display()), ("E-mail", row.email), ("Phone", row.phone),
            ("Came by", row.get_source_display()), ("Note", row.note), ("Mails sent", row.follow_ups),
            ("Next mail", row.follow_up_on or "None"), ("Closed because", row.closed_because),
        ]  # fmt: skip
