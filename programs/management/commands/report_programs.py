"""Report what the network offers, program by program."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand
from programs.models import ProgramStatus
from programs.offer_report import COLUMNS, ON_PAPER, program_rows


class Command(OperatorCommand):
    """The figures of all programs, as the office exports them."""

    title = "Programs"
    help = "Reports the programs of all holders: what they are, cost and lead to, their cohorts and open enquiries."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the rows be narrowed down."""
        self.add_options(parser)
        self.add_output(parser)
        parser.add_argument("--status", choices=ProgramStatus.values, default="", help="only those that stand there")

    def perform(self, options: Namespace) -> None:
        """Print a row for each program."""
        self.print_rows(list(program_rows(options.status)), list(COLUMNS), ON_PAPER)
