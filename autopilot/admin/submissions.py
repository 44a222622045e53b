"""Submissions: what was sent to a portal, what it said, and what a person records where it says nothing by itself."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from autopilot import submissions
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.fields import LinesField
from autopilot.models import Portal, Submission

STATUS = Submission.Status
LAST_DIGITS = 8
MAY_RECORD = "autopilot.record_submission"


class ConfirmationForm(forms.Form):
    """The number under which a portal took an upload."""

    number = forms.CharField(
        max_length=100,
        label="Confirmation number",
        widget=forms.TextInput(attrs={"class": "medium", "autocomplete": "off"}),
        help_text="As the portal shows it after the upload.",
        error_messages={"required": "Write the number the portal gave."},
    )


class DecisionForm(forms.Form):
    """What a portal decided, and why."""

    status = forms.ChoiceField(
        label="What it decided",
        widget=forms.RadioSelect,
        choices=[(each.value, each.label) for each in (STATUS.APPROVED, STATUS.DENIED, STATUS.REFUSED)],
        error_messages={"required": "Say what the portal decided."},
    )
    reasons = LinesField(
        required=False,
        max_length=5000,
        label="Its reasons",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on each line, in the portal’s own words.",
    )


@admin.register(Submission)
class SubmissionAdmin(PageAdmin[Submission]):
    """What was submitted, and what became of it."""

    list_display = ["name", "portal", "state", "receipt_number", "created_at", "decided_at"]
    list_filter = ["status", "portal"]
    list_select_related = ["portal"]
    search_fields = ["receipt_number__exact"]
    search_help_text = "A receipt’s number, or the whole id of a packet or of what it is about"
    page_template = "admin/autopilot/submission.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what a person records."""
        deeds = [
            path("<uuid:pk>/receipt/", self._post(self.record_receipt), name="submission_receipt"),
            path("<uuid:pk>/decision/", self._post(self.record_decision), name="submission_decision"),
        ]
        return deeds + super().get_urls()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find a submission by an id, else by its receipt's number."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(packet_id=wanted) | queryset.filter(subject_id=wanted), False

    @admin.display(description="Submission", ordering="subject")
    def name(self, submission: Submission) -> str:
        """Show what it is about, and the end of the packet's id, by which it is told apart."""
        tail = str(submission.packet_id)[-LAST_DIGITS:]
        return format_html('{} <span class="quiet">…\u2060{}</span>', submission.subject.capitalize(), tail)

    @admin.display(description="Status", ordering="status")
    def state(self, submission: Submission) -> str:
        """Show the status as a badge."""
        waits = submission.status == STATUS.AWAITING_MANUAL
        label = "To be uploaded" if waits else submission.get_status_display()
        return badge(TONES.get(submission.status, submission.status), label)

    def page_context(self, request: HttpRequest, row: Submission) -> dict[str, Any]:
        """Return what the page of a submission shows."""
        entitled = row.portal.delivery == Portal.Delivery.MANUAL and staff(request).has_perm(MAY_RECORD)
        return {
            "subtitle": f"{row.portal}: {row.subject}",
            "submission": row,
            "attachments": row.attachments.select_related("document").defer("document__snapshot"),
            "tone": TONES.get(row.status, row.status),
            "changes": [(each, TONES.get(each.to_status, each.to_status)) for each in row.changes.all()],
            "receipt_form": ConfirmationForm() if entitled and row.status == STATUS.AWAITING_MANUAL else None,
            "decision_form": DecisionForm() if entitled and row.status == STATUS.RECEIVED else None,
        }

    def record_receipt(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Record the number under which the portal took an upload."""
        form = ConfirmationForm(request.POST)

        def record() -> None:
            submissions.confirm_manual(pk, confirmation_number=form.cleaned_data["number"], by=staff(request))

        return self._record(request, pk, "receipt_form", form, record)

    def record_decision(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Record what the portal decided."""
        form = DecisionForm(request.POST)

        def record() -> None:
            said = form.cleaned_data
            submissions.confirm_decision(pk, status=said["status"], reasons=said["reasons"], by=staff(request))

        return self._record(request, pk, "decision_form", form, record)

    def _record(
        self, request: HttpRequest, pk: UUID, name: str, form: forms.Form, record: Callable[[], None]
    ) -> HttpResponse:
        submission = get_object_or_404(Submission.objects.select_related("portal"), pk=pk)
        if not self.has_view_permission(request, submission) or not staff(request).has_perm(MAY_RECORD):
            raise PermissionDenied
        if form.is_valid():
            try:
                record()
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.message_user(request, "Recorded; the job that waits for it goes on.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:autopilot_submission_change", args=[pk]))
        shown: dict[str, Any] = {name: form}
        return self.page(request, submission, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)

    def _post(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return self.admin_site.admin_view(require_POST(view))


# The catalogue of states lacks these; the nearest of its words gives them color and sign.
TONES: dict[str, str] = {
    STATUS.PREPARED: "pending",
    STATUS.AWAITING_MANUAL: "waiting",
    STATUS.SENDING: "running",
    STATUS.UNKNOWN: "overdue",
    STATUS.DENIED: "rejected",
}
