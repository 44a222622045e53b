"""What of a job may be shown: what its kind calls sensitive is masked, and so is what is sensitive by its name alone.

A job's payload holds ids and no person's data. This is the second wall: it stands at every door that shows one.
"""

import re
from collections.abc import Mapping
from typing import Any

from autopilot.engine import registry
from autopilot.exceptions import UnknownKind
from autopilot.models.jobs import Job

MASK = "••••••"
SENSITIVE_NAME = re.compile(
    r"(^|[_-])(ssn|itin|ein|tin|dob|birth_?date|date_of_birth|password|passphrase|secret|token|api_?key|iban"
    r"|(bank_)?account_(number|no)|routing_number|signature)($|[_-])",
    re.IGNORECASE,
)
Schema = Mapping[str, Any]


def shown_payload(job: Job) -> Any:
    """Return a job's payload with everything sensitive masked."""
    return redacted(job.payload, _schemas(job)[0])


def shown_result(job: Job) -> Any:
    """Return a job's result with everything sensitive masked; None while it has none."""
    return redacted(job.result, _schemas(job)[1])


def redacted(value: Any, schema: Schema) -> Any:
    """Return JSON with each value masked that its schema marks writeOnly, or whose name says what it is."""
    if schema.get("writeOnly") and value is not None:
        return MASK
    if isinstance(value, Mapping):
        return {name: _member(name, each, schema) for name, each in value.items()}
    if isinstance(value, list):
        return [redacted(each, schema.get("items") or {}) for each in value]
    return value


def _member(name: str, value: Any, schema: Schema) -> Any:
    if SENSITIVE_NAME.search(name) and value not in (None, ""):
        return MASK
    others = schema.get("additionalProperties")
    inner = schema.get("properties", {}).get(name, others if isinstance(others, Mapping) else {})
    return redacted(value, inner)


def _schemas(job: Job) -> tuple[Schema, Schema]:
    try:
        handler = registry.find_handler(job.kind)
    except UnknownKind:  # its code is gone: what cannot be told apart is not shown
        return {"writeOnly": True}, {"writeOnly": True}
    return handler.signature.schema, handler.result
