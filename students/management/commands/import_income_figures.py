"""`manage.py import_income_figures FILE.csv`: poverty guidelines and 70 % of the LLSIL, out of a table."""

import csv
from argparse import Namespace
from pathlib import Path

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand, misused
from students.services.figures import COLUMNS, MOST_ROWS, NEEDED, Imported, import_figures

MOST_BYTES = 8_000_000


class Command(OperatorCommand):
    """Take in a table whole, or say line by line what is wrong with it."""

    help = (
        f"Import income figures from a CSV file with the columns {', '.join(COLUMNS)}. "
        "Nothing is imported while a line is wrong. Exit code 0: imported; 1: lines to correct; 2: no such table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and the dry run."""
        self.add_options(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv", help="the table, in UTF-8 with a heading")
        parser.add_argument("--dry-run", action="store_true", help="check the table, and change nothing")

    def perform(self, options: Namespace) -> str | None:
        """Import, and print how many figures are new, changed and known, or what is wrong."""
        rows = _rows(options.file)
        marks = self.tracked(iter(rows), len(rows), "Figures")
        result = import_figures(marks, by=None, dry_run=options.dry_run)
        if result.problems:
            self.print_rows([vars(problem) for problem in result.problems], ("line", "column", "message"))
            return f"{len(result.problems)} problems; nothing is imported."
        self.print_one(_told(result))
        if options.dry_run:
            self.say("Nothing is imported: this was a dry run.")
        return None


def _told(result: Imported) -> dict[str, int]:
    return {"new": result.new, "changed": result.changed, "known": result.known}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise misused(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise misused(f"{path} has {len(content):,} bytes; {MOST_BYTES:,} are allowed.")
    try:
        reader = csv.DictReader(content.decode("utf-8-sig").splitlines(), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise misused(f"{path} is no CSV file in UTF-8: {error}.") from None
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise misused(f"{path} lacks the columns {', '.join(missing)}.")
    if len(rows) > MOST_ROWS:
        raise misused(f"{path} has {len(rows):,} rows; {MOST_ROWS:,} are allowed.")
    return rows
