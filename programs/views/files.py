"""Hand out archived documents as files to keep: never shown by the browser as a page of ours."""

from django.http import HttpResponse

from autopilot.documents import archive
from autopilot.models import Document

EXTENSIONS = {"application/pdf": "pdf"}


def as_file(document: Document, name: str) -> HttpResponse:
    """Return the archived bytes, compared with their digest, under a name; raises what `archive.read` raises."""
    extension = EXTENSIONS.get(document.media_type, "bin")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{extension}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(archive.read(document), content_type=document.media_type, headers=headers)
