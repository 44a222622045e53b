"""What the operators' commands have in common: options, output, and what their exit codes mean.

0: it is fine, or done. 1: it is done, but something was refused or found. 2: it could not be done as it was asked.
"""

from argparse import SUPPRESS, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, transaction

from autopilot.documents import tables
from autopilot.documents.errors import PdfError
from autopilot.exceptions import ControlRefused, DecisionRefused
from autopilot.management import output
from autopilot.management.output import FORMATS, Row

Item = TypeVar("Item")
Perform = Callable[[Namespace], str | None]
FOUND, MISUSED = 1, 2
MOST_ROWS = 10_000
DRY = "would be "


class OperatorCommand(BaseCommand):
    """A command that prints rows: the answer on standard output, everything beside it on standard error."""

    # Needed most where something is wrong; a complaint about that must not stand in its way.
    requires_system_checks = []
    default_limit = 50
    title = "Report"

    def add_options(self, parser: CommandParser, *, limit: str = "") -> None:
        """Add what every command takes, and `--limit` where `limit` says what it bounds."""
        parser.add_argument("--format", choices=FORMATS, default="table", help="how to print (default: table)")
        if limit:
            many = f"{limit} (default: {self.default_limit})"
            parser.add_argument("--limit", type=at_least_one, default=self.default_limit, help=many)

    def add_output(self, parser: CommandParser) -> None:
        """Let the rows be written to a file in place of being printed."""
        parser.add_argument(
            "--output", metavar="FILE", default="", help="write a file that ends in .csv, .xlsx or .pdf"
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, and say so where the database cannot be asked."""
        try:
            return super().execute(*args, **options)
        except Error as error:
            # Not the text of the error: a database quotes rows and addresses in its.
            told = f"The database refused or did not answer ({type(error).__name__}). Run: manage.py check_setup"
            raise CommandError(told, returncode=MISUSED) from None

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; end with 1 where it returns what was refused or found."""
        self.options = Namespace(**options)
        told = self.perform(self.options)
        if told:
            raise CommandError(told, returncode=FOUND)

    def perform(self, options: Namespace) -> str | None:
        """Do it; return what was refused or found, in a sentence, or None."""
        perform: Perform = options.verb
        return perform(options)

    def print_rows(self, rows: Sequence[Row], columns: Sequence[str], on_paper: Sequence[str] = ()) -> None:
        """Print rows as asked, or write them to the file that was asked for; a PDF has the columns that fit `on_paper`."""
        if file := getattr(self.options, "output", ""):
            is_paper = bool(on_paper) and file.lower().endswith(".pdf")
            self._write(Path(file), rows, on_paper if is_paper else columns)
            return
        self._print(output.written(rows, columns, self.options.format, **self._means()))

    def print_one(self, row: Row) -> None:
        """Print one thing as asked."""
        self._print(output.written_one(row, self.options.format, **self._means()))

    def say(self, text: str) -> None:
        """Tell the person something that is not the answer."""
        self.stderr.write(text, lambda told: told)

    def tracked(self, items: Iterable[Item], total: int, text: str) -> Iterator[Item]:
        """Show at a terminal how far it is."""
        return output.tracked(items, total, text, self.stderr)

    def _write(self, file: Path, rows: Sequence[Row], columns: Sequence[str]) -> None:
        form = file.suffix.removeprefix(".").lower()
        if form not in tables.TYPES:
            raise misused(f"A file ends in .{', .'.join(tables.TYPES)}.")
        if len(rows) > tables.MOST[form]:
            raise misused(f"A {form.upper()} file takes {tables.MOST[form]:,} rows, and there are {len(rows):,}.")
        try:
            file.write_bytes(self._content(form, rows, columns))
        except (OSError, PdfError) as problem:
            raise misused(f"The file could not be written: {problem}") from None
        self.say(f"Written: {len(rows)} row{'' if len(rows) == 1 else 's'}.")

    def _content(self, form: str, rows: Sequence[Row], columns: Sequence[str]) -> bytes:
        if form == "csv":
            return output.written(rows, columns, form).encode()
        heading = [column.replace("_", " ").capitalize() for column in columns]
        cells = [[output.cell_of(row.get(column)) for column in columns] for row in rows]
        return tables.table_file([heading, *cells], form, title=self.title)

    def _means(self) -> dict[str, bool]:
        return {"terminal": self.stdout.isatty(), "color": not self.options.no_color}

    def _print(self, text: str) -> None:
        self.stdout.write(text, ending="")


class VerbsCommand(OperatorCommand):
    """A command of several verbs, as `jobs list`."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Have a verb asked for."""
        self.add_verbs(Verbs(self, parser))

    def add_verbs(self, verbs: "Verbs") -> None:
        """Add the verbs."""
        raise TypeError("A command of verbs has at least one.")


class Verbs:
    """The verbs of a command; options may stand behind them."""

    def __init__(self, command: OperatorCommand, parser: CommandParser) -> None:
        self._command = command
        self._parsers = parser.add_subparsers(title="verbs", dest="verb_name", required=True, metavar="VERB")

    def add(self, name: str, perform: Perform, text: str, *, limit: str = "") -> CommandParser:
        """Add a verb, and return its parser for options of its own."""
        parser: CommandParser = self._parsers.add_parser(name, help=text, description=text)
        parser.set_defaults(verb=perform)
        # Django has it before the verb alone; nothing said here must not undo what was said there.
        parser.add_argument("--no-color", action="store_true", default=SUPPRESS, help="no colors")
        self._command.add_options(parser, limit=limit)
        return parser

    def add_deed(
        self, name: str, perform: Perform, text: str, *, reason: bool = True, limit: str = ""
    ) -> CommandParser:
        """Add a verb that a person is answerable for: `--as`, `--reason` unless it needs none, and `--dry-run`."""
        parser = self.add(name, perform, text, limit=limit)
        parser.add_argument("--as", dest="person", required=True, metavar="USERNAME", help="who does it")
        if reason:
            parser.add_argument("--reason", required=True, type=said, help="why; it is recorded")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        return parser


def person_of(options: Namespace) -> User:
    """Return the person a deed is done for; raises CommandError for one who is not there or may not sign in."""
    try:
        return User.objects.get(username=options.person, is_active=True)
    except User.DoesNotExist:
        told = f"There is no active account {options.person!r}. Name yours: --as USERNAME"
        raise misused(told) from None


def misused(text: str) -> CommandError:
    """Return the error that ends a command which was not asked rightly."""
    return CommandError(text, returncode=MISUSED)


def attempted(deed: Callable[[], str], *, dry_run: bool) -> tuple[str, str]:
    """Do one deed; returns its outcome, and why it was refused if it was.

    `deed` returns the outcome as a participle. A dry run does it in earnest and takes it back, so it is refused for the
    same reasons.
    """
    try:
        outcome = _taken_back(deed) if dry_run else deed()
    except (ControlRefused, DecisionRefused, PermissionDenied, ObjectDoesNotExist) as refusal:
        return "refused", _told(refusal)
    return (f"{DRY}{outcome}" if dry_run else outcome), ""


def _taken_back(deed: Callable[[], str]) -> str:
    with transaction.atomic():
        outcome = deed()
        transaction.set_rollback(True)
    return outcome


def refusals(rows: Sequence[Row]) -> str | None:
    """Return in a sentence how many deeds were refused, or None."""
    refused = sum(row["outcome"] == "refused" for row in rows)
    return f"{refused} of {len(rows)} refused; the reasons stand beside them." if refused else None


def _told(refusal: Exception) -> str:
    if isinstance(refusal, ObjectDoesNotExist):
        return "There is none with this id."
    errors = " ".join(getattr(refusal, "errors", {}).values())
    return " ".join(filter(None, (str(refusal), errors)))


def at_least_one(word: str) -> int:
    """Read a whole number from 1 to 10,000."""
    if not (word.isascii() and word.isdecimal() and 1 <= int(word[:6]) <= MOST_ROWS):
        raise ArgumentTypeError(f"{word!r} is not a whole number from 1 to {MOST_ROWS}")
    return int(word)


def an_id(word: str) -> UUID:
    """Read an id, as the lists print it."""
    try:
        return UUID(word)
    except ValueError:
        raise ArgumentTypeError(f"{word!r} is no id; copy one from the list") from None


def said(word: str) -> str:
    """Read a text that says something."""
    if not word.strip():
        raise ArgumentTypeError("it is empty; say something")
    return word.strip()
