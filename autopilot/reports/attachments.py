"""What a packet holds beside its document: filled forms and other files, each with what its reviewer must know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from autopilot.models import Checkpoint

ATTACHMENTS = "attachments"


@dataclass(frozen=True)
class Attachment:
    """A file of a packet: its id in the archive, what was refused by field, and what else to look at."""

    document_id: UUID
    refused: list[dict[str, str]]
    told: list[str]


def attachments_of(checkpoint: Checkpoint) -> list[Attachment]:
    """Return the attachments that a checkpoint's payload names, in their order; what is none is left out."""
    payload = checkpoint.payload if isinstance(checkpoint.payload, dict) else {}
    listed = payload.get(ATTACHMENTS)
    return [made for each in (listed if isinstance(listed, list) else []) if (made := _attachment(each)) is not None]


def _attachment(named: Any) -> Attachment | None:
    try:
        known = UUID(str(named["id"]))
    except (KeyError, TypeError, ValueError):
        return None
    refused = [each for each in _listed(named, "refused") if isinstance(each, dict)]
    notes = [
        f"{each.get('field', '')}: {each.get('message', '')}"
        for each in _listed(named, "notes")
        if isinstance(each, dict)
    ]
    return Attachment(known, refused, [*map(str, _listed(named, "warnings")), *notes])


def _listed(named: Mapping[str, Any], key: str) -> list[Any]:
    value = named.get(key)
    return value if isinstance(value, list) else []
