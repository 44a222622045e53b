"""The door to PDFs: a Django template and its data in, an archival and accessible PDF out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.template import loader

from autopilot.documents import glyphs, process, provenance
from autopilot.documents.errors import PdfRefused
from autopilot.documents.process import Renderer
from autopilot.documents.provenance import STYLESHEET


def render(
    template_name: str,
    context: Mapping[str, Any],
    *,
    title: str,
    created: datetime,
    renderer: Renderer | None = None,
) -> bytes:
    """Return a document as PDF/A-3a and PDF/UA-1; the same arguments always give the same bytes.

    The template is ours and trusted, and usually extends `pdf/base.html`; what people wrote comes in `context`, which
    autoescape keeps text. `title` names the document, `created` is the time (aware) that the file bears as its own;
    the template gets both too. `renderer` is one of other limits than documents have.

    Raises UnprintableText for characters our fonts lack, PdfRefused for a document that is too big or reaches outside
    our assets, PdfTimeout or PdfRendererDied when it takes too much, PdfUnavailable where Pango is not installed.
    """
    if created.tzinfo is None:
        raise ValueError("The creation time of a PDF needs a time zone.")
    renderer = renderer or process.shared
    html = glyphs.fold(loader.render_to_string(template_name, {**context, "title": title, "created": created}))
    if len(html) > renderer.limits.characters:
        raise PdfRefused(f"The document has {len(html)} characters; {renderer.limits.characters} are allowed.")
    return renderer.render(
        {
            "html": html,
            "stylesheet": provenance.source(STYLESHEET),
            "title": glyphs.fold(title),
            "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
