"""HTML to PDF with WeasyPrint, our fonts and our assets. Imported only by the renderer, for WeasyPrint is slow to start."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from autopilot.documents import assets, conformance, glyphs
from autopilot.documents.errors import PdfRefused, UnprintableText
from autopilot.documents.fetcher import AssetFetcher


class Press:
    """One set of fonts and one parsed style sheet for all documents of a process.

    A font configuration for each document would leak memory, about 0.3 MiB every time.
    """

    def __init__(self, *, most_pages: int) -> None:
        self._most_pages = most_pages
        self._fonts = FontConfiguration()
        self._fetcher = AssetFetcher()
        self._stylesheet_text = ""
        self._stylesheet: Any = None

    def make(self, *, html: str, stylesheet: str, title: str, created: str) -> bytes:
        """Return the PDF/A-3a and PDF/UA-1 of a page of HTML.

        `created` is the time the file names as its own, in ISO 8601; with it the same input gives the same bytes.

        Raises UnprintableText, or PdfRefused for an address that is no asset of ours or for too many pages.
        """
        self._fetcher.refusal = ""
        with suppress(FatalURLFetchingError):
            page = weasyprint.HTML(string=html, base_url=assets.SCHEME, url_fetcher=self._fetcher)
            pdf = self._made(page, stylesheet, title, created)
        if self._fetcher.refusal:
            raise PdfRefused(self._fetcher.refusal)
        return pdf

    def _made(self, page: Any, stylesheet: str, title: str, created: str) -> bytes:
        if characters := glyphs.missing([*_texts(page.etree_element), stylesheet, title]):
            raise UnprintableText(characters)
        document = page.render(font_config=self._fonts, stylesheets=[self._parsed(stylesheet)])
        if len(document.pages) > self._most_pages:
            raise PdfRefused(f"The document has {len(document.pages)} pages; {self._most_pages} are allowed.")
        document.metadata.title = title
        document.metadata.created = document.metadata.modified = created
        pdf: bytes = document.write_pdf(finisher=conformance.mark_accessible, pdf_variant=conformance.VARIANT)
        if codepoints := {codepoint for font in document.fonts.values() for codepoint in font.missing}:
            raise UnprintableText(sorted(map(chr, codepoints)))  # the style sheet made them: capitals, list marks
        return pdf

    def _parsed(self, stylesheet: str) -> Any:
        if self._stylesheet is None or stylesheet != self._stylesheet_text:
            self._stylesheet = weasyprint.CSS(
                string=stylesheet, font_config=self._fonts, base_url=assets.SCHEME, url_fetcher=self._fetcher
            )
            self._stylesheet_text = stylesheet
        return self._stylesheet


def _texts(root: Any) -> Iterator[str]:
    yield from root.itertext()
    for element in root.iter():
        yield from element.attrib.values()
