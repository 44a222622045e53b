"""What changed between two versions of a payload, in the words of its schema."""

from dataclasses import dataclass
from typing import Any

from autopilot.admin.payloads import Payload, Schema, label_of, schema_at, shown
from autopilot.admin.schemas import schema_of
from autopilot.admin.shapes import editable
from autopilot.engine.forms import difference
from autopilot.models import Checkpoint


@dataclass(frozen=True)
class Change:
    """One value before and after, as people read it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """What people changed themselves, and what followed from it, as a document rendered anew."""

    made: list[Change]
    followed: list[Change]


def changes_between(before: Payload, after: Payload, schema: Schema) -> Changes:
    """Return what changed, in the order of the schema; without one everything counts as made by people."""
    rows = difference(before, after)
    order = list(editable(schema)) if schema.get("properties") else sorted({_name(row) for row in rows})
    made = sorted((row for row in rows if _name(row) in order), key=lambda row: order.index(_name(row)))
    followed = [row for row in rows if _name(row) not in order]
    return Changes([_change(row, schema) for row in made], [_change(row, schema) for row in followed])


def changes_since(checkpoint: Checkpoint, version: int) -> Changes:
    """Return what changed in a checkpoint since an earlier version; nothing for a version it never had."""
    earlier = checkpoint.revisions.filter(version=version).first()
    before = earlier.payload if earlier else checkpoint.payload
    return changes_between(before, checkpoint.payload, schema_of(checkpoint))


def _name(row: dict[str, Any]) -> str:
    return str(row["path"].split("/")[1])


def _change(row: dict[str, Any], schema: Schema) -> Change:
    inner = schema_at(row["path"], schema)
    return Change(label_of(row["path"], schema), shown(row["before"], inner), shown(row["after"], inner))
