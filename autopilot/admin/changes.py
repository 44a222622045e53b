"""What changed between two versions of a payload, in the words of its schema."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autopilot.admin.marks import Piece, marked
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

    @cached_property
    def pieces(self) -> tuple[list[Piece], list[Piece]]:
        """The value before and after in pieces, marked where they differ."""
        return marked(self.before, self.after)


@dataclass(frozen=True)
class Changes:
    """What people changed themselves, and what followed from it, as a document rendered anew."""

    made: list[Change]
    followed: list[Change]


def changes_between(before: Payload, after: Payload, schema: Schema) -> Changes:
    """Return what changed, in the order of the schema; without one everything counts as made by people."""
    return sorted_out(difference(before, after), schema)


def sorted_out(rows: Collection[Payload], schema: Schema) -> Changes:
    """Return the rows of a difference, as a revision stores them, in the order and the words of a schema."""
    order = list(editable(schema)) if schema.get("properties") else sorted({_name(row) for row in rows})
    made = sorted((row for row in rows if _name(row) in order), key=lambda row: order.index(_name(row)))
    followed = [row for row in rows if _name(row) not in order]
    return Changes([_change(row, schema) for row in made], [_change(row, schema) for row in followed])


def changes_since(checkpoint: Checkpoint, version: int) -> Changes:
    """Return what changed in a checkpoint since an earlier version; nothing for a version it never had."""
    return changes_of(checkpoint, version, checkpoint.payload_version)


def changes_of(checkpoint: Checkpoint, earlier: int, later: int) -> Changes:
    """Return what changed in a checkpoint from one version to another; nothing where it never had one of them."""
    versions = {earlier, later} - {checkpoint.payload_version}
    payloads = dict(checkpoint.revisions.filter(version__in=versions).values_list("version", "payload"))
    payloads[checkpoint.payload_version] = checkpoint.payload
    if not {earlier, later} <= payloads.keys():
        return Changes([], [])
    return changes_between(payloads[earlier], payloads[later], schema_of(checkpoint))


def _name(row: dict[str, Any]) -> str:
    return str(row["path"].split("/")[1])


def _change(row: dict[str, Any], schema: Schema) -> Change:
    inner = schema_at(row["path"], schema)
    return Change(label_of(row["path"], schema), shown(row["before"], inner), shown(row["after"], inner))
