"""Appearance streams (ISO 32000-1 §12.5.5) for text and choices: what every reader shows, whatever fonts it has."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pikepdf import Dictionary

from autopilot.fillable_forms import objects
from autopilot.fillable_forms.faces import RESOURCE, Face
from autopilot.fillable_forms.frames import Frame, frame_of
from autopilot.fillable_forms.layout import LEADING, Block, Layout, Run
from autopilot.fillable_forms.shapes import Field, Widget
from autopilot.fillable_forms.tree import Place

SIZE = re.compile(r"(?<![\d.])(\d{0,4}\.?\d{0,6})\s+Tf\b")
COLOR = re.compile(r"((?:(?<![\d.])\d{0,3}\.?\d{0,6}\s+){1,4})(rg|g|k)\b")
COMPONENTS = {"g": 1, "rg": 3, "k": 4}
BLACK = "0 g"
MOST_SIZE = 144.0
CHOSEN = "0.75 0.85 0.95 rg"  # as other readers mark what is chosen in a list
LONGEST_APPEARANCE = 2_000


@dataclass(frozen=True)
class Drawing:
    """What one widget will show: the operators of its frame, those of its value, and the size of the characters."""

    frame: Frame
    ground: list[str]
    ink: list[str]
    size: float
    first_row: int = 0


@dataclass(frozen=True)
class Pen:
    """Draws the values of one form in one font."""

    face: Face

    def text(self, field: Field, widget: Widget, place: Place, text: str) -> Drawing:
        """Draw a text; raises Refused if it does not fit."""
        frame, layout, color = self._rules(widget, place)
        shown = unicodedata.normalize("NFC", text)
        if field.comb and field.max_length:
            block = layout.comb(shown, field.max_length)
            ground = [*frame.drawn(), *_dividers(frame, field.max_length)]
            return Drawing(frame, ground, self._ink(frame, color, block, shown), block.size)
        block = layout.paragraphs(shown.splitlines() or [""]) if field.multiline else layout.line(shown)
        return Drawing(frame, frame.drawn(), self._ink(frame, color, block), block.size)

    def rows(self, widget: Widget, place: Place, labels: list[str], chosen: list[int]) -> Drawing:
        """Draw a list with what is chosen in it; raises Refused if that cannot be seen all at once."""
        frame, layout, color = self._rules(widget, place)
        block, first = layout.rows(labels, chosen)
        bars = [_bar(frame, block.size, row - first) for row in chosen]
        return Drawing(frame, frame.drawn(), [*bars, *self._ink(frame, color, block)], block.size, first)

    def _rules(self, widget: Widget, place: Place) -> tuple[Frame, Layout, str]:
        frame = frame_of(place.widget, widget.rect)
        look = objects.text(place.facts.get("/DA"))[:LONGEST_APPEARANCE]
        return frame, Layout(self.face, frame, _size(look), objects.integer(place.facts.get("/Q"))), _color(look)

    def _ink(self, frame: Frame, color: str, block: Block, whole: str = "") -> list[str]:
        """Return the operators for a value; `whole` is the text of which each run is but one character."""
        inset = frame.inset
        clip = f"{inset:g} {inset:g} {frame.width - 2 * inset:g} {frame.height - 2 * inset:g} re W n"
        shown = [self._shown(run) for run in block.runs if run.text]
        if whole:
            actual = ("\ufeff" + whole).encode("utf-16-be").hex().upper()
            shown = [f"/Span << /ActualText <{actual}> >> BDC", *shown, "EMC"]
        return ["/Tx BMC", "q", clip, "BT", color, f"{RESOURCE} {block.size:g} Tf", *shown, "ET", "Q", "EMC"]

    def _shown(self, run: Run) -> str:
        return f"1 0 0 1 {run.x:.3f} {run.y:.3f} Tm <{self.face.encoded(run.text)}> Tj"


def stream_of(pdf: Any, drawing: Drawing, font: Any, *, inked: bool) -> Any:
    """Return a drawing as an appearance stream, without the value where `inked` is false."""
    resources = Dictionary(Font=Dictionary({RESOURCE: font}))
    return drawing.frame.form(pdf, drawing.ground + (drawing.ink if inked else ["/Tx BMC EMC"]), resources)


def _size(look: str) -> float:
    """Return the size that a default appearance names, 0 where the choice is ours."""
    found = SIZE.findall(look)
    size = float(found[-1]) if found and found[-1].strip(".") else 0.0
    return size if size <= MOST_SIZE else 0.0


def _color(look: str) -> str:
    for values, operator in reversed(COLOR.findall(look)):
        parts = [part for part in values.split() if part.strip(".")]
        if len(parts) == COMPONENTS[operator]:
            return f"{' '.join(parts)} {operator}"
    return BLACK


def _dividers(frame: Frame, cells: int) -> list[str]:
    """Return the lines between the cells of a comb, which are the border's (table 228)."""
    if not frame.stroke or not frame.border:
        return []
    cell = frame.width / cells
    lines = [f"{place * cell:.3f} 0 m {place * cell:.3f} {frame.height:g} l" for place in range(1, cells)]
    return ["q", f"{frame.stroke} {frame.border:g} w", *lines, "S", "Q"] if lines else []


def _bar(frame: Frame, size: float, row: int) -> str:
    height = LEADING * size
    bottom = frame.height - frame.inset - (row + 1) * height
    return f"q {CHOSEN} {frame.inset:g} {bottom:.3f} {frame.width - 2 * frame.inset:g} {height:.3f} re f Q"
