"""Amending: put a reviewer's edits into a payload by its schema, and say what changed."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator

from autopilot.exceptions import FormInvalid
from autopilot.storable import canonical

Payload = dict[str, Any]


def merged(schema: Payload, payload: Payload, edits: Payload) -> Payload:
    """Return a payload with the edits in place; raises FormInvalid with a message for every field that does not fit.

    Only fields that the schema names, and does not mark readOnly, can be edited; edits and payload are nested alike.
    """
    fixed = sorted(set(edits) - set(schema.get("properties", {}))) or list(_fixed(schema, payload, edits))
    if fixed:
        raise FormInvalid(errors=dict.fromkeys(fixed, "This field cannot be edited."))
    editable = {name: value for name, value in payload.items() if name in schema["properties"]} | edits
    problems = dict(row for error in Draft202012Validator(schema).iter_errors(editable) for row in _messages(error))
    if problems:
        raise FormInvalid(errors=problems)
    return deepcopy(payload) | deepcopy(editable)


def difference(before: object, after: object, path: str = "") -> list[dict[str, Any]]:
    """Return what changed between two payloads: path, before and after, one row per value, in the order of paths."""
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [(f"{path}/{key}", before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]
    elif isinstance(before, list) and isinstance(after, list):
        pairs = [
            (f"{path}/{index}", before[index : index + 1] or None, after[index : index + 1] or None)
            for index in range(max(len(before), len(after)))
        ]
        pairs = [(name, old[0] if old else None, new[0] if new else None) for name, old, new in pairs]
    else:
        # By their writing, because to Python 0 equals False.
        same = canonical(before) == canonical(after)
        return [] if same else [{"path": path, "before": before, "after": after}]
    return [row for name, old, new in pairs for row in difference(old, new, name)]


def _fixed(schema: Payload, before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what differs although the schema marks it readOnly.

    Records of a list may move and go, so one keeps what is readOnly as long as some record had the same.
    """
    if isinstance(after, list) and isinstance(inner := schema.get("items"), dict):
        held = before if isinstance(before, list) else []
        for index, each in enumerate(after):
            problems = [list(_fixed(inner, one, each, f"{path}{index}/")) for one in held]
            yield from min(problems, key=len, default=list(_fixed(inner, {}, each, f"{path}{index}/")))
    elif isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        for name in (name for name in schema.get("properties", {}) if name in after):
            property_schema, old, new = schema["properties"][name], known.get(name), after[name]
            if property_schema.get("readOnly"):
                yield from [f"{path}{name}"] if canonical(old) != canonical(new) else []
            else:
                yield from _fixed(property_schema, old, new, f"{path}{name}/")


def _messages(error: Any) -> list[tuple[str, str]]:
    """Return a path and a message for every field that an error is about."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [("/".join([*path, name]), "This field is needed.") for name in missing]
    return [("/".join(path) or "form", error.message)]
