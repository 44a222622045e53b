"""Pages of what strangers uploaded, drawn in a limited process: a file that was made to do harm ends there."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified

from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.fillable_forms import desk
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.models import Document
from autopilot.uploads.kinds import JPEG, PDF, PNG


def page_picture(request: HttpRequest, document: Document, number: int) -> HttpResponse:
    """Return one page of an uploaded file as a picture, drawn in a limited process; the browser asks again each time.

    The caller has asked for the permission. Raises Http404 for a page that is not there or cannot be shown.
    """
    tag = f'"{document.sha256}-{number}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers=headers)
    try:
        content, media_type = _picture(document, number)
    except (ArchiveError, FormUnusable) as problem:
        raise Http404 from problem
    return HttpResponse(content, content_type=media_type, headers=headers)


def _picture(document: Document, number: int) -> tuple[bytes, str]:
    content = archive.read(document)
    if document.media_type == PDF.media_type:
        return desk.picture(content, number), PNG.media_type
    if document.media_type not in (PNG.media_type, JPEG.media_type) or number != 1:
        raise Http404
    return content, document.media_type
