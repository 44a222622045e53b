"""How far each holder is with what it must prove."""

from argparse import Namespace
from itertools import islice

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand
from programs.holder_report import COLUMNS, ON_PAPER, holder_rows
from programs.models import Holder, HolderStatus


class Command(OperatorCommand):
    """The same rows as the export of the office."""

    title = "Holders"
    help = "Lists holders with their status, programs, proofs and compliance score."
    default_limit = 1000

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the format, the limit and the status."""
        self.add_options(parser, limit="most holders to list, by name")
        self.add_output(parser)
        parser.add_argument("--status", choices=HolderStatus.values, help="only those that stand there")

    def perform(self, options: Namespace) -> None:
        """Print a row for each holder."""
        holders = Holder.objects.filter(status=options.status) if options.status else Holder.objects.all()
        self.print_rows(list(islice(holder_rows(holders), options.limit)), COLUMNS, ON_PAPER)
