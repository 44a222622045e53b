"""`manage.py fill_form FORM.pdf VALUES.json OUT.pdf`: write values into an agency's form.

What is accepted is written even where other values are refused, so that a reviewer has the form to look at; the exit
code then is 1. A refused value leaves its field as it was: it is never clipped, replaced or half written. A form in
which nothing can be written makes no OUT.pdf, and the exit code is 2.
"""

import json
import os
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from autopilot import clock
from autopilot.fillable_forms import cautions, desk
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.management.base import OperatorCommand, misused

MOST_BYTES = 5_000_000
SHAPE = "VALUES.json must hold one object of JSON: the full name of each field, and its value."


class Command(OperatorCommand):
    """Fill a form, and tell in JSON what was written and what was refused."""

    help = (
        "Fill a PDF form with values by full field name, and print as JSON what was refused and why. "
        "Exit code 0: all written; 1: the refused ones not; 2: nothing written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what goes in and where it comes out."""
        parser.add_argument("form", type=Path, metavar="FORM.pdf", help="the agency's original file")
        parser.add_argument("values", type=Path, metavar="VALUES.json", help="values by full field name")
        parser.add_argument("out", type=Path, metavar="OUT.pdf", help="where the filled form is written")

    def perform(self, options: Namespace) -> str | None:
        """Fill and write; tell how many values were refused."""
        if options.out.exists() and options.out.samefile(options.form):
            raise misused("OUT.pdf must be another file than FORM.pdf: the original stays as it is.")
        content, values = _read(options.form), _values(_read(options.values))
        try:
            triage = desk.examine(content).triage
            filled = desk.fill(content, values)
        except FormUnusable as refusal:
            self._tell(written=False, filled=0, refused=[_unusable(refusal)], notes=[], warnings=[])
            raise misused(str(refusal)) from None
        _write(options.out, filled.pdf)
        self._tell(
            written=True,
            filled=filled.filled,
            refused=[refusal.plain() for refusal in filled.refused],
            notes=[note.plain() for note in filled.notes],
            warnings=cautions.of(triage, clock.today()),
        )
        return f"{len(filled.refused)} of {len(values)} values refused." if filled.refused else None

    def _tell(self, **report: Any) -> None:
        self.stdout.write(json.dumps(report, indent=2))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise misused(f"{path} cannot be read: {error.strerror}.") from None


def _values(content: bytes) -> dict[str, Any]:
    """Return the values; a name that stands twice is refused, for one of the two would be lost."""
    if len(content) > MOST_BYTES:
        raise misused(f"VALUES.json has {len(content)} bytes; {MOST_BYTES} are allowed.")
    try:
        values = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise misused(f"{SHAPE} {error if isinstance(error, json.JSONDecodeError | _Twice) else ''}".strip()) from None
    if not isinstance(values, dict):
        raise misused(SHAPE)
    return values


class _Twice(ValueError):
    """A name stands twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _Twice(f"These names stand twice: {', '.join(sorted(twice))}.")
    return dict(pairs)


def _unusable(refusal: FormUnusable) -> dict[str, Any]:
    told: dict[str, Any] = {"field": None, "reason": refusal.reason, "message": str(refusal)}
    return told | ({"fields": refusal.names} if refusal.names else {})


def _write(path: Path, content: bytes) -> None:
    """Write beside, then rename: the file is there whole or not at all; it holds people's data, so it is the owner's."""
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".filled-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except OSError as error:
        raise misused(f"{path} cannot be written: {error.strerror}.") from None
