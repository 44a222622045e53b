"""What every holder was billed, paid and earned in a month."""

from argparse import Namespace
from dataclasses import fields

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from autopilot import clock
from autopilot.management.base import OperatorCommand, misused
from programs.billing_report import BillingLine, as_rows, billing_report
from programs.services.earnings import Month


class Command(OperatorCommand):
    """A line for each holder, and one for all; amounts in dollars."""

    title = "Billing by month"
    help = "What each holder owed, was billed, paid and earned in a month."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the format and the month."""
        self.add_options(parser)
        self.add_output(parser)
        parser.add_argument("--month", default="", help="as 2026-11 (default: this month)")

    def perform(self, options: Namespace) -> None:
        """Print the lines."""
        try:
            month = Month.read(options.month or f"{clock.today():%Y-%m}")
        except ValidationError as refusal:
            raise misused(" ".join(refusal.messages)) from refusal
        names = [field.name for field in fields(BillingLine)]
        self.print_rows(as_rows(billing_report(month)), names, [name for name in names if name != "holder_id"])
