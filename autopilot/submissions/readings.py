"""Read what a portal wrote: only the parts that we keep, bounded, and as text that both databases hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autopilot.storable import to_storable

MOST_REASONS, LONGEST_REASON = 20, 500
LONGEST_TEXT = 100
MOST_FILES = 50

Receipt = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """How the portal says a packet stands: its receipt, and the portal's word for the state it is in."""

    packet: str
    receipt: Receipt
    status: str
    reasons: list[str] = field(default_factory=list)


def read_standing(value: object) -> Standing:
    """Return a standing as a portal writes it; raise ValueError for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("status"), str):
        raise ValueError("A standing has packet, receipt, status and reasons.")
    return Standing(
        packet=str(value.get("packet", "")),
        receipt=read_receipt(value.get("receipt")),
        status=value["status"],
        reasons=read_reasons(value.get("reasons")),
    )


def read_receipt(value: object) -> Receipt:
    """Return the parts of a receipt that we keep; raise ValueError if it has no usable number."""
    number = value.get("number") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(number, str) or not is_receipt_number(number):
        raise ValueError("A receipt has a number of 1 to 100 printable characters.")
    known = {name: value[name] for name in ("received_at", "sha256") if isinstance(value.get(name), str)}
    kept = {"number": number} | {name: to_storable(text[:LONGEST_TEXT]) for name, text in known.items()}
    listed = value.get("attachments")
    digests = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    return kept | ({"attachments": [each[:LONGEST_TEXT] for each in digests[:MOST_FILES]]} if digests else {})


def speaks_of(receipt: Receipt, sha256: str, attachments: Sequence[str]) -> bool:
    """Return whether a receipt names no other bytes than these: a document's, and those of its attachments in order."""
    expected = {"sha256": sha256, "attachments": list(attachments)}
    return all(receipt.get(name, value) == value for name, value in expected.items())


def read_reasons(value: object) -> list[str]:
    """Return the reasons a portal gave: at most 20 texts of at most 500 characters."""
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return [to_storable(text[:LONGEST_REASON]) for text in texts[:MOST_REASONS]]


def is_receipt_number(text: str) -> bool:
    """Return whether a text can be a receipt's number."""
    return 1 <= len(text) <= LONGEST_TEXT and text.isprintable() and text == text.strip()
