"""Enrollment agreements as staff see them, with the evidence of the signature."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from autopilot.admin.base import badge, staff
from autopilot.documents.downloads import as_file
from students.admin.base import Facts, FactsAdmin
from students.models import Agreement
from students.services.agreements import is_unaltered, reference_of


@admin.register(Agreement)
class AgreementAdmin(FactsAdmin[Agreement]):
    """The list of agreements, and one of them."""

    list_display = ["student_name", "cohort", "standing", "consents", "prepared_at", "signed_at"]
    list_select_related = ["enrollment__student", "enrollment__cohort"]
    list_filter = [("signed_at", admin.EmptyFieldListFilter), ("replaced_at", admin.EmptyFieldListFilter), "consents"]
    search_fields = ["enrollment__student__last_name", "enrollment__student__first_name"]
    search_help_text = "Name of the student"

    def get_urls(self) -> list[URLPattern]:
        """Add the file."""
        file = self.admin_site.admin_view(require_safe(self.download))
        return [path("<uuid:pk>/file/", file, name="agreement_file"), *super().get_urls()]

    @admin.display(description="Student", ordering="enrollment__student__last_name")
    def student_name(self, row: Agreement) -> str:
        """Show who signs."""
        return row.enrollment.student.full_name

    @admin.display(description="Cohort")
    def cohort(self, row: Agreement) -> str:
        """Show for what."""
        return str(row.enrollment.cohort)

    @admin.display(description="Status", ordering="signed_at")
    def standing(self, row: Agreement) -> str:
        """Show the status as a badge."""
        if row.signed_at:
            return badge("done", "Signed")
        return badge("cancelled", "Replaced") if row.replaced_at else badge("waiting", "To be signed")

    def heading(self, row: Agreement) -> str:
        """Return its reference and who signs."""
        return f"{reference_of(row.enrollment)}, {row.enrollment.student.full_name}"

    def facts(self, row: Agreement) -> Facts:
        """Return the agreement, and the evidence of its signature."""
        known = [
            ("Prepared", row.prepared_at), ("Consents to disclosure (FERPA)", "Yes" if row.consents else "No"),
            ("SHA-256 of the file", row.document.sha256), ("Replaced", row.replaced_at), ("Signed", row.signed_at),
        ]  # fmt: skip
        signature = getattr(row, "signature", None)
        if signature is None:
            return known
        return [
            *known,
            ("Typed name", signature.name), ("Account", signature.signer.get_username()),
            ("Disclosure (15 USC 7001(c))", f"{signature.consent_version}, {signature.consent_digest}"),
            ("Notice (29 CFR 38.35)", f"{signature.notice_version}, {signature.notice_digest}"),
            ("Consent text (34 CFR 99.30)", f"{signature.ferpa_version}, {signature.ferpa_digest}"),
            ("Address", signature.ip), ("Browser", signature.user_agent),
            ("Evidence", "As it was stored" if is_unaltered(signature) else "Altered"),
        ]  # fmt: skip

    def page_context(self, request: HttpRequest, row: Agreement) -> dict[str, Any]:
        """Add the way to the file."""
        file = reverse("admin:agreement_file", args=[row.pk])
        return super().page_context(request, row) | {"links": [(file, "Download the file")]}

    def download(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand the file out to who may read the list."""
        row = get_object_or_404(Agreement.objects.select_related("document"), pk=pk)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return as_file(row.document, by=staff(request), name="enrollment-agreement")
