"""The certificates of a holder's students: those that can be issued, how far what was asked for is, and each of them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.documents.downloads import as_file
from programs.portal import add_section
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of
from students.access import certificate_requests_in, certificates_in, enrollments_in
from students.models import Certificate, CertificateRequest, RequestStatus
from students.services import certificates

add_section("Certificates", "portal:certificates", 58)

MOST_SHOWN = 25


class Certificates(HolderView):
    """The list of certificates; above it who could have one, and what was asked for."""

    template_name = "students/portal/certificates.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of it."""
        ready = certificates.ready(enrollments_in(self.holder)).order_by("student__last_name", "id")
        unfinished = certificate_requests_in(self.holder).filter(status=RequestStatus.WAITING)
        return self.show(
            page=page_of(certificates_in(self.holder), request), ready=ready[:MOST_SHOWN], ready_count=ready.count(),
            waiting=unfinished[:MOST_SHOWN], waiting_count=unfinished.count(),
        )  # fmt: skip

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for one certificate, or for those of all who are ready."""
        rows = enrollments_in(self.holder)
        try:
            if request.POST.get("action") == "issue_all":
                asked = list(certificates.ready(rows).order_by("pk")[: certificates.MOST_AT_ONCE])
            else:
                asked = [get_object_or_404(rows, pk=_uuid(request.POST.get("enrollment", "")))]
            requests = certificates.request_certificates(asked, by=self.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self.to("portal:certificates")
        if not requests:
            messages.error(request, "Nobody is ready for a certificate any more.")
            return self.to("portal:certificates")
        return self.to("portal:certificate_batch", batch_id=requests[0].batch)


class Batch(HolderView):
    """How far the certificates are that were asked for at once, and what became of each."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/certificate_batch.html"

    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        """Show it."""
        rows = certificate_requests_in(self.holder).filter(batch=batch_id)
        counts = {f"{status}_count": Count("pk", filter=Q(status=status)) for status in RequestStatus.values}
        told = CertificateRequest.objects.filter(holder=self.holder, batch=batch_id).aggregate(
            total=Count("pk"), **counts
        )
        if not told["total"]:
            raise Http404("Nothing was asked for under this name.")
        told["done"] = told["total"] - told["waiting_count"]
        return self.show(page=page_of(rows.order_by("enrollment__student__last_name", "id"), request), **told)


class OneCertificate(HolderView):
    """One certificate: what it says, what it is worth, its public page and its history."""

    http_method_names = ["get", "head"]
    template_name = "students/portal/certificate.html"

    def get(self, request: HttpRequest, certificate_id: UUID) -> HttpResponse:
        """Show it."""
        row = _found(self, certificate_id)
        return self.show(certificate=row, url=certificates.address_of(row), changes=row.status_changes.all())


class Pdf(HolderView):
    """The PDF of a certificate, to keep or to print."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, certificate_id: UUID) -> HttpResponse:
        """Hand it out."""
        row = _found(self, certificate_id)
        if row.document is None:
            raise Http404("It is being made.")
        return as_file(row.document, by=self.user, name=row.number)


def _found(page: HolderView, certificate_id: UUID) -> Certificate:
    rows = certificates_in(page.holder).select_related("enrollment__student", "document")
    return get_object_or_404(rows, pk=certificate_id)


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise Http404("There is no such enrollment.") from None
