"""Enrollments as staff see them; whoever may control them moves them through the services."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from autopilot.admin.archive_deeds import told
from autopilot.admin.base import badge, staff
from autopilot.admin.deeds import Deed as ListedDeed
from autopilot.admin.deeds import offer
from autopilot.admin.document_requests import DocumentPages
from autopilot.admin.filters import LinkedFilter
from programs import money
from programs.admin.programs import of_cohort
from programs.models import Cohort, Invoice
from programs.services.rights import BILL
from students.access import enrollments_of
from students.models import Enrollment, EnrollmentStatus, Refund, TrainingAccount
from students.reports import attendance_total
from students.services import certificates, enrollments, milestones, refunds
from students.services.agreements import standing_agreement
from students.services.costs import MANAGE, open_account
from students.services.enrollments import LEGAL_MOVES

CONTROL = "students.control_enrollment"
MOST = 50
Deed = Callable[[Enrollment, User, str], None]
# The deed that leads to a status, its button, and whether it wants a reason.
DEEDS: dict[str, tuple[Deed, str, bool]] = {
    "accepted": (lambda row, by, reason: enrollments.accept(row, by=by), "Accept", False),
    "declined": (lambda row, by, reason: enrollments.decline(row, by=by, reason=reason), "Decline", True),
    "active": (lambda row, by, reason: enrollments.activate(row, by=by), "Start the training today", False),
    "completed": (lambda row, by, reason: enrollments.complete(row, by=by), "Complete today", False),
    "withdrawn": (lambda row, by, reason: enrollments.withdraw(row, by=by, reason=reason), "Withdraw", True),
}


ISSUE = ListedDeed(
    "Issue the certificate",
    "Asked for",
    "A job makes it, and the student is written to.",
    told(certificates.request_certificate, "A job makes it."),
    form=None,
)


class CohortFilter(LinkedFilter):
    """The students of one cohort."""

    title, parameter_name, field = "cohort", "cohort", "cohort_id"


@of_cohort
def students_of_cohort(request: HttpRequest, cohort: Cohort) -> tuple[str, str] | None:
    """Lead from a cohort to its enrollments, about all of which documents can be made at once."""
    if not staff(request).has_perm("students.view_enrollment"):
        return None
    return (
        "Its students, and documents about them",
        f"{reverse('admin:students_enrollment_changelist')}?cohort={cohort.pk}",
    )


@admin.register(Enrollment)
class EnrollmentAdmin(DocumentPages[Enrollment]):
    """The list of enrollments, and one of them with its history and what can be done about it."""

    list_display = ["student_name", "cohort", "holder", "standing", "funding", "started_on", "applied_at"]
    list_select_related = ["student", "cohort", "holder"]
    list_filter = ["status", "funding", CohortFilter, "applied_at"]
    search_fields = ["student__last_name", "student__first_name", "cohort__name", "reference"]
    search_help_text = "Name of the student or the cohort, or the holder's reference"
    page_template = "students/admin/enrollment.html"
    actions = ("make_documents", "issue_certificates")

    def has_issue_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may issue certificates."""
        return staff(request).has_perm("students.issue_certificate")

    @admin.action(description="Issue the certificate", permissions=["issue"])
    def issue_certificates(self, request: HttpRequest, rows: QuerySet[Enrollment]) -> HttpResponse | None:
        """Ask for the certificates of the chosen ones; who is not ready is named, with what is missing."""
        return offer(self, request, rows.select_related("student", "cohort__program", "holder"), ISSUE)

    def get_urls(self) -> list[URLPattern]:
        """Add the moves."""
        guard = self.admin_site.admin_view
        return [
            path("<uuid:pk>/move/", guard(require_POST(self.move)), name="enrollment_move"),
            path("<uuid:pk>/account/", guard(require_POST(self.open_account)), name="enrollment_account"),
            path("<uuid:pk>/refund/", guard(require_POST(self.refund)), name="enrollment_refund"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrollment]:
        """Return the enrollments this person may read."""
        return enrollments_of(staff(request))

    @admin.display(description="Student", ordering="student__last_name")
    def student_name(self, enrollment: Enrollment) -> str:
        """Show who it is."""
        return enrollment.student.full_name

    @admin.display(description="Status", ordering="status")
    def standing(self, enrollment: Enrollment) -> str:
        """Show the status as a badge."""
        return badge(enrollment.status, enrollment.get_status_display())

    def page_context(self, request: HttpRequest, row: Enrollment) -> dict[str, Any]:
        """Show the history, the attendance and, to who may control enrollments, the moves."""
        moves = [(to, *DEEDS[to][1:]) for to in DEEDS if to in LEGAL_MOVES[row.status]]
        return {
            "moves": moves if staff(request).has_perm(CONTROL) else [],
            "changes": row.status_changes.all()[:MOST],
            "total": attendance_total(row),
            "agreement": standing_agreement(row),
            "refund": Refund.objects.filter(enrollment=row).select_related("credit_note").first(),
            "account": TrainingAccount.objects.filter(enrollment=row).first(),
            "may_open": staff(request).has_perm(MANAGE),
            "steps": milestones.steps_of(row),
            "certificates": row.certificates.all()[:MOST],
            "deeds": [("issue_certificates", "Issue the certificate")] if self._may_issue(request, row) else [],
            **self._reckoned(request, row),
        }

    def _reckoned(self, request: HttpRequest, row: Enrollment) -> dict[str, Any]:
        if not staff(request).has_perm(BILL) or row.status not in refunds.ENDED:
            return {}
        open_ones = row.holder.invoices.filter(status__in=["sent", "overdue"]).order_by("-issued_on")
        return {"reckoning": refunds.reckon(row), "invoices": open_ones[:MOST]}

    def open_account(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Open the training account of an enrollment."""
        by = staff(request)
        enrollment = get_object_or_404(enrollments_of(by), pk=pk)
        if not by.has_perm(MANAGE):
            raise PermissionDenied
        try:
            limit = money.read(request.POST["limit"]) if request.POST.get("limit") else None
            made = open_account(enrollment, number=request.POST.get("number", ""), limit=limit, by=by)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:students_enrollment_change", args=[pk]))
        return HttpResponseRedirect(reverse("admin:students_trainingaccount_change", args=[made.pk]))

    def refund(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Credit what is reckoned on the chosen invoice."""
        by = staff(request)
        enrollment = get_object_or_404(enrollments_of(by), pk=pk)
        if not by.has_perm(BILL):
            raise PermissionDenied
        try:
            invoice = enrollment.holder.invoices.get(pk=request.POST.get("invoice", ""))
            made = refunds.grant_refund(enrollment, invoice, by=by)
        except (Invoice.DoesNotExist, ValidationError) as refusal:
            told = refusal.messages if isinstance(refusal, ValidationError) else ["Choose one of the open invoices."]
            self.message_user(request, " ".join(told), messages.ERROR)
        else:
            self.message_user(request, f"Credited under {made.credit_note.number}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:students_enrollment_change", args=[pk]))

    def _may_issue(self, request: HttpRequest, row: Enrollment) -> bool:
        return row.status == EnrollmentStatus.COMPLETED and self.has_issue_permission(request)

    def move(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Move an enrollment to the status that the button names."""
        by = staff(request)
        enrollment = get_object_or_404(enrollments_of(by), pk=pk)
        if not by.has_perm(CONTROL):
            raise PermissionDenied
        deed = DEEDS.get(request.POST.get("to", ""))
        try:
            if deed is None:
                raise ValidationError("Choose what to do.", code="unknown")
            deed[0](enrollment, by, request.POST.get("reason", ""))
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        else:
            self.message_user(request, "Done; the holder is told.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:students_enrollment_change", args=[pk]))
