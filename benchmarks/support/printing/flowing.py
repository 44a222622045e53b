"""ReportLab: the same words in paragraphs and tables, laid out by its own means. It reads no style sheet and tags nothing."""

import io
from importlib.util import find_spec
from typing import Any

from lxml import html as markup

from autopilot.documents import assets
from benchmarks.support.printing.samples import Sample

MISSING = "" if find_spec("reportlab") else "ReportLab is not installed"
FONT, BOLD = "PublicSans-Regular", "PublicSans-Bold"


class ReportLab:
    """A printer of paragraphs and tables."""

    title = "ReportLab"

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 (it may not be installed)
        from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
        from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

        for name in (FONT, BOLD):
            pdfmetrics.registerFont(TTFont(name, str(assets.FONTS / f"{name}.ttf")))
        self._plain = ParagraphStyle("plain", fontName=FONT, fontSize=10, leading=14, spaceAfter=6)
        self._head = ParagraphStyle("head", fontName=BOLD, fontSize=14, leading=18, spaceBefore=10, spaceAfter=6)
        self._page: Any = None

    def prepare(self, sample: Sample, number: int) -> None:
        """Read the words; the clock does not run."""
        self._page = markup.document_fromstring(sample.page(number)).find("body")

    def make(self, sample: Sample, number: int) -> bytes:
        """Lay them out and write the file."""
        from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 (as above)

        file = io.BytesIO()
        SimpleDocTemplate(file, title=sample.title(number)).build(list(self._flow()))
        return file.getvalue()

    def _flow(self) -> Any:
        from reportlab.platypus import Paragraph, Table  # noqa: PLC0415 (as above)

        for element in self._page.iter("h1", "h2", "h3", "p", "li", "dt", "dd", "table"):
            if element.tag == "table":
                rows = [
                    [Paragraph(_words(cell), self._plain) for cell in row.iter("th", "td")]
                    for row in element.iter("tr")
                ]
                width = max(map(len, rows), default=0)
                yield Table([row + [""] * (width - len(row)) for row in rows])
            elif not any(parent.tag == "table" for parent in element.iterancestors()):
                yield Paragraph(_words(element), self._head if element.tag.startswith("h") else self._plain)


def _words(element: Any) -> str:
    return " ".join(element.text_content().split()).replace("&", "&amp;").replace("<", "&lt;")
