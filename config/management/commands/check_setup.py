"""See whether this installation has all it needs."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand
from config import setup

COLUMNS = ("check", "ok", "found", "remedy")


class Command(OperatorCommand):
    """Looks at each thing for real, changes nothing, and says what to do about what is missing."""

    help = "Checks database, tables, cluster, mail, PDF, cache, archive and keys, each with its remedy."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to look at."""
        self.add_options(parser)
        names = list(setup.CHECKS)
        parser.add_argument("--check", action="append", choices=names, default=[], help="only this; may be repeated")
        parser.add_argument("--skip", action="append", choices=names, default=[], help="not this; may be repeated")

    def perform(self, options: Namespace) -> str | None:
        """Look, and print a line for each thing."""
        names = [name for name in options.check or setup.CHECKS if name not in options.skip]
        looked = [setup.look(name) for name in self.tracked(names, len(names), "Checks")]
        rows = [{"check": each.name, "ok": each.ok, "found": each.found, "remedy": each.remedy} for each in looked]
        self.print_rows(rows, COLUMNS)
        missing = [each.name for each in looked if not each.ok]
        return f"Not as it must be: {', '.join(missing)}." if missing else None
