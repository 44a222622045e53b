"""Programs, cohorts and enquiries as staff see them; a reviewer approves a program or gives it back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.exports import exported
from autopilot.documents.errors import PdfError
from autopilot.documents.tables import MOST as MOST_ROWS
from autopilot.documents.tables import TYPES
from programs.models import Cohort, Enquiry, Listing, Program, ProgramStatus
from programs.offer_report import COLUMNS, ON_PAPER, program_rows
from programs.services.listings import LONGEST_REASON, is_known_to_state, may_be_withdrawn, withdraw_listing
from programs.services.programs import approve_program, missing, return_program

REVIEW = "programs.review_program"
MOST = 50
LinkOf = Callable[[HttpRequest, Cohort], tuple[str, str] | None]
_cohort_links: list[LinkOf] = []


def of_cohort(link: LinkOf) -> LinkOf:
    """Put a link on the page of every cohort: words and address, or None for who may not follow it."""
    _cohort_links.append(link)
    return link


class ReviewForm(forms.Form):
    """What the reviewer says to the holder."""

    remark = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The holder reads it. To give the program back, say what should change.",
    )


class WithdrawalForm(forms.Form):
    """Why an application is taken back."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The holder reads it, and it stands in the history.",
    )


@admin.register(Program)
class ProgramAdmin(PageAdmin[Program]):
    """The list of programs, and one of them with what a reviewer decides."""

    list_display = ["title", "holder", "standing", "type", "cip_code", "clock_hours", "cost", "listed", "created_at"]
    list_select_related = ["holder"]
    list_filter = ["status", "type", "delivery", "listed"]
    search_fields = ["title", "cip_code", "holder__legal_name", "holder__doing_business_as"]
    search_help_text = "Title, CIP code, or name of the organization"
    page_template = "programs/admin/program.html"
    change_list_template = "admin/autopilot/exported_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the reviewer's decision, and the export."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:pk>/review/", guard(require_POST(self.review)), name="program_review"),
            path("export.<str:extension>", guard(require_safe(self.export)), name="program_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, with the files that the report can be taken along as."""
        offered = [(form.upper(), reverse("admin:program_export", args=[form])) for form in TYPES]
        return super().changelist_view(request, {"exports": offered, "filters": ""} | (extra_context or {}))

    @admin.display(description="Status", ordering="status")
    def standing(self, program: Program) -> str:
        """Show the status as a badge."""
        return badge(program.status, program.get_status_display())

    def page_context(self, request: HttpRequest, row: Program) -> dict[str, Any]:
        """Show the facts, the cohorts and, to reviewers, the form."""
        is_waiting = row.status == ProgramStatus.IN_REVIEW
        return {
            "occupations": row.occupations.all(),
            "sites": row.sites.all(),
            "cohorts": row.cohorts.order_by("-starts_on")[:MOST],
            "missing": list(missing(row)),
            "form": ReviewForm() if is_waiting and request.user.has_perm(REVIEW) else None,
        }

    def review(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Approve a program, or give it back."""
        program, by = get_object_or_404(Program, pk=pk), staff(request)
        if not by.has_perm(REVIEW):
            raise PermissionDenied
        remark = request.POST.get("remark", "")[:2000]
        try:
            if request.POST.get("verdict") == "approve":
                approve_program(program, by=by, remark=remark)
            else:
                return_program(program, by=by, remark=remark)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, "Decided; the holder is told.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:programs_program_change", args=[pk]))

    def export(self, request: HttpRequest, extension: str) -> HttpResponse:
        """Return what `report_programs` prints, as a file: CSV, XLSX or PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = ON_PAPER if extension == "pdf" else tuple(COLUMNS)
        table = [[COLUMNS[name] for name in names], *([row[name] for name in names] for row in program_rows())]
        try:
            return exported(table[: MOST_ROWS.get(extension, 0) + 1], extension, title="Programs", name="programs")
        except PdfError as refusal:
            self.message_user(request, f"The PDF could not be made: {refusal} Take the XLSX.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:programs_program_changelist"))


@admin.register(Cohort)
class CohortAdmin(PageAdmin[Cohort]):
    """The list of cohorts, and one of them with its sessions."""

    list_display = ["name", "program", "organization", "standing", "starts_on", "ends_on", "capacity"]
    list_select_related = ["program__holder"]
    list_filter = ["status", "starts_on"]
    search_fields = ["name", "program__title", "program__holder__legal_name"]
    search_help_text = "Name of the cohort, its program or the organization"
    page_template = "programs/admin/cohort.html"

    @admin.display(description="Holder", ordering="program__holder__legal_name")
    def organization(self, cohort: Cohort) -> str:
        """Show whose it is."""
        return str(cohort.program.holder)

    @admin.display(description="Status", ordering="status")
    def standing(self, cohort: Cohort) -> str:
        """Show the status as a badge."""
        return badge(cohort.status, cohort.get_status_display())

    def page_context(self, request: HttpRequest, row: Cohort) -> dict[str, Any]:
        """Show when it meets."""
        sessions = row.sessions.order_by("date", "starts_at")
        links = [found for link in _cohort_links if (found := link(request, row))]
        return {"rules": row.rules.all(), "sessions": sessions[:MOST], "count": sessions.count(), "links": links}


@admin.register(Enquiry)
class EnquiryAdmin(PageAdmin[Enquiry]):
    """What people ask in the catalog: the list names no person, the page of one does."""

    list_display = ["program", "organization", "standing", "created_at", "answered_at"]
    list_select_related = ["program__holder"]
    list_filter = ["created_at"]
    search_fields = ["program__title", "program__holder__legal_name"]
    search_help_text = "Title of the program, or name of the organization"
    page_template = "programs/admin/enquiry.html"

    @admin.display(description="Holder", ordering="program__holder__legal_name")
    def organization(self, enquiry: Enquiry) -> str:
        """Show whom it was sent to."""
        return str(enquiry.program.holder)

    @admin.display(description="Status", ordering="answered_at")
    def standing(self, enquiry: Enquiry) -> str:
        """Show whether somebody has been in touch."""
        return badge("done", "Contacted") if enquiry.answered_at else badge("waiting", "To answer")


@admin.register(Listing)
class ListingAdmin(PageAdmin[Listing]):
    """Applications to states' lists, and one of them as it was prepared; a reviewer decides at its checkpoint."""

    list_display = ["program", "organization", "state", "eligibility", "standing", "state_reference", "expires_on"]
    list_select_related = ["program__holder"]
    list_filter = ["status", "eligibility", "state"]
    search_fields = ["program__title", "program__holder__legal_name", "state_reference"]
    search_help_text = "Title of the program, name of the organization, or the state's number"
    page_template = "programs/admin/listing.html"

    def get_urls(self) -> list[URLPattern]:
        """Add withdrawing."""
        view = self.admin_site.admin_view(require_POST(self.withdraw))
        return [path("<uuid:pk>/withdraw/", view, name="listing_withdraw"), *super().get_urls()]

    def page_context(self, request: HttpRequest, row: Listing) -> dict[str, Any]:
        """Show the history and, to reviewers, how to withdraw it."""
        may_withdraw = may_be_withdrawn(row) and request.user.has_perm(REVIEW)
        return {
            "changes": row.status_changes.all(),
            "withdrawal": WithdrawalForm() if may_withdraw else None,
            "is_known_to_state": is_known_to_state(row),
        }

    def withdraw(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take an application back, or a program off the state's list."""
        listing, by = get_object_or_404(Listing, pk=pk), staff(request)
        if not by.has_perm(REVIEW):
            raise PermissionDenied
        try:
            withdraw_listing(listing, reason=request.POST.get("reason", ""), by=by)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, "Withdrawn; the holder is told.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:programs_listing_change", args=[pk]))

    @admin.display(description="Holder", ordering="program__holder__legal_name")
    def organization(self, listing: Listing) -> str:
        """Show whose program it is."""
        return str(listing.program.holder)

    @admin.display(description="Status", ordering="status")
    def standing(self, listing: Listing) -> str:
        """Show the status as a badge."""
        return badge(listing.status, listing.get_status_display())
