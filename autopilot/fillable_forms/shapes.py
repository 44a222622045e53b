"""What is told of a form: plain data that passes from the limited process to its parent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Rect = tuple[float, float, float, float]
TEXT, CHECKBOX, RADIO, COMBO, LIST = "text", "checkbox", "radio", "combo", "list"
BUTTON, SIGNATURE, UNKNOWN = "button", "signature", "unknown"
FILLABLE = frozenset({TEXT, CHECKBOX, RADIO, COMBO, LIST})
USUAL = "Yes"  # the name that §12.7.4.2.3 recommends for “on”
MARKED = frozenset({CHECKBOX, RADIO})


@dataclass(frozen=True)
class Option:
    """One thing that may be chosen: the value that is written, and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True)
class Widget:
    """One place where a field stands.

    `page` counts from 1; 0 says that no page shows it. `rect` is left, bottom, right, top in points of the page, and
    `states` are the names under which it can be on. `spot` is where its page's picture shows it, however the page is
    turned and cropped: left, top, right, bottom in points from its upper left corner.
    """

    page: int
    rect: Rect
    states: tuple[str, ...] = ()
    hidden: bool = False
    spot: Rect = (0.0, 0.0, 0.0, 0.0)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Widget":
        """Return the widget that `dataclasses.asdict` made plain."""
        facts: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in plain.items()}
        return cls(**facts)

    @property
    def shown(self) -> bool:
        """Whether a reader of the page can see it."""
        left, bottom, right, top = self.rect
        return bool(self.page) and not self.hidden and right > left and top > bottom


@dataclass(frozen=True)
class Field:
    """One field: what it is called, what it takes, where it stands and what it holds."""

    name: str
    type: str
    label: str = ""
    options: tuple[Option, ...] = ()
    widgets: tuple[Widget, ...] = ()
    value: Any = None
    max_length: int | None = None
    comb: bool = False
    multiline: bool = False
    required: bool = False
    read_only: bool = False
    editable: bool = False
    multiple: bool = False
    unison: bool = False
    calculated: bool = False
    for_signing: bool = False
    unsupported: str = ""

    @property
    def pages(self) -> list[int]:
        """The pages it stands on, in order."""
        return sorted({widget.page for widget in self.widgets if widget.page})

    @property
    def states(self) -> tuple[str, ...]:
        """The names under which a button can be on, in the order of its options."""
        return tuple(dict.fromkeys(state for widget in self.widgets for state in widget.states)) or (USUAL,)

    @property
    def marks(self) -> list[str]:
        """The words that turn a button on."""
        return [option.value for option in self.options] or [USUAL]

    def row(self) -> dict[str, Any]:
        """Return what a list of fields says of it."""
        first = next((widget for widget in self.widgets if widget.page), None)
        return {
            "name": self.name,
            "type": self.type,
            "page": first.page if first else None,
            "label": self.label,
            "options": [{"value": option.value, "label": option.label} for option in self.options],
            "limits": self.limits(),
            "value": self.value,
            "pages": self.pages,
            "rect": list(first.rect) if first else None,
            "widgets": [{"page": each.page or None, "rect": list(each.rect)} for each in self.widgets],
        }

    def limits(self) -> dict[str, Any]:
        """Return what binds its value; what does not hold is left out."""
        bounds: dict[str, Any] = {"max_length": self.max_length} if self.max_length else {}
        flags = ("comb", "multiline", "required", "read_only", "editable", "multiple", "calculated", "for_signing")
        return bounds | {flag: True for flag in flags if getattr(self, flag)} | self._visibility()

    def _visibility(self) -> dict[str, Any]:
        return {} if any(widget.shown for widget in self.widgets) else {"hidden": True}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Field":
        """Return the field that `dataclasses.asdict` made plain."""
        widgets = tuple(Widget.of(each) for each in plain["widgets"])
        return cls(**{**plain, "options": tuple(Option(**each) for each in plain["options"]), "widgets": widgets})


@dataclass(frozen=True)
class Triage:
    """What kind of form a file is, and what stands against filling it.

    `refusal` is empty for a form that can be filled, else the reason in a word, told in `message` and about `names`.
    `kind` is acroform, hybrid_xfa, dynamic_xfa or none. `edition` and `expires` stand as the form prints them;
    `expires_on` is the last day, in ISO 8601.
    """

    refusal: str = ""
    message: str = ""
    names: tuple[str, ...] = ()
    kind: str = "none"
    pages: int = 0
    fields: int = 0
    fillable: int = 0
    encrypted: bool = False
    permits_filling: bool = True
    javascript: bool = False
    usage_rights: bool = False
    certified: bool = False
    tagged: bool = False
    signature_fields: tuple[str, ...] = ()
    calculated: tuple[str, ...] = ()
    edition: str = ""
    expires: str = ""
    expires_on: str = ""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Triage":
        """Return the triage that `dataclasses.asdict` made plain."""
        facts: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in plain.items()}
        return cls(**facts)


@dataclass(frozen=True)
class Refusal:
    """A value that was not written: of which field, why in a word, and what to do."""

    field: str
    reason: str
    message: str
    characters: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        told: dict[str, Any] = {"field": self.field, "reason": self.reason, "message": self.message}
        return told | ({"characters": list(self.characters)} if self.characters else {})


@dataclass(frozen=True)
class Filled:
    """A filled form: its bytes, how many values are in it, what was refused, and what a reviewer should look at."""

    pdf: bytes
    filled: int
    refused: tuple[Refusal, ...] = ()
    notes: tuple[Refusal, ...] = field(default=())
