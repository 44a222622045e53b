"""The pages of the document a checkpoint asks about, as pictures."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

from autopilot import reports
from autopilot.documents import pages
from autopilot.documents.errors import ArchiveError
from autopilot.models import Checkpoint, Document


def shown(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return the pages of the checkpoint's document, or why they cannot be shown; None where it asks about none."""
    document = _document(checkpoint)
    if document is None:
        return None
    try:
        return {"document": document, "pages": pages.pages_of(document), "problem": ""}
    except ArchiveError as problem:
        return {"document": document, "pages": [], "problem": str(problem)}


def answer(request: HttpRequest, checkpoint: Checkpoint, number: int) -> HttpResponse:
    """Return one page of the checkpoint's document as a PNG; the browser may keep it, but asks again each time.

    Raises Http404 for a page that is not there or cannot be shown.
    """
    document = _document(checkpoint)
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
