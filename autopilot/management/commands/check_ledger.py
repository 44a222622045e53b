"""Compare a head of the archive's ledger, as it was mailed, with the ledger; or say the head of now."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot.documents import ledger, ledger_check
from autopilot.management.base import OperatorCommand

GONE = "The ledger does not have this entry: it was cut off or written anew. Keep the database as it is."


class Command(OperatorCommand):
    """What is in people's mail nobody can change here."""

    help = "Says whether the archive's ledger still has an entry as it was mailed; without one, its head."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the entry."""
        self.add_options(parser)
        parser.add_argument("position", type=int, nargs="?", help="the entry's position")
        parser.add_argument("hash", nargs="?", default="", help="its hash")

    def perform(self, options: Namespace) -> str | None:
        """Compare, or print the head."""
        if options.position is None:
            position, head = ledger.head()
            self.print_one({"position": position, "hash": head})
            return None
        if not ledger_check.is_head(options.position, options.hash):
            return GONE
        self.say(f"Entry {options.position} is as it was mailed.")
        return None
