"""Load a schema of the PIRL from the agency's spreadsheet."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand, misused, person_of
from autopilot.sheets.shapes import SheetUnusable
from students.management.commands.check_pirl import a_day
from students.services.pirl_schemas import load_schema
from students.wioa.pirl.schema import RETIRED
from students.wioa.pirl.spreadsheet import UnreadableSchema


class Command(OperatorCommand):
    """A schema is loaded once; exports and checks use it from its first day on."""

    help = "Reads the agency's spreadsheet by its headings, checks it, and stores it as a version of the PIRL schema."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let `--version` be that of the schema; everywhere else it is Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the file, the version, and from when to when it holds."""
        parser.add_argument("file", metavar="FILE", help="CSV or XLSX, with a row of headings")
        parser.add_argument("--version", dest="schema", required=True, metavar="VERSION", help="such as PIRL2025")
        parser.add_argument("--from", dest="begins", type=a_day, metavar="YYYY-MM-DD", help="first day it is in force")
        parser.add_argument("--to", dest="ends", type=a_day, metavar="YYYY-MM-DD", help="last day it is in force")
        parser.add_argument("--as", dest="person", required=True, metavar="USERNAME", help="who loads it; recorded")
        self.add_options(parser)

    def perform(self, options: Namespace) -> None:
        """Store it, and print what was stored."""
        path = Path(options.file)
        try:
            row = load_schema(
                content=path.read_bytes(),
                name=path.name,
                version=options.schema,
                effective_from=options.begins,
                effective_to=options.ends,
                actor=person_of(options),
            )
        except OSError as error:
            raise misused(f"{options.file} cannot be read: {error.strerror}.") from None
        except (SheetUnusable, UnreadableSchema) as refused:
            raise misused(str(refused)) from None
        self.print_one({"version": row.version, "columns": row.columns, "digest": row.digest})
        if row.version in RETIRED:
            self.say(f"The agency accepts {row.version} no more; what is exported by it is a draft.")
