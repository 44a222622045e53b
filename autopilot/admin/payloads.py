"""A payload as people read it: words for its names and values, taken from its JSON Schema where it has one.

The page that shows a payload, the form that amends it and the table of what changed all read it through here, so that
they use the same words.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autopilot.reports.moments import when

Schema = dict[str, Any]
Payload = dict[str, Any]

NOTHING = "—"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
LEAST_GROUP = 3
GROUP_TITLES = "x-groups"  # in a schema: what people call each group, by the first word of its names
INITIALISMS = {"cip", "ein", "id", "ip", "ssn", "url", "zip"}


@dataclass(frozen=True)
class Item:
    """One plain value: where it stands (`programs/0/title`), its label in full and inside its part, and its schema."""

    path: str
    label: str
    name: str
    schema: Schema
    value: Any

    @property
    def text(self) -> str:
        """The value as people read it."""
        return shown(self.value, self.schema)


@dataclass
class Part:
    """A part of a payload: its plain values, and the parts below it. A list has a part for each of its records."""

    title: str = ""
    path: str = ""
    schema: Schema = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    is_list: bool = False

    def all_items(self) -> Iterator[Item]:
        """Yield every plain value in this part and below."""
        yield from self.items
        for part in self.parts:
            yield from part.all_items()


def described(payload: Payload, schema: Schema | None = None) -> Part:
    """Return a payload as parts with values, in the order of its schema; names that share a first word are grouped."""
    return _record(payload, schema or {}, Part())


def in_focus(payload: Payload, schema: Schema, elsewhere: Collection[str] = ()) -> tuple[Part, Part, Part]:
    """Return what a form may amend, what else a reviewer weighs, and the ids that only machines read.

    `elsewhere` names what has a place of its own on the page.
    """
    told = {name: value for name, value in payload.items() if name not in elsewhere}
    ids = {name: value for name, value in told.items() if name == "id" or name.endswith("_id")}
    named = {name: told[name] for name in schema.get("properties", {}) if name in told}
    rest = {name: value for name, value in told.items() if name not in named and name not in ids}
    return described(named, schema), described(rest), described(ids)


def label_of(path: str, schema: Schema) -> str:
    """Return what people call the value at a path such as `/programs/0/title`: “Program 1: Title”."""
    labels: list[str] = []
    for name in path.strip("/").split("/"):
        if name.isdecimal() and labels:
            labels[-1] = _numbered(schema, labels[-1], int(name))
            schema = schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(name, {})
            labels.append(schema.get("title") or words(name))
    return ": ".join(labels)


def schema_at(path: str, schema: Schema) -> Schema:
    """Return the schema of the value at a path; empty where none says anything."""
    for name in path.strip("/").split("/"):
        schema = schema.get("items", {}) if name.isdecimal() else schema.get("properties", {}).get(name, {})
    return schema


def words(name: str) -> str:
    """Return a name as people write it: `cip_code` as “CIP code”."""
    text = " ".join(word.upper() if word in INITIALISMS else word for word in name.split("_"))
    return text[:1].upper() + text[1:]


def choices(schema: Schema) -> list[tuple[Any, str]]:
    """Return the values a schema allows, each with its words, from `oneOf` with `const` and `title` or from `enum`."""
    if "enum" in schema:
        return [(value, words(str(value))) for value in schema["enum"]]
    named = [each for each in schema.get("oneOf", []) if "const" in each]
    return [(each["const"], each.get("title") or words(str(each["const"]))) for each in named]


def shown(value: object, schema: Schema | None = None) -> str:
    """Return a value as people read it."""
    schema = schema or {}
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(shown(item, schema.get("items")) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{item.label}: {item.text}" for item in described(value, schema).all_items())
    named = dict(choices(schema))
    return named[value] if isinstance(value, str | int) and value in named else _plain(str(value))


def _plain(text: str) -> str:
    try:
        return when(datetime.fromisoformat(text)) if MOMENT.fullmatch(text) else text
    except (ValueError, OverflowError):
        return text  # it only looks like a moment


def _record(value: Payload, schema: Schema, part: Part) -> Part:
    properties = schema.get("properties", {})
    names = [name for name in properties if name in value] + [name for name in value if name not in properties]
    plain = [name for name in names if not has_parts(value[name], properties.get(name, {}))]
    groups, titles = _groups(plain), schema.get(GROUP_TITLES, {})
    for name in names:
        inner, path = properties.get(name, {}), _below(part.path, name)
        title = inner.get("title") or words(name)
        if has_parts(value[name], inner):
            part.parts.append(_inner(value[name], inner, path, part.title, title))
        else:
            word = groups.get(name, "")
            target = _group(part, titles.get(word) or words(word))
            short = _without(words(word), title) if word else title
            target.items.append(Item(path, _joined(part.title, title), short, inner, value[name]))
    return part


def _inner(value: Any, schema: Schema, path: str, outer: str, title: str) -> Part:
    if isinstance(value, dict):
        return _record(value, schema, Part(_joined(outer, title), path, schema))
    records = Part(_joined(outer, title), path, schema, is_list=True)
    inner = schema.get("items", {})
    for index, each in enumerate(value):
        record = Part(_joined(outer, _numbered(schema, title, index)), _below(path, str(index)), inner)
        records.parts.append(_record(each if isinstance(each, dict) else {"value": each}, inner, record))
    return records


def has_parts(value: object, schema: Schema) -> bool:
    """Return whether a value is a record or a list of records, and not a plain value."""
    if isinstance(value, list):
        return schema.get("items", {}).get("type") == "object" or any(isinstance(item, dict) for item in value)
    return isinstance(value, dict)


def _groups(names: list[str]) -> dict[str, str]:
    """Return the first word of each name that shares it with at least two others."""
    first = {name: name.split("_")[0] for name in names if "_" in name}
    sizes = [*first.values()]
    return {name: word for name, word in first.items() if sizes.count(word) >= LEAST_GROUP}


def _group(part: Part, title: str) -> Part:
    if not title:
        return part
    known = next((each for each in part.parts if each.title == title and not each.path), None)
    if known is None:
        known = Part(title)
        part.parts.append(known)
    return known


def _without(group: str, title: str) -> str:
    """Return a title without the word of its group, which stands above it."""
    if not title.lower().startswith(f"{group.lower()} "):
        return title
    rest = title[len(group) :].strip()
    return rest[:1].upper() + rest[1:]


def _numbered(schema: Schema, title: str, index: int) -> str:
    return f"{schema.get('items', {}).get('title') or title} {index + 1}"


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _joined(outer: str, title: str) -> str:
    return f"{outer}: {title}" if outer else title
