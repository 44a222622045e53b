"""Writing values into the objects of an open form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pikepdf import Array, Dictionary, Name, Stream, String

from autopilot.fillable_forms import marks, objects, shapes
from autopilot.fillable_forms.appearances import Drawing, Pen, stream_of
from autopilot.fillable_forms.frames import frame_of
from autopilot.fillable_forms.reading import OFF, Live
from autopilot.fillable_forms.shapes import Widget
from autopilot.fillable_forms.tree import Place
from autopilot.fillable_forms.values import Written


@dataclass(frozen=True)
class Entry:
    """One accepted value and all it takes to write it; nothing is written before `ink`.

    `blank` shows the field without its value and `ink` with it, so that the two can be compared.
    """

    name: str
    empty: bool
    size: float
    widgets: tuple[Widget, ...]
    blank: Callable[[], None]
    ink: Callable[[], None]


def entry_of(pdf: Any, live: Live, written: Written, pen: Pen, font: Any) -> Entry:
    """Return the entry of a value that may be written; raises Refused where it does not fit one of its places."""
    if live.field.type in shapes.MARKED:
        return _marked(pdf, live, written)
    drawings = [(place, _drawing(live, widget, place, written, pen)) for widget, place in live.shown]
    empty = not written.shown.strip()
    least = min(drawing.size for _, drawing in drawings)

    def blank() -> None:
        _show(pdf, drawings, font, inked=False)

    def ink() -> None:
        _show(pdf, drawings, font, inked=True)
        _store(live, written, drawings[0][1].first_row)

    return Entry(live.field.name, empty, least, tuple(widget for widget, _ in live.shown), blank, ink)


def _drawing(live: Live, widget: Widget, place: Place, written: Written, pen: Pen) -> Drawing:
    if live.field.type == shapes.LIST:
        labels = [option.label for option in live.field.options]
        return pen.rows(widget, place, labels, list(written.chosen))
    return pen.text(live.field, widget, place, written.shown)


def _show(pdf: Any, drawings: list[tuple[Place, Drawing]], font: Any, *, inked: bool) -> None:
    for place, drawing in drawings:
        place.widget.AP = Dictionary(N=stream_of(pdf, drawing, font, inked=inked))
        _drop(place.widget, "/AS")


def _store(live: Live, written: Written, first_row: int) -> None:
    strings = [String(each) for each in written.stored]
    for owner in live.node.owners:
        _drop(owner, "/RV", "/I")
        if live.field.type == shapes.TEXT or strings:
            owner.V = Array(strings) if live.field.multiple and len(strings) != 1 else strings[0]
        else:
            owner.V = String("")
        if written.chosen:
            owner.I = Array(list(written.chosen))
        if live.field.type == shapes.LIST:
            owner.TI = first_row


def _marked(pdf: Any, live: Live, written: Written) -> Entry:
    pairs = list(live.shown)
    boxes = [
        (place, _own_state(live, widget, written))
        for widget, place in zip(live.field.widgets, live.node.places, strict=True)
    ]

    def blank() -> None:
        for place, _ in boxes:
            place.widget.AS = Name(f"/{OFF}")

    def ink() -> None:
        for widget, place in pairs:
            for state in _own_state(live, widget, written):
                _ensure_mark(pdf, live, widget, place, state)
        for place, states in boxes:
            place.widget.AS = Name(f"/{states[0] if states else OFF}")
        for owner in live.node.owners:
            owner.V = Name(f"/{written.states[0] if written.states else OFF}")

    on = tuple(widget for widget, _ in pairs if _own_state(live, widget, written))
    return Entry(live.field.name, not on, 0.0, on, blank, ink)


def _own_state(live: Live, widget: Widget, written: Written) -> list[str]:
    """Return the state in which a widget is on, if it is; one without any takes that of the field."""
    own = widget.states or (live.field.states if len(live.field.states) == 1 else ())
    return [state for state in own if state in written.states]


def _ensure_mark(pdf: Any, live: Live, widget: Widget, place: Place, state: str) -> None:
    appearances = objects.mapping(place.widget.get("/AP"))
    normal = objects.mapping(appearances.get("/N"))
    on, off = normal.get(f"/{state}"), normal.get(f"/{OFF}")
    if marks.draws_itself(on, off):
        return
    radio = live.field.type == shapes.RADIO
    frame, style = frame_of(place.widget, widget.rect), marks.style_of(place.widget, radio=radio)
    ground = marks.ring(frame) if radio and style == marks.DISC else frame.drawn()
    kept = {key: each for key, each in normal.items() if isinstance(each, Stream)}
    kept[f"/{state}"] = frame.form(pdf, [*ground, *marks.mark(frame, style)])
    place.widget.AP = Dictionary({**dict(appearances.items()), "/N": Dictionary(kept)})


def _drop(holder: Any, *keys: str) -> None:
    for key in keys:
        if key in holder:
            del holder[key]
