"""Hand out what is archived: as a file to keep, or its pages as pictures. Who may have it, the caller has made sure of."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header

from autopilot.documents import archive, pages
from autopilot.documents.errors import ArchiveError
from autopilot.documents.pages import Page
from autopilot.models import Document
from autopilot.uploads.kinds import by_media_type


def as_file(document: Document, name: str) -> HttpResponse:
    """Return the archived bytes, compared with their digest, as a file to keep under a name, which no browser runs.

    `name` has no extension. Raises Http404 where the archive does not hold the file any more.
    """
    kind = by_media_type(document.media_type)
    named = f"{' '.join(name.split()) or 'document'}{kind.extensions[0] if kind else '.bin'}"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=named) or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    try:
        return HttpResponse(archive.read(document), content_type=document.media_type, headers=headers)
    except ArchiveError as problem:
        raise Http404 from problem


def pages_of(document: Document | None) -> list[Page]:
    """Return the pages of a document that can be shown; none of what is no PDF or cannot be read."""
    try:
        return pages.pages_of(document) if document else []
    except ArchiveError:
        return []


def as_picture(request: HttpRequest, document: Document, number: int) -> HttpResponse:
    """Return one page as a PNG, which the browser may keep and asks about again; Http404 where there is none."""
    tag = f'"{document.sha256}-{number}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    try:
        return HttpResponse(pages.picture(document, number), content_type="image/png", headers=headers)
    except ArchiveError as problem:
        raise Http404 from problem
