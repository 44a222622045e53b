"""What a form made from a JSON Schema posts, as nested as the payload it amends; pure functions over plain values.

A field is named by the path of its value: `programs/0/title`. A list of records says in `programs/count` how many of
them the page showed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from autopilot.admin.payloads import Payload, Schema, choices

MOST_RECORDS = 100
COUNT = "count"
ADD, REMOVE = "add:", "remove:"
PLAIN = {"string", "integer", "number", "boolean"}
MISSING = object()
Posted = Mapping[str, Any]


def kind_of(schema: Schema) -> str:
    """Return how a value is edited: object, records, lines, choice, a plain type, or "" for what no form can edit."""
    types = schema.get("type", "")
    kind = next((each for each in types if each != "null"), "") if isinstance(types, list) else types
    inner = schema.get("items", {})
    if schema.get("readOnly"):
        return ""
    if choices(schema):
        return "choice"
    if kind == "object":
        return "object" if editable(schema) else ""
    if kind == "array":
        return "records" if kind_of(inner) == "object" else "lines" if inner.get("type") == "string" else ""
    return kind if kind in PLAIN else ""


def editable(schema: Schema) -> dict[str, Schema]:
    """Return the properties of a record that a form can edit, by name."""
    return {name: inner for name, inner in schema.get("properties", {}).items() if kind_of(inner)}


def bounds(schema: Schema) -> tuple[int, int]:
    """Return how few and how many records a list may have."""
    return schema.get("minItems", 0), min(schema.get("maxItems", MOST_RECORDS), MOST_RECORDS)


def is_fixed(schema: Schema) -> bool:
    """Return whether a list keeps its records: a new one would lack what no form can enter."""
    return len(editable(schema["items"])) < len(schema["items"].get("properties", {}))


def filled(schema: Schema, value: Any) -> Any:
    """Return the editable part of a value, with None wherever the schema names what it does not hold."""
    kind = kind_of(schema)
    if kind == "object":
        held = value if isinstance(value, dict) else {}
        return {name: filled(inner, held.get(name)) for name, inner in editable(schema).items()}
    if kind == "records":
        return [filled(schema["items"], item) for item in value or []]
    return value


def posted(schema: Schema, data: Posted, path: str = "") -> Any:
    """Return what was posted for a schema, nested as the schema is, every plain value still as text."""
    kind = kind_of(schema)
    if kind == "object":
        return {
            name: posted(inner, data, f"{path}/{name}" if path else name) for name, inner in editable(schema).items()
        }
    if kind == "records":
        return [posted(schema["items"], data, f"{path}/{index}") for index in range(_count(schema, data, path))]
    return data.get(path, "")


def is_reshaping(action: str) -> bool:
    """Return whether a button asks for a record more or less, and not for the form to be taken in."""
    return action.startswith((ADD, REMOVE))


def reshaped(schema: Schema, data: Posted, action: str) -> Any:
    """Return what was posted with the record more or less that a button asks for; a path that is none changes nothing."""
    shape = posted(schema, data)
    if action.startswith(ADD):
        records, inner = _find(shape, schema, action.removeprefix(ADD).split("/"))
        if isinstance(records, list) and len(records) < bounds(inner)[1] and not is_fixed(inner):
            records.append(posted(inner["items"], {}))
        return shape
    *path, index = action.removeprefix(REMOVE).split("/")
    records, inner = _find(shape, schema, path)
    if (
        isinstance(records, list)
        and _is_index(index, records)
        and len(records) > bounds(inner)[0]
        and not is_fixed(inner)
    ):
        del records[int(index)]
    return shape


def rebased(schema: Schema, base: Payload, current: Payload, data: Posted) -> Any:
    """Return what was posted against an older version, put on the current one: what was not touched is the current."""
    return _rebased(filled(schema, base), filled(schema, current), posted(schema, data))


def value_at(value: Any, path: str) -> Any:
    """Return what stands at a path of a payload; MISSING where nothing does."""
    for name in path.split("/"):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _is_index(name, value):
            value = value[int(name)]
        else:
            return MISSING
    return value


def _rebased(base: Any, current: Any, typed: Any) -> Any:
    if isinstance(typed, dict):
        return {name: _rebased(*values) for name, values in _three(base, current, typed)}
    if isinstance(typed, list):
        if len(typed) == len(base) == len(current):
            return [_rebased(*values) for values in zip(base, current, typed, strict=True)]
        return typed if len(typed) != len(base) else current
    return current if _as_posted(base) == _as_posted(typed) else typed


def _three(base: Payload, current: Payload, typed: Payload) -> Iterator[tuple[str, tuple[Any, Any, Any]]]:
    for name, value in typed.items():
        yield name, (base[name], current[name], value)


def _as_posted(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    lines = value if isinstance(value, list) else [] if value is None else [value]
    return "\n".join(str(line) for line in lines).replace("\r\n", "\n").strip()


def _count(schema: Schema, data: Posted, path: str) -> int:
    text = str(data.get(f"{path}/{COUNT}", ""))
    return min(int(text), bounds(schema)[1]) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _find(shape: Any, schema: Schema, path: list[str]) -> tuple[Any, Schema]:
    """Return what stands at a path, and its schema; nothing and an empty one where the path leads nowhere."""
    for name in path:
        if isinstance(shape, dict) and name in shape:
            shape, schema = shape[name], schema["properties"][name]
        elif isinstance(shape, list) and _is_index(name, shape):
            shape, schema = shape[int(name)], schema["items"]
        else:
            return None, {}
    return shape, schema


def _is_index(name: str, records: list[Any]) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 6 and int(name) < len(records)
