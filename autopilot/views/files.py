"""Handing out archived files: always as a file to keep, never as a page of ours."""

from django.http import Http404, HttpResponse
from django.utils.text import slugify

from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.models import Document
from autopilot.uploads.kinds import by_media_type


def attachment(document: Document, name: str) -> HttpResponse:
    """Return an archived file as an attachment under a plain name, which no browser opens or runs.

    The caller has asked for the permission. Raises Http404 where the archive does not hold the file any more.
    """
    kind = by_media_type(document.media_type)
    extension = kind.extensions[0] if kind else ".bin"
    headers = {
        "Content-Disposition": f'attachment; filename="{slugify(name)[:80] or "document"}{extension}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    try:
        return HttpResponse(archive.read(document), content_type=document.media_type, headers=headers)
    except ArchiveError as problem:
        raise Http404 from problem
