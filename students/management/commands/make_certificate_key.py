"""`manage.py make_certificate_key`: the key with which students' certificates are signed."""

from argparse import Namespace

from django.conf import settings
from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand, misused
from students.badges import keys


class Command(OperatorCommand):
    """Make CERTIFICATE_KEY_FILE unless it is there."""

    help = "Make the key that students' certificates are signed with, unless there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say whether one that is there is replaced."""
        parser.add_argument(
            "--replace", action="store_true", help="make a new one; what the old one signed can be checked on"
        )

    def perform(self, options: Namespace) -> str | None:
        """Make it, and say what was done."""
        try:
            made = keys.make(replace=options.replace)
        except OSError as error:
            raise misused(f"{settings.CERTIFICATE_KEY_FILE} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{settings.CERTIFICATE_KEY_FILE} {'was made' if made else 'is there already'}.")
        return None
