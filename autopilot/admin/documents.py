"""Archived documents: found by staff who may, and handed out only as files to keep."""

from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from autopilot.admin.base import ReadOnlyAdmin
from autopilot.admin.filters import MediaTypeFilter
from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.models import Document

EXTENSIONS = {"application/pdf": "pdf"}


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin[Document]):
    """The archive's index."""

    list_display = ["title", "media_type", "length", "created_at", "file"]
    search_fields = ["title", "sha256__exact"]
    search_help_text = "A part of the title, or a whole SHA-256"
    list_filter = [MediaTypeFilter]
    fields = ["title", "media_type", "length", "sha256", "template", "renderer", "created_at", "retain_until", "file"]

    def get_urls(self) -> list[URLPattern]:
        """Add the file itself."""
        view = self.admin_site.admin_view(require_safe(self.download))
        return [path("<uuid:pk>/file/", view, name="document_file"), *super().get_urls()]

    @admin.display(description="Size", ordering="size")
    def length(self, document: Document) -> str:
        """Show the size as people read it."""
        return filesizeformat(document.size)

    @admin.display(description="File")
    def file(self, document: Document) -> str:
        """Link to the file."""
        address = reverse("admin:document_file", args=[document.pk])
        return format_html(
            '<a href="{}" download>Open<span class="visually-hidden"> {}</span></a>', address, document.title
        )

    def download(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Hand out the archived bytes, compared with their digest, to who may view documents."""
        document = get_object_or_404(Document, pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        try:
            content = archive.read(document)
        except ArchiveError as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:autopilot_document_change", args=[pk]))
        return _as_file(document, content)


def _as_file(document: Document, content: bytes) -> HttpResponse:
    name = f"{document.pk}.{EXTENSIONS.get(document.media_type, 'bin')}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=document.media_type, headers=headers)
