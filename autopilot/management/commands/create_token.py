"""Give out a key of the API from the command line."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from autopilot.models.tokens import Scope
from autopilot.tokens import MOST_DAYS, ORDINARY_DAYS, create_token


class Command(BaseCommand):
    """Print a new token once, and nothing else, on the standard output."""

    help = "Creates an API token and prints it once. Ends with 0 when it did, 1 when it was refused, 2 when misused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what the token is for."""
        parser.add_argument("--user", required=True, help="the account for which it acts")
        parser.add_argument(
            "--scope", required=True, action="append", choices=Scope.values, help="what it opens; repeat for more"
        )
        parser.add_argument("--tenant", type=UUID, help="the organization to which it is confined")
        parser.add_argument("--days", type=int, default=ORDINARY_DAYS, help=f"how long it lives, 1 to {MOST_DAYS}")
        parser.add_argument("--name", default="command line", help="what uses it")

    def handle(
        self, *args: Any, user: str, scope: list[str], tenant: UUID | None, days: int, name: str, **options: Any
    ) -> None:
        """Create the token; what is refused is said on the error output."""
        holder = User.objects.filter(username=user).first()
        if holder is None:
            raise CommandError(f"There is no account {user!r}.")
        try:
            token, secret = create_token(name=name, user=holder, scopes=scope, by=None, tenant_id=tenant, days=days)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stderr.write(f"Token {token.pk} of {user}, until {token.expires_at:%Y-%m-%d %H:%M} UTC. Keep it safe:")
        self.stdout.write(secret)
