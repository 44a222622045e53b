"""The pages of the documents a checkpoint asks about, as pictures."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

from autopilot import reports
from autopilot.documents import pages
from autopilot.documents.errors import ArchiveError
from autopilot.models import Checkpoint, Document


def shown(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return the pages of the checkpoint's document, or why they cannot be shown; None where it asks about none."""
    document = _document(checkpoint)
    return _pages(document) if document else None


def attached(checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """Return the pages of each attachment as `shown` does, with its place in the packet and what is told of it."""
    named = reports.attachments_of(checkpoint)
    documents = Document.objects.defer("snapshot").in_bulk([each.document_id for each in named])
    return [
        {"place": place, "refused": each.refused, "told": each.told, **_pages(documents[each.document_id])}
        for place, each in enumerate(named, start=1)
        if each.document_id in documents
    ]


def _pages(document: Document) -> dict[str, Any]:
    try:
        return {"document": document, "pages": pages.pages_of(document), "problem": ""}
    except ArchiveError as problem:
        return {"document": document, "pages": [], "problem": str(problem)}


def answer(request: HttpRequest, checkpoint: Checkpoint, number: int, place: int = 0) -> HttpResponse:
    """Return one page as a PNG, of the checkpoint's document or of the attachment at a place, counted from 1.

    The browser may keep it, but asks again each time.

    Raises Http404 for a page that is not there or cannot be shown.
    """
    document = _attachment(checkpoint, place) if place else _document(checkpoint)
    if document is None:
        raise Http404
    tag = f'"{document.sha256}-{number}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    try:
        return HttpResponse(pages.picture(document, number), content_type="image/png", headers=headers)
    except ArchiveError as problem:
        raise Http404 from problem


def _document(checkpoint: Checkpoint) -> Document | None:
    """Return the document that the payload names, and no other."""
    named = reports.document_of(checkpoint)
    return Document.objects.filter(pk=named).defer("snapshot").first() if named else None


def _attachment(checkpoint: Checkpoint, place: int) -> Document | None:
    named = reports.attachments_of(checkpoint)[place - 1 : place]
    return Document.objects.filter(pk=named[0].document_id).defer("snapshot").first() if named else None
