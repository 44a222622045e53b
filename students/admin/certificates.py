"""Certificates as staff see them: found by number, student or holder, and revoked with a reason."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from autopilot.admin.archive_deeds import told
from autopilot.admin.base import PageAdmin, badge, staff
from autopilot.admin.deeds import Deed, offer
from autopilot.admin.exports import ExportedAdmin
from autopilot.documents.downloads import as_file
from students.access import certificates_of
from students.models import Certificate, CertificateStatus
from students.services import certificates

REVOKE = Deed(
    "Revoke",
    "Revoked",
    "Its public page says at once that it is revoked, its files are no longer handed out, and its bit is set in the "
    "published list. It cannot be brought back; another can be issued.",
    told(certificates.revoke, "It is revoked for good."),
    danger=True,
)


@admin.register(Certificate)
class CertificateAdmin(ExportedAdmin[Certificate], PageAdmin[Certificate]):
    """The list of certificates, and one of them with its history."""

    list_display = ["number", "student_name", "program_title", "holder", "standing", "completed_on", "issued_at"]
    list_select_related = ["holder"]
    list_filter = ["status", "issued_at"]
    search_fields = ["=number", "student_name", "holder__legal_name"]
    search_help_text = "The whole number, or a part of the student’s or the holder’s name"
    page_template = "students/admin/certificate.html"
    actions = ["revoke_certificates"]
    export_columns = (
        ("Number", "number"), ("Student", "student_name"), ("Credential", "title"), ("Program", "program_title"),
        ("Holder", "holder_name"), ("Completed", "completed_on"), ("Issued", "issued_at"), ("Status", "status"),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Add the PDF."""
        guard = self.admin_site.admin_view(require_safe(self.file))
        return [path("<uuid:pk>/file/", guard, name="certificate_file"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """Return the certificates this person may read."""
        return certificates_of(staff(request))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may revoke."""
        return staff(request).has_perm("students.revoke_certificate")

    @admin.display(description="Status", ordering="status")
    def standing(self, certificate: Certificate) -> str:
        """Show the status as a badge."""
        if certificate.document_id is None:
            return badge("processing", "Being made")
        return badge(certificate.status, certificate.get_status_display())

    @admin.action(description="Revoke…", permissions=["revoke"])
    def revoke_certificates(self, request: HttpRequest, rows: QuerySet[Certificate]) -> HttpResponse | None:
        """Say what it means, ask why, and revoke the chosen ones."""
        return offer(self, request, rows, REVOKE)

    def page_context(self, request: HttpRequest, row: Certificate) -> dict[str, Any]:
        """Show its history, its public page and, to who may revoke, the way to do it."""
        may_revoke = row.status == CertificateStatus.VALID and self.has_revoke_permission(request)
        return {
            "standing": self.standing(row),
            "url": certificates.address_of(row),
            "changes": row.status_changes.all(),
            "deeds": [("revoke_certificates", "Revoke…")] if may_revoke else [],
        }

    def file(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand out the PDF."""
        row = get_object_or_404(self.get_queryset(request).select_related("document"), pk=pk)
        if row.document is None:
            raise Http404("It is being made.")
        return as_file(row.document, by=staff(request), name=row.number)
