"""What of a job may be shown: what its kind calls sensitive is masked, and so is what is sensitive by its name alone.

A job's payload holds ids and no person's data. This is the second wall: it stands at every door that shows one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autopilot import scrubbing
from autopilot.engine import registry
from autopilot.exceptions import UnknownKind
from autopilot.models.jobs import Job
from autopilot.scrubbing import MASK, SENSITIVE_NAME

SHORTEST_HIDDEN = 3  # shorter values would be found in every second word
Schema = Mapping[str, Any]


def shown_payload(job: Job) -> Any:
    """Return a job's payload with everything sensitive masked."""
    return redacted(job.payload, _schemas(job)[0])


def shown_result(job: Job) -> Any:
    """Return a job's result with everything sensitive masked; None while it has none."""
    return redacted(job.result, _schemas(job)[1])


def shown_error(job: Job) -> str:
    """Return a job's last error without what may not be shown of its payload and result."""
    return scrubbed(job, job.error)


def scrubbed(job: Job, text: str) -> str:
    """Return a text that a job left behind, as an error, without what may not be shown of its payload and result."""
    return scrubber(job)(text)


def scrubber(job: Job) -> Callable[[str], str]:
    """Return what scrubs any number of texts of one job, as `scrubbed` does."""
    payload, result = _schemas(job)
    hidden = sorted({*_hidden(job.payload, payload), *_hidden(job.result, result)}, key=len, reverse=True)

    def scrub(text: str) -> str:
        for value in hidden:
            text = text.replace(value, MASK)
        return scrubbing.scrubbed(text)

    return scrub


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


def _hidden(value: Any, schema: Schema) -> set[str]:
    """Return the writings of everything that is masked in a value."""
    shown = redacted(value, schema)
    return {text for leaf in _lost(value, shown) if len(text := str(leaf)) >= SHORTEST_HIDDEN}


def _lost(value: Any, shown: Any) -> Iterator[Any]:
    """Give each text and number in a value that is not in what is shown of it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _lost(each, shown[name] if isinstance(shown, Mapping) else MASK)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _lost(each, shown[number] if isinstance(shown, list) else MASK)
    elif shown == MASK and value is not None and not isinstance(value, bool):
        yield value


def _schemas(job: Job) -> tuple[Schema, Schema]:
    try:
        handler = registry.find_handler(job.kind)
    except UnknownKind:  # its code is gone: what cannot be told apart is not shown
        return {"writeOnly": True}, {"writeOnly": True}
    return handler.signature.schema, handler.result
