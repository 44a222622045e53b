"""`manage.py render_sample TYPE OUT.pdf`: print a type of document with sample data, as its template in force has it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from autopilot import document_types
from autopilot.document_types import samples
from autopilot.document_types.errors import UnknownType
from autopilot.document_types.types import DocumentType
from autopilot.exceptions import AutopilotError

CREATED = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


class Command(BaseCommand):
    """Print a document with sample data."""

    help = "Prints a type of document with sample data into a PDF file; without a type, lists the types there are."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the type and the file."""
        parser.add_argument("type", nargs="?", help="the type's name, as the list says it")
        parser.add_argument("out", nargs="?", type=Path, metavar="OUT.pdf", help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        """List the types, or write the file and say where it is."""
        if not options["type"]:
            self.stdout.write(_listed())
            return
        kind = _named(options["type"])
        out: Path = options["out"] or Path(f"{kind.slug}.pdf")
        try:
            out.write_bytes(samples.sample_pdf(kind, created=CREATED))
        except OSError as problem:
            raise CommandError(f"{out} cannot be written: {problem.strerror}.") from None
        except AutopilotError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{out}: {kind.title}, with sample data")


def _named(given: str) -> DocumentType:
    try:
        return document_types.named(given.replace("-", "_").lower())
    except UnknownType:
        raise CommandError(f"There is no document type “{given}”.\n{_listed()}") from None


def _listed() -> str:
    lines = [f"  {kind.slug:<22}{kind.title}" for kind in document_types.declared()]
    return "\n".join(["The types of documents are:", *lines, "Write: manage.py render_sample TYPE OUT.pdf"])
