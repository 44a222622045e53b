"""Amending: put a reviewer's edits into a payload by its schema, and say what changed."""

from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator

from autopilot.exceptions import FormInvalid
from autopilot.storable import canonical

Payload = dict[str, Any]


def merged(schema: Payload, payload: Payload, edits: Payload) -> Payload:
    """Return a payload with the edits in place; raises FormInvalid with a message for every field that does not fit.

    Only fields that the schema names can be edited; edits and payload are nested alike.
    """
    unknown = set(edits) - set(schema.get("properties", {}))
    if unknown:
        raise FormInvalid(errors=dict.fromkeys(sorted(unknown), "This field cannot be edited."))
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


def _messages(error: Any) -> list[tuple[str, str]]:
    """Return a path and a message for every field that an error is about."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [("/".join([*path, name]), "This field is needed.") for name in missing]
    return [("/".join(path) or "form", error.message)]
