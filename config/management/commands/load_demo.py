"""Load the demonstration: people, the sandbox portal, schedules, applications that have just come in, and a holder."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config import demo
from config.demo.life import load_holder
from programs.demo import SAMPLES, submit_sample_application


class Command(BaseCommand):
    """Safe to run again: what exists is left as it is."""

    help = "Loads invented people, a portal, applications and a holder, and prints the logins. Refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the portal's address."""
        demo.add_portal_option(parser)

    def handle(self, *args: Any, portal: str, **options: Any) -> None:
        """Load everything and print who can sign in."""
        demo.refuse_in_production()
        people = demo.create_people()
        demo.create_portal(portal)
        demo.create_schedules()
        for number in range(1, len(SAMPLES) + 1):
            submit_sample_application(number)
        holder, owner = load_holder({user.username: user for user in people})
        self.stdout.write("Sign in at /admin/ with the password " + demo.PASSWORD + " as:")
        for user in people:
            self.stdout.write(f"  {user.username:<10} {user.get_full_name()} ({demo.role_of(user)})")
        self.stdout.write(
            f"and at /portal/ with the same password as:\n  {owner.username} (owner of {holder.legal_name})"
        )
