"""`manage.py make_seal`: the key and certificate with which finished agreements are sealed."""

from argparse import Namespace

from django.conf import settings
from django.core.management.base import CommandParser

from autopilot.documents import certificates
from autopilot.documents.errors import SealError
from autopilot.management.base import OperatorCommand, misused


class Command(OperatorCommand):
    """Make SEAL_FILE unless it is there."""

    help = "Make the key and certificate that agreements are sealed with, unless there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say whether one that is there is replaced."""
        parser.add_argument(
            "--replace", action="store_true", help="make a new one; what the old one sealed is trusted on"
        )

    def perform(self, options: Namespace) -> str | None:
        """Make it, and say what was done."""
        try:
            made = certificates.make(settings.NETWORK_NAME, replace=options.replace)
        except OSError as error:
            raise misused(f"{settings.SEAL_FILE} cannot be written: {error.strerror}.") from None
        except SealError as refusal:
            raise misused(str(refusal)) from None
        self.stdout.write(f"{settings.SEAL_FILE} {'was made' if made else 'is there already'}.")
        return None
