"""Walk one application from the public form to the state's acknowledgement, in a terminal, in under a minute."""

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import urllib3
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from autopilot.models import Portal, Submission
from config import demo
from config.demo import portal as sandbox
from config.demo.journey import Journey
from config.demo.teller import Teller
from programs.demo import SAMPLES
from programs.models import Application
from programs.services.submissions import choose_portal


class Command(BaseCommand):
    """Everything happens for real: the jobs, the PDF, two people's decisions, the HTTP request, the mails."""

    help = "Walks one invented application through the whole house and prints every state. Refused in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the portal's address."""
        demo.add_portal_option(parser)

    def handle(self, *args: Any, portal: str, **options: Any) -> None:
        """Walk the journey; ends with status 1 and the reason when something stops it."""
        demo.refuse_in_production()
        teller = Teller(self.stdout, self.style)
        with _ending_in_order():
            teller.section("The house")
            _migrate(teller)
            people = demo.create_people()
            for user in people:
                teller.note(user.username, f"{user.get_full_name()}, {demo.role_of(user)}")
            row = demo.create_portal(portal)
            _require_own_portal(row)
            with sandbox.running(row) as own:
                teller.line("portal", f"{row.name} {'started' if own else 'answers'} at {row.base_url}/")
                journey = Journey(teller, {user.username: user for user in people})
                submission = journey.walk()
            _tell_what_to_open(teller, journey.application, submission, people)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Turn SIGTERM into an orderly way out, on which the portal is stopped and set back."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _migrate(teller: Teller) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
        teller.line("database", "brought up to date")


def _require_own_portal(portal: Portal) -> None:
    """Refuse when what is approved would go anywhere but to the sandbox."""
    sandbox.require_usable(portal)
    state = SAMPLES[0].site_state
    chosen = choose_portal(Application(site_state=state))
    if chosen != portal:
        raise CommandError(
            f"Applications from {state} go to “{chosen}” here, and an invented one must not. Make that portal inactive."
            if portal.active
            else f"The portal “{portal}” is inactive. Make it active in the admin."
        )


def _tell_what_to_open(teller: Teller, application: Application, submission: Submission, people: list[User]) -> None:
    site = settings.BASE_URL
    teller.done(f"From the form to the state in {teller.seconds:.0f} seconds.")
    teller.section("What to open")
    for what, name, key in (
        ("the application", "admin:programs_application_change", application.pk),
        ("its job", "admin:autopilot_job_change", submission_job(application)),
        ("the submission", "admin:autopilot_submission_change", submission.pk),
        ("as the applicant", "programs:status", application.reference),
    ):
        teller.note(what, f"{site}{reverse(name, args=[key])}")
    reviewers = " or ".join(user.username for user in people if demo.role_of(user) == "Reviewer")
    teller.note("sign in as", f"{reviewers}, with the password {demo.PASSWORD}")
    if not _answers(site):
        teller.note("", "The site does not run now. To start it: python3 dev.py up")


def submission_job(application: Application) -> Any:
    """Return the id of the job that submitted an application."""
    return application.status_changes.filter(to_status="submitted_to_state").values_list("job_id", flat=True).get()


def _answers(site: str) -> bool:
    try:
        return urllib3.request("GET", f"{site}/healthz", timeout=1, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
