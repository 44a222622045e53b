"""The fields of an open form, each described and with the objects it is written to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf

from autopilot.fillable_forms import flags, objects, shapes
from autopilot.fillable_forms.shapes import Field, Option, Rect, Widget
from autopilot.fillable_forms.signing import is_for_signing
from autopilot.fillable_forms.tree import Node, Place, nodes

OFF = "Off"
MOST_OPTIONS = 5_000


@dataclass
class Live:
    """A field as it is told, and where it stands in the file; widgets and places are in the same order."""

    field: Field
    node: Node

    @property
    def shown(self) -> Iterator[tuple[Widget, Place]]:
        """The widgets that a reader can see."""
        pairs = zip(self.field.widgets, self.node.places, strict=True)
        return ((widget, place) for widget, place in pairs if widget.shown)


def read(pdf: Any, labels: Mapping[str, str] | None = None) -> dict[str, Live]:
    """Return every field of a form by its full name.

    `labels` are texts found on the page, for fields that bring none of their own. They are a guess for people to read,
    and decide nothing.
    """
    numbers = {objects.identity(each): page for page, each in annotations(pdf)}
    found = (Live(_field(node, numbers, labels or {}), node) for node in nodes(pdf))
    return {live.field.name: live for live in found}


def annotations(pdf: Any) -> Iterator[tuple[int, Any]]:
    """Go through the annotations of all pages, with the number of the page."""
    for number, page in enumerate(pdf.pages, start=1):
        for each in objects.items(page.obj.get("/Annots")):
            if isinstance(each, pikepdf.Dictionary):
                yield number, each


def states_of(widget: Any) -> list[str]:
    """Return the names under which a button can be on, out of its appearances (§12.7.4.2.3)."""
    appearances = objects.mapping(widget.get("/AP"))
    named = [name for key in ("/N", "/D") for name in _keys(appearances.get(key))]
    return list(dict.fromkeys(name for name in named if name != OFF))


def rect_of(widget: Any) -> Rect:
    """Return the rectangle of a widget with its corners in order; an empty one where there is none."""
    corners = objects.numbers(widget.get("/Rect"))
    if len(corners) != 4:
        return (0.0, 0.0, 0.0, 0.0)
    left, right = sorted(corners[0::2])
    bottom, top = sorted(corners[1::2])
    return (left, bottom, right, top)


def _keys(value: Any) -> Iterable[str]:
    return [objects.spelled(key) for key in value.keys()] if isinstance(value, pikepdf.Dictionary) else []  # noqa: SIM118 (iterating a dictionary of pikepdf gives no keys)


def _field(node: Node, numbers: Mapping[Any, int], labels: Mapping[str, str]) -> Field:
    facts, bits = node.facts, objects.integer(node.facts.get("/Ff"))
    kind = _type(facts, bits)
    tooltip = objects.text(facts.get("/TU")).strip()
    nearby = labels.get(node.name, "")
    most = objects.integer(facts.get("/MaxLen")) if kind == shapes.TEXT else 0
    multiline = kind == shapes.TEXT and bool(bits & flags.MULTILINE)
    return Field(
        name=node.name,
        type=kind,
        label=tooltip or nearby,
        options=tuple(_options(kind, node)),
        widgets=tuple(_widget(place, numbers) for place in node.places),
        value=_value(kind, facts.get("/V")),
        max_length=most if most > 0 else None,
        comb=kind == shapes.TEXT and most > 0 and not multiline and bool(bits & flags.COMB),
        multiline=multiline,
        required=bool(bits & flags.REQUIRED),
        read_only=bool(bits & flags.READ_ONLY),
        editable=kind == shapes.COMBO and bool(bits & flags.EDIT),
        multiple=kind == shapes.LIST and bool(bits & flags.MULTI_SELECT),
        unison=kind == shapes.CHECKBOX or (kind == shapes.RADIO and bool(bits & flags.UNISON)),
        calculated=any("/C" in objects.mapping(each.get("/AA")) for each in node.owners),
        for_signing=kind == shapes.TEXT and is_for_signing(node.name, tooltip),
        unsupported=_unsupported(kind, bits, node),
    )


def _type(facts: Mapping[str, Any], bits: int) -> str:
    match objects.word(facts.get("/FT")):
        case "Tx":
            return shapes.TEXT
        case "Ch":
            return shapes.COMBO if bits & flags.COMBO else shapes.LIST
        case "Sig":
            return shapes.SIGNATURE
        case "Btn" if bits & flags.PUSH_BUTTON:
            return shapes.BUTTON
        case "Btn":
            return shapes.RADIO if bits & flags.RADIO else shapes.CHECKBOX
    return shapes.UNKNOWN


def _unsupported(kind: str, bits: int, node: Node) -> str:
    if kind == shapes.TEXT and bits & flags.PASSWORD:
        return "A password is not written into a file."
    if kind == shapes.TEXT and bits & flags.FILE_SELECT:
        return "The field takes a file."
    if any("/PMD" in place.widget for place in node.places):
        return "The field is a bar code that its reader computes."
    return ""


def _widget(place: Place, numbers: Mapping[Any, int]) -> Widget:
    hidden = objects.integer(place.widget.get("/F")) & (flags.HIDDEN | flags.NO_VIEW)
    known = objects.identity(place.widget)
    page = numbers.get(known, 0) if known else 0
    return Widget(page, rect_of(place.widget), tuple(states_of(place.widget)), bool(hidden))


def _options(kind: str, node: Node) -> Iterator[Option]:
    given = objects.items(node.facts.get("/Opt"))[:MOST_OPTIONS]
    if kind in shapes.MARKED:
        yield from _marks(node, [objects.text(each) for each in given])
        return
    for each in given if kind in (shapes.COMBO, shapes.LIST) else []:
        pair = [objects.text(member) for member in objects.items(each)]
        yield Option(pair[0], pair[1]) if len(pair) > 1 else Option(*[pair[0] if pair else objects.text(each)] * 2)


def _marks(node: Node, given: list[str]) -> Iterator[Option]:
    """Name each state once, by the export value that /Opt gives the widget at its place (table 227) where it tells."""
    named: dict[str, str] = {}
    for place, widget in enumerate(node.places):
        for state in states_of(widget.widget):
            named.setdefault(state, given[place] if place < len(given) else state)
    exported = Counter(named.values())
    return (Option(label if exported[label] == 1 else state, label) for state, label in named.items())


def _value(kind: str, value: Any) -> Any:
    if kind in shapes.MARKED:
        return objects.word(value) or objects.text(value) or OFF
    if isinstance(value, pikepdf.Array):
        return [objects.text(each) for each in value]
    return objects.text(value) if kind in (shapes.TEXT, shapes.COMBO, shapes.LIST) else None
