"""Filling a form: check each value, draw it, look whether it can be seen, and write what passed."""

import io
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import pikepdf

from autopilot.fillable_forms import saving, shapes, sight
from autopilot.fillable_forms.appearances import Pen
from autopilot.fillable_forms.errors import FormUnusable, Refused
from autopilot.fillable_forms.faces import Face
from autopilot.fillable_forms.reading import read
from autopilot.fillable_forms.shapes import Filled, Refusal
from autopilot.fillable_forms.tree import form_of
from autopilot.fillable_forms.triage import judge
from autopilot.fillable_forms.values import checked, fitting
from autopilot.fillable_forms.writing import Entry, entry_of

SMALL_PRINT = 6.0
DRAWN_BY_READERS = frozenset({shapes.TEXT, shapes.COMBO, shapes.LIST})
UNSEEN = "The value would be in the file, but nobody could see it on the page."


class Filling:
    """One open form being filled."""

    def __init__(self, content: bytes) -> None:
        self.pdf = opened(content)
        self.lives = read(self.pdf)
        verdict = judge(self.pdf, self.lives)
        if verdict.refusal:
            raise FormUnusable(verdict.refusal, verdict.message, verdict.names)
        self.pen = Pen(Face())
        self.font = self.pdf.make_indirect(pikepdf.Dictionary())
        self.entries: list[Entry] = []
        self.refused: list[Refusal] = []
        self.notes: list[Refusal] = []

    def take(self, values: Mapping[str, Any]) -> None:
        """Check and lay out values by field; what is refused is remembered with its reason."""
        for name, value in values.items():
            try:
                self.entries.append(self._entry(name, value))
            except Refused as refusal:
                self.refused.append(_refusal(name, refusal))
        self.notes += [_small(entry) for entry in self.entries if 0 < entry.size < SMALL_PRINT and not entry.empty]
        if form_of(self.pdf).get("/NeedAppearances") is True:
            self._draw_the_rest(set(values))
        self.pen.face.embed(self.pdf, self.font)
        saving.tidy(self.pdf, self.lives)

    def write(self) -> set[str]:
        """Write what was taken, and return the names of the fields in which nothing can be seen of it."""
        for entry in self.entries:
            entry.blank()
        before = saving.plain(self.pdf)
        for entry in self.entries:
            entry.ink()
        written = [entry for entry in self.entries if not entry.empty]
        places = [(entry.name, widget) for entry in written for widget in entry.widgets]
        return sight.unseen(before, saving.plain(self.pdf), places) if places else set()

    def finish(self) -> bytes:
        """Return the filled form."""
        return saving.saved(self.pdf)

    def _entry(self, name: str, value: Any) -> Entry:
        live = self.lives.get(name)
        if live is None:
            raise Refused("unknown_field", f"The form has no field of that name.{self._meant(name)}")
        written = checked(live.field, value, self.pen.face)
        return entry_of(self.pdf, live, written, self.pen, self.font)

    def _meant(self, name: str) -> str:
        near = get_close_matches(name, self.lives, n=1)
        return f" Did you mean “{near[0]}”?" if near else ""

    def _draw_the_rest(self, taken: set[str]) -> None:
        """Draw the values the form brings, where it left that to its readers: we forbid them to."""
        for live in self.lives.values():
            if live.field.name in taken or not live.field.value or live.field.type not in DRAWN_BY_READERS:
                continue
            if not any(live.shown):
                continue
            try:
                written = fitting(live.field, live.field.value, self.pen.face)
                entry_of(self.pdf, live, written, self.pen, self.font).ink()
            except Refused as refusal:
                self.notes.append(_refusal(live.field.name, refusal))


def fill(content: bytes, values: Mapping[str, Any]) -> Filled:
    """Return a form with every value in it that can be written whole and seen; the rest is told with its reason.

    Raises FormUnusable for a form in which nothing can be written.
    """
    filling = Filling(content)
    filling.take(values)
    unseen = filling.write()
    refused = filling.refused
    if unseen:
        filling = Filling(content)
        filling.take({name: value for name, value in values.items() if name not in unseen})
        filling.write()
        refused = [*filling.refused, *(Refusal(name, "invisible", UNSEEN) for name in unseen)]
    order = list(values)
    refused = sorted(refused, key=lambda refusal: order.index(refusal.field))
    return Filled(filling.finish(), len(filling.entries), tuple(refused), tuple(filling.notes))


def opened(content: bytes) -> Any:
    """Return an open PDF; raises FormUnusable for what is none, or needs a password."""
    try:
        return pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError:
        raise FormUnusable("needs_password", "The file needs a password. Ask the agency for one without.") from None
    except pikepdf.PdfError:
        raise FormUnusable("not_a_pdf", "The file is not a PDF, or is damaged beyond reading.") from None


def _refusal(name: str, refusal: Refused) -> Refusal:
    return Refusal(name, refusal.reason, str(refusal), tuple(refusal.characters))


def _small(entry: Entry) -> Refusal:
    return Refusal(
        entry.name, "small_print", f"The value fits only in {entry.size:g} points; see whether it can be read."
    )
