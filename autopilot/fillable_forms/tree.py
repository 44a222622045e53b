"""The tree of fields (ISO 32000-1 §12.7.3): what is inherited goes down with the walk, so no /Parent is trusted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from autopilot.fillable_forms import objects
from autopilot.fillable_forms.errors import FormUnusable

INHERITED = ("/FT", "/Ff", "/V", "/MaxLen", "/Opt", "/DA", "/Q", "/TU")
MOST_NODES = 20_000
DEEPEST = 40


@dataclass
class Place:
    """One widget: its dictionary, and what it inherits."""

    widget: Any
    facts: dict[str, Any]


@dataclass
class Node:
    """One field: the dictionaries that hold its value, what it inherits, and its widgets.

    Dictionaries of one full name are one field (§12.7.3.2).
    """

    name: str
    facts: dict[str, Any]
    owners: list[Any] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


def form_of(pdf: Any) -> Any:
    """Return the interactive form dictionary, an empty one where there is none."""
    return objects.mapping(pdf.Root.get("/AcroForm"))


def nodes(pdf: Any) -> list[Node]:
    """Return every terminal field in the order of the tree; raises FormUnusable for more than 20,000 of them."""
    found: dict[str, Node] = {}
    for name, owner, facts, places in _Walk().terminals(form_of(pdf)):
        node = _joined(found, name, facts)
        node.owners.append(owner)
        node.places += places
    return list(found.values())


def _joined(found: dict[str, Node], name: str, facts: dict[str, Any]) -> Node:
    """Return the node of a name; a namesake of another type is malformed, and gets a number."""
    known = found.setdefault(name, Node(name, facts))
    if known.facts.get("/FT") == facts.get("/FT"):
        return known
    return _joined(found, f"{name}#2", facts)


class _Walk:
    """One walk over the tree; what was seen is not seen again, so a circle ends."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()
        self.walked = 0

    def is_new(self, node: Any) -> bool:
        """Whether this is a dictionary not met before; raises FormUnusable where there are too many."""
        if not isinstance(node, pikepdf.Dictionary):
            return False
        self.walked += 1
        if self.walked > MOST_NODES:
            raise FormUnusable("too_many_fields", f"The form has more than {MOST_NODES} fields.")
        known = objects.identity(node)
        if known is None:
            return True
        new = known not in self.seen
        self.seen.add(known)
        return new

    def terminals(self, form: Any) -> Iterator[tuple[str, Any, dict[str, Any], list[Place]]]:
        """Go down from the roots to every field that has no named kids, or has widgets beside them."""
        defaults = {key: form[key] for key in ("/DA", "/Q") if key in form}
        waiting = [(each, "", defaults, 0) for each in reversed(objects.items(form.get("/Fields")))]
        while waiting:
            node, prefix, facts, depth = waiting.pop()
            if depth > DEEPEST or not self.is_new(node):
                continue
            name, facts = _named(node, prefix), _inherited(node, facts)
            kids = objects.items(node.get("/Kids"))
            named = [kid for kid in kids if "/T" in objects.mapping(kid)]
            waiting += [(kid, name, facts, depth + 1) for kid in reversed(named)]
            places = self._places(node, facts, depth)
            if places or not named:
                yield name, node, facts, places

    def _places(self, node: Any, facts: dict[str, Any], depth: int) -> list[Place]:
        """Return the widgets of a field: itself, or its nameless kids."""
        kids = objects.items(node.get("/Kids"))
        if not kids or depth > DEEPEST:
            return [Place(node, facts)] if objects.word(node.get("/Subtype")) == "Widget" else []
        nameless = [kid for kid in kids if "/T" not in objects.mapping(kid) and self.is_new(kid)]
        return [place for kid in nameless for place in self._places(kid, _inherited(kid, facts), depth + 1)]


def _named(node: Any, prefix: str) -> str:
    partial = objects.text(node.get("/T"))
    return f"{prefix}.{partial}" if prefix and "/T" in node else partial or prefix


def _inherited(node: Any, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {key: node[key] for key in INHERITED if key in node}
