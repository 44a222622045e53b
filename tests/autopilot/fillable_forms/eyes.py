"""How tests see a form: through poppler and PDFium, before and after, at the place of a field; and what can be copied."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageChops

from autopilot.fillable_forms.reading import read
from autopilot.fillable_forms.shapes import Field, Widget

SCALE = 2
FAINTEST = 40


@cache
def poppler(pdf: bytes, page: int) -> Image.Image:
    """Draw a page as poppler does."""
    command = ["pdftoppm", "-r", str(72 * SCALE), "-f", str(page), "-l", str(page), "-cropbox", "-"]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60).stdout
    return Image.open(io.BytesIO(drawn)).convert("L")


@cache
def pdfium(pdf: bytes, page: int) -> Image.Image:
    """Draw a page as PDFium does, with its fields."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        drawn: Image.Image = document[page - 1].render(scale=SCALE).to_pil().convert("L")
        return drawn


ENGINES = {"poppler": poppler, "pdfium": pdfium}


def text_of(pdf: bytes) -> str:
    """Return what a person can copy out of a filled form, as poppler reads it."""
    command = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60).stdout.decode()


def fields_of(pdf: bytes) -> dict[str, Field]:
    """Return the fields of a form."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: live.field for name, live in read(opened).items()}


@contextmanager
def first_field(pdf: bytes) -> Iterator[Any]:
    """Open a form to look at the dictionary of its first field."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        yield opened.Root.AcroForm.Fields[0]


def changed(engine: str, before: bytes, after: bytes, widget: Widget) -> bool:
    """Whether a widget looks another way in an upright page that is not cropped."""
    draw = ENGINES[engine]
    first, second = draw(before, widget.page), draw(after, widget.page)
    height = first.height / SCALE
    left, bottom, right, top = widget.rect
    place = tuple(int(each * SCALE) for each in (left, height - top, right + 0.5, height - bottom + 0.5))
    difference = ImageChops.difference(first, second).point(lambda value: 255 if value > FAINTEST else 0)
    return bool(difference.crop(place).getbbox())  # type: ignore[arg-type]  # four numbers, which a tuple cannot tell


def ink_outside(before: bytes, after: bytes, widget: Widget) -> Any:
    """Return where PDFium draws something new outside a widget, or None."""
    first, second = pdfium(before, widget.page), pdfium(after, widget.page)
    difference = ImageChops.difference(first, second).point(lambda value: 255 if value > FAINTEST else 0)
    left, bottom, right, top = widget.rect
    height = first.height / SCALE
    place = [int(each * SCALE) for each in (left - 1, height - top - 1, right + 1, height - bottom + 1)]
    difference.paste(0, (place[0], place[1], place[2], place[3]))
    return difference.getbbox()
