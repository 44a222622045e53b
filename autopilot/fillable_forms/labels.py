"""What a page says beside a field: the label of a field that brings none of its own, and the text of all pages."""

from collections import defaultdict
from typing import Any

from autopilot.fillable_forms import shapes
from autopilot.fillable_forms.shapes import Field, Rect

MOST_OF_A_PAGE = 100_000
LONGEST = 120
BESIDE, ABOVE = 220.0, 16.0


def text_of(document: Any) -> str:
    """Return the printed text of all pages of a document of PDFium."""
    return "\n".join(page.get_textpage().get_text_range(count=_most(page)) for page in document)


def nearby(document: Any, fields: list[Field]) -> dict[str, str]:
    """Return, by name, the printed words nearest to fields that have no label of their own."""
    rects: dict[int, list[Rect]] = defaultdict(list)
    for each in (widget for field in fields for widget in field.widgets if widget.shown):
        rects[each.page].append(each.rect)
    texts = {page: document[page - 1].get_textpage() for page in rects}
    found: dict[str, str] = {}
    for field in (each for each in fields if not each.label):
        first = next((widget for widget in field.widgets if widget.shown), None)
        if first:
            found[field.name] = _words_at(texts[first.page], field.type, first.rect, rects[first.page])
    return found


def _words_at(page: Any, kind: str, rect: Rect, others: list[Rect]) -> str:
    """Read where people look: behind a box to tick; before a field to write in, or above it."""
    left, bottom, right, top = rect
    middle = (bottom + top) / 2
    row = [each for each in others if each != rect and each[1] < middle < each[3]]
    west = max([left - BESIDE, *(each[2] for each in row if each[2] <= left)])
    east = min([right + BESIDE, *(each[0] for each in row if each[0] >= right)])
    before, after = (west, middle - 4, left, middle + 4), (right, middle - 4, east, middle + 4)
    above = (left - 2, top - 1, max(right, left + BESIDE / 2), top + ABOVE)
    for area in (after, before, above) if kind in shapes.MARKED else (before, above, after):
        if words := page.get_text_bounded(*area).split():
            text = " ".join(words)
            return text[-LONGEST:] if area == before else text[:LONGEST]
    return ""


def _most(page: Any) -> int:
    count: int = page.get_textpage().count_chars()
    return min(count, MOST_OF_A_PAGE)
