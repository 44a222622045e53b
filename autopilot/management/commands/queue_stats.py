"""How much lies before each worker."""

from argparse import Namespace

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand
from autopilot.reports.queue_stats import COUNTS, queue_stats

COLUMNS = ("worker", "state", *COUNTS, "oldest_due_seconds")


class Command(OperatorCommand):
    """Counts only, cheap at any size; safe to ask every few seconds."""

    help = "Counts, for each worker, jobs that are due, later, held, running, waiting, blocked and failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the format."""
        self.add_options(parser)

    def perform(self, options: Namespace) -> None:
        """Print a row for each worker and one for all."""
        self.print_rows(queue_stats(), COLUMNS)
