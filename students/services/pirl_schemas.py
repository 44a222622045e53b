"""Loading a schema of the PIRL, and finding the one that is in force."""

import hashlib
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q

from autopilot.audit import record
from autopilot.sheets.desk import read_table
from students.models import PirlSchema
from students.wioa.pirl.schema import DEVELOPMENT, RETIRED, Element, Kind, Schema, development_schema
from students.wioa.pirl.spreadsheet import Line, UnreadableSchema, read_schema


class UnknownSchema(LookupError):
    """Nobody loaded this version; the text says what to do."""


def load_schema(
    *,
    content: bytes,
    name: str,
    version: str,
    effective_from: date | None = None,
    effective_to: date | None = None,
    actor: User | None = None,
) -> PirlSchema:
    """Store the schema of an agency's spreadsheet, CSV or XLSX, under its version, for good.

    Raises UnreadableSchema for what is no schema or is loaded already, SheetUnusable for what is no table.
    """
    if effective_from and effective_to and effective_to < effective_from:
        raise UnreadableSchema("A schema does not end before it begins. Correct the days.")
    schema = read_schema((Line(row.line, row.cells) for row in read_table(content, name)), version)
    try:
        with transaction.atomic():
            row = PirlSchema.objects.create(
                version=version,
                elements=[_stored(element) for element in schema.elements],
                columns=len(schema.elements),
                source=name[:200],
                digest=hashlib.sha256(content).hexdigest(),
                effective_from=effective_from,
                effective_to=effective_to,
                loaded_by=actor,
            )
            record(actor, "students.pirl_schema.loaded", row, version=version, digest=row.digest)
    except IntegrityError:
        raise UnreadableSchema(
            f"{version} is loaded already. Load a corrected file under a version of its own."
        ) from None
    return row


def schema_named(version: str, day: date) -> Schema:
    """Return a version, or without one that which is in force on a day: the newest official one, else the development's.

    Raises UnknownSchema for a version that nobody loaded.
    """
    if version == DEVELOPMENT:
        return development_schema()
    if not version:
        return schema_in_force(day)
    row = PirlSchema.objects.filter(version=version).first()
    if row is None:
        raise UnknownSchema(
            f"No schema {version} was loaded. Load it: manage.py load_pirl_schema FILE --version {version}"
        )
    return schema_of(row)


def schema_in_force(day: date) -> Schema:
    """Return the newest schema that is in force on a day and accepted, or the development's where there is none."""
    begun = Q(effective_from=None) | Q(effective_from__lte=day)
    not_ended = Q(effective_to=None) | Q(effective_to__gte=day)
    found = PirlSchema.objects.filter(begun, not_ended).exclude(version__in=RETIRED)
    try:
        row = max(found, key=lambda each: (each.effective_from or date.min, each.version), default=None)
    except DatabaseError:
        return development_schema()  # a file can be checked where no tables are laid yet
    return schema_of(row) if row else development_schema()


def schema_of(row: PirlSchema) -> Schema:
    """Return a stored schema."""
    return Schema(row.version, tuple(Element(**{**each, "kind": Kind(each["kind"])}) for each in row.elements))


def _stored(element: Element) -> dict[str, Any]:
    return {
        "number": element.number,
        "name": element.name,
        "kind": str(element.kind),
        "length": element.length,
        "codes": dict(element.codes),
        "personal": element.personal,
        "programs": dict(element.programs),
        "basis": element.basis,
    }
