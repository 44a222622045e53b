"""Seeing for ourselves: what was written must change what PDFium draws at its place."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
from PIL import Image, ImageChops

from autopilot.fillable_forms.shapes import Rect, Widget

SCALE = 2.0
MOST_PIXELS = 1_800.0  # of the longer side
FAINTEST = 32  # of 255: a fainter difference is nothing that a person sees


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a file as PDFium shows it, its fields included."""
    with pypdfium2.PdfDocument(content) as document:
        document.init_forms()
        yield document


def unseen(before: bytes, after: bytes, places: Iterable[tuple[str, Widget]]) -> set[str]:
    """Return the names of the fields all of whose places look the same in both files."""
    by_page: dict[int, list[tuple[str, Rect]]] = defaultdict(list)
    for name, widget in places:
        by_page[widget.page].append((name, widget.rect))
    names = {name for wanted in by_page.values() for name, _ in wanted}
    with opened(before) as first, opened(after) as second:
        return names - {
            name for page, wanted in by_page.items() for name in _changed(first[page - 1], second[page - 1], wanted)
        }


def drawn(page: Any) -> tuple[Image.Image, float]:
    """Return a page as a picture without colors, and its scale."""
    scale = min(SCALE, MOST_PIXELS / max(page.get_size()))
    return page.render(scale=scale).to_pil().convert("L"), scale


def size(page: Any) -> tuple[float, float]:
    """Return the width and height of a page as it is seen, in points."""
    width, height = page.get_size()
    return float(width), float(height)


def area(page: Any, rect: Rect) -> Rect:
    """Return where a rectangle of the page stands in its picture: left, top, right, bottom in points."""
    west, south, east, north = page.get_bbox()
    left, bottom, right, top = rect
    match page.get_rotation():
        case 90:
            return (bottom - south, left - west, top - south, right - west)
        case 180:
            return (east - right, bottom - south, east - left, top - south)
        case 270:
            return (north - top, east - right, north - bottom, east - left)
    return (left - west, north - top, right - west, north - bottom)


def _changed(before: Any, after: Any, wanted: list[tuple[str, Rect]]) -> Iterator[str]:
    (first, scale), (second, _) = drawn(before), drawn(after)
    difference = ImageChops.difference(first, second).point(lambda value: 255 if value >= FAINTEST else 0)
    for name, rect in wanted:
        left, top, right, bottom = (each * scale for each in area(before, rect))
        if difference.crop((int(left), int(top), int(right) + 1, int(bottom) + 1)).getbbox():
            yield name
