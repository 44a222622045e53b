"""Hand out what is archived: as a file to keep, or its pages as pictures. Who may have it, the caller has made sure of."""

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header

from autopilot import audit
from autopilot.documents import archive, pages
from autopilot.documents.errors import ArchiveError
from autopilot.documents.pages import Page
from autopilot.models.documents import Document

DOWNLOADED = "autopilot.document.downloaded"
EXTENSIONS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/csv": "csv",
    "text/plain": "txt",
    "application/vc+jwt": "jwt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def as_file(document: Document, *, by: User, name: str = "") -> HttpResponse:
    """Return the archived bytes, compared with their digest, as a file which no browser runs; record who was given them.

    `name` is what the file is called, without its ending; the document's id unless told. Raises Http404, which says
    why, where the archive cannot give them.
    """
    try:
        content = archive.read(document)
    except ArchiveError as problem:
        raise Http404(str(problem)) from problem
    audit.record(by, DOWNLOADED, document, sha256=document.sha256)
    named = f"{' '.join(name.split()) or document.pk}.{EXTENSIONS.get(document.media_type, 'bin')}"
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=named) or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=document.media_type, headers=headers)


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
