"""`manage.py form_fields FORM.pdf`: the fields of an agency's form, as they are named in it."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from autopilot import clock
from autopilot.fillable_forms import cautions, desk
from autopilot.fillable_forms.errors import FormUnusable
from autopilot.fillable_forms.shapes import Field
from autopilot.management.base import OperatorCommand, misused
from autopilot.management.output import CONTROL

COLUMNS = ("name", "type", "page", "options", "limits", "label", "value")
LONGEST = 60  # of a cell; JSON has all of it
DETAILS = ("pages", "rect", "widgets")


class Command(OperatorCommand):
    """List the fields of a form, or with `--triage` say what kind of form it is."""

    help = "List the fields of a PDF form: name, type, options, limits, pages, rectangle, label and value."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which form."""
        parser.add_argument("form", type=Path, metavar="FORM.pdf", help="the agency's original file")
        parser.add_argument("--triage", action="store_true", help="say what kind of form it is, instead of its fields")
        self.add_options(parser)

    def perform(self, options: Namespace) -> str | None:
        """Print; the reason why the form cannot be filled is what was found."""
        try:
            found = desk.examine(options.form.read_bytes())
        except OSError as error:
            raise misused(f"{options.form} cannot be read: {error.strerror}.") from None
        except FormUnusable as refusal:
            raise misused(f"{refusal} ({refusal.reason})") from None
        if options.triage:
            self.print_one(_plain(asdict(found.triage)))
        else:
            rows = [LINES[options.format](each) for each in found.fields]
            self.print_rows(rows, COLUMNS + DETAILS if options.format == "json" else COLUMNS)
        for caution in cautions.of(found.triage, clock.today()):
            self.say(caution)
        if not found.triage.refusal:
            return None
        named = f": {', '.join(found.triage.names)}" if found.triage.names else ""
        return CONTROL.sub(" ", f"{found.triage.message} ({found.triage.refusal}{named})")


def _full(field: Field) -> dict[str, Any]:
    return field.row()


def _worded(field: Field) -> dict[str, Any]:
    """Return a row with options, limits and pages as a few words."""
    row = field.row()
    options = [each.value if each.value == each.label else f"{each.value} = {each.label}" for each in field.options]
    limits = [name if value is True else f"{name} {value}" for name, value in row["limits"].items()]
    value = ", ".join(field.value) if isinstance(field.value, list) else field.value
    pages = ", ".join(map(str, field.pages))
    return row | {"options": " | ".join(options), "limits": ", ".join(limits), "value": value, "page": pages}


def _short(field: Field) -> dict[str, Any]:
    """Return a row that a screen can hold; names are left whole."""
    row = _worded(field)
    return {name: text if name == "name" else _cut(text) for name, text in row.items() if name in COLUMNS}


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


LINES = {"json": _full, "csv": _worded, "table": _short}
