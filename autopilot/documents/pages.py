"""The pages of an archived PDF as pictures, for those who must see what they decide on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import pypdfium2

from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.models.documents import Document

PDF = "application/pdf"
MOST_BYTES = 30_000_000
MOST_PAGES = 50
WIDTH, TALLEST = 1100, 4400  # pixels
_turn = Lock()  # PDFium holds one process's state and serves one caller at a time


class UnreadablePdf(ArchiveError):
    """The pages of this file cannot be shown; open the file itself."""


@dataclass(frozen=True)
class Page:
    """A page that can be shown: its number, from 1, and its size in pixels."""

    number: int
    width: int
    height: int


def pages_of(document: Document) -> list[Page]:
    """Return the pages of an archived PDF, the first 50 at most.

    Raises an ArchiveError for a file that is gone, altered, damaged, larger than 30 MB, or no PDF.
    """
    return pages_in(_content(document))


def pages_in(content: bytes) -> list[Page]:
    """Return the pages of a PDF, the first 50 at most; raise UnreadablePdf for a damaged one."""
    with _opened(content) as pdf:
        shown = range(min(len(pdf), MOST_PAGES))
        return [Page(index + 1, *_size(pdf[index])[1:]) for index in shown]


def picture(document: Document, number: int) -> bytes:
    """Return one page of an archived PDF as a PNG, 1100 pixels wide unless it is very tall; raises as `pages_of`."""
    return picture_in(_content(document), number)


def picture_in(content: bytes, number: int) -> bytes:
    """Return one page of a PDF as `picture` does; raise UnreadablePdf for a damaged one or a page that is not there."""
    with _opened(content) as pdf:
        if not 1 <= number <= min(len(pdf), MOST_PAGES):
            raise UnreadablePdf(f"There is no page {number}.")
        page = pdf[number - 1]
        drawn = page.render(scale=_size(page)[0]).to_pil()
        file = BytesIO()
        drawn.save(file, "PNG")
        return file.getvalue()


def _content(document: Document) -> bytes:
    if document.media_type != PDF or document.size > MOST_BYTES:
        raise UnreadablePdf
    return archive.read(document)


@contextmanager
def _opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        with _turn, pypdfium2.PdfDocument(content) as pdf:
            pdf.init_forms()  # else what is written into a form would not be shown
            yield pdf
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise UnreadablePdf from error


def _size(page: pypdfium2.PdfPage) -> tuple[float, int, int]:
    """Return the scale at which a page is drawn, and its width and height then, in pixels."""
    width, height = (max(1.0, length) for length in page.get_size())
    scale = min(WIDTH / width, TALLEST / height)
    return scale, max(1, round(width * scale)), max(1, round(height * scale))
