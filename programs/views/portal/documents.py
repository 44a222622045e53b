"""All documents of a holder, in one list, each to be downloaded."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from autopilot.document_types import batches, types
from autopilot.documents import kinds
from autopilot.documents.downloads import as_file
from autopilot.models import FINAL, Job
from programs.access import documents_of
from programs.portal import add_section
from programs.views.portal.base import HolderView
from programs.views.portal.lists import page_of

add_section("Documents", "portal:documents", 80)


class Documents(HolderView):
    """Packets, agreements, papers of billing and uploads, the newest first."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/documents.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        page = page_of(documents_of(self.holder), request)
        return self.show(page=page, rows=[(each, kinds.label_of(each)) for each in page])


class DocumentRequest(HolderView):
    """How far a job is with the documents that the holder asked for, and which could not be made."""

    http_method_names = ["get", "head"]
    template_name = "programs/portal/document_request.html"

    def get(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Show it."""
        job = get_object_or_404(Job.objects.filter(kind=batches.KIND, tenant_id=self.holder.pk), pk=job_id)
        kind = types.named(job.payload["document_type"])
        allowed = documents_of(self.holder)
        return self.show(job=job, kind=kind, progress=batches.progress(job, among=allowed), is_over=job.status in FINAL)


class DocumentFile(HolderView):
    """The file of a document."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, document_id: UUID) -> HttpResponse:
        """Hand it out; say so on the list where the archive does not have it any more."""
        document = get_object_or_404(documents_of(self.holder), pk=document_id)
        try:
            return as_file(document, by=self.user)
        except Http404:
            messages.error(request, "This file cannot be handed out now. Please write to us, and name the document.")
            return self.to("portal:documents")
