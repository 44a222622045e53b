"""The form that amends a payload, made from its JSON Schema: fields, groups, and records that can be added and removed."""

from collections.abc import Iterator
from typing import Any

from django import forms

from autopilot.admin.fields import TextField, field_for
from autopilot.admin.payloads import Item, Part, Payload, Schema, described, label_of
from autopilot.admin.shapes import (
    ADD,
    COUNT,
    MISSING,
    REMOVE,
    Posted,
    bounds,
    filled,
    is_fixed,
    kind_of,
    posted,
    value_at,
)

WHOLE_FORM = ("", "form")
SHORT = 100


class AmendForm(forms.Form):
    """The editable values of a payload.

    `payload` is what is amended, of version `version`; `data` is what was posted; `shape` is shown instead of the
    payload's own values, as after a record was added.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    comment = TextField(
        required=False,
        max_length=2000,
        label="What you changed, and why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the person who decides.",
    )

    def __init__(
        self,
        schema: Schema,
        payload: Payload,
        version: int,
        *,
        data: Posted | None = None,
        shape: Payload | None = None,
        comment: str = "",
    ) -> None:
        self.schema = schema
        self.payload = payload
        self.shape = posted(schema, data) if data is not None else shape or filled(schema, payload)
        self.part = described(self.shape, schema)
        shown = {item.path: item.value for item in self.part.all_items()}
        stored = {path: None if (held := value_at(payload, path)) is MISSING else held for path in shown}
        initial = (shown if data is None else stored) | {"version": version, "comment": comment}
        super().__init__(data, initial=initial)
        self.fields |= {item.path: field_for(item) for item in self.part.all_items()}

    def edits(self) -> Payload:
        """Return what was entered, nested as the payload is; what was not touched is as it was stored."""
        return self._record(self.schema, self.shape, "")

    def take_errors(self, errors: dict[str, str]) -> None:
        """Show what was refused beside the field it names, or above the form under its label."""
        for path, message in errors.items():
            name = path if path in self.fields else None
            named = path in WHOLE_FORM or name is not None
            self.add_error(name, message if named else f"{label_of(path, self.schema)}: {message}")

    def groups(self) -> Iterator[dict[str, Any]]:
        """Yield what the page shows one after the other: a group of fields, or the button that adds a record."""
        yield {"title": "", "rows": [[self["comment"]]], "remove": ""}
        yield from self._groups(self.part, removable=False)

    def counts(self) -> dict[str, int]:
        """Return the name and the value of the hidden field of each list of records."""
        return {f"{part.path}/{COUNT}": len(part.parts) for part in _lists(self.part)}

    def _groups(self, part: Part, *, removable: bool) -> Iterator[dict[str, Any]]:
        if part.items:
            remove = f"{REMOVE}{part.path}" if removable else ""
            yield {"title": part.title, "rows": self._rows(part), "remove": remove}
        shrinks, grows = _may_change(part)
        for inner in part.parts:
            yield from self._groups(inner, removable=shrinks)
        if grows:
            title = part.schema["items"].get("title") or part.title
            yield {"add": f"{ADD}{part.path}", "title": title[:1].lower() + title[1:]}

    def _rows(self, part: Part) -> list[list[forms.BoundField]]:
        """Return the fields of a part as lines of the page: short ones that follow each other share a line."""
        lines: list[list[forms.BoundField]] = []
        beside = False
        for item in part.items:
            short = _is_short(item)
            if short and beside:
                lines[-1].append(self[item.path])
            else:
                lines.append([self[item.path]])
            beside = short
        return lines

    def _record(self, schema: Schema, shape: Payload, path: str, *, steady: bool = True) -> Payload:
        stored = value_at(self.payload, path) if path and steady else {}
        # What the form does not show stays, unless records moved and nobody knows whose it was.
        held = stored.items() if isinstance(stored, dict) else ()
        record = {name: value for name, value in held if name not in shape}
        for name, inner in shape.items():
            below = f"{path}/{name}" if path else name
            entered = self._entered(schema["properties"][name], inner, below)
            if entered is MISSING and name in schema.get("required", []):
                entered = self.cleaned_data[below]
            if entered is not MISSING:
                record[name] = entered
        return record

    def _entered(self, schema: Schema, shape: Any, path: str) -> Any:
        if path in self.fields:
            return self.cleaned_data[path] if path in self.changed_data else value_at(self.payload, path)
        if isinstance(shape, dict):
            return self._record(schema, shape, path)
        held = value_at(self.payload, path)
        steady = isinstance(held, list) and len(held) == len(shape)
        return [
            self._record(schema["items"], each, f"{path}/{index}", steady=steady) for index, each in enumerate(shape)
        ]


def _is_short(item: Item) -> bool:
    kind = kind_of(item.schema)
    return kind in ("integer", "number", "choice") or 0 < item.schema.get("maxLength", 0) <= SHORT


def _may_change(part: Part) -> tuple[bool, bool]:
    """Return whether a list may lose a record, and whether it may get one more."""
    if not part.is_list or is_fixed(part.schema):
        return False, False
    fewest, most = bounds(part.schema)
    return len(part.parts) > fewest, len(part.parts) < most


def _lists(part: Part) -> Iterator[Part]:
    if part.is_list:
        yield part
    for inner in part.parts:
        yield from _lists(inner)
