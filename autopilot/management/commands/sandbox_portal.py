"""Run the sandbox portal as a process of its own."""

import re
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from autopilot.sandbox_portal import SandboxPortal
from autopilot.signatures import BadSecret, split_secrets


class Command(BaseCommand):
    """Serve a portal to practice on, until SIGTERM or Ctrl-C."""

    help = "Serve a portal to practice on: it really receives, refuses, delays, drops and decides. This machine only."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8090, help="where to listen on 127.0.0.1; 0 is any free port")
        parser.add_argument("--database", type=Path, help="its SQLite file (default: in AUTOPILOT_RUN_DIRECTORY)")
        parser.add_argument("--callback-url", default="", help="where to call decisions out (default: nowhere)")
        parser.add_argument("--slug", default="sandbox", help="whose secret in PORTAL_SECRETS it shares")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to stop."""
        stopped = threading.Event()
        with self._portal(**options) as portal:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            self.stdout.write(f"Sandbox portal at {portal.url}/")
            self.stdout.flush()
            stopped.wait()
        self.stdout.write("Sandbox portal stopped.")

    def _portal(self, *, port: int, database: Path | None, callback_url: str, slug: str, **_: Any) -> SandboxPortal:
        if callback_url and not re.match(r"https?://[^/\s]+", callback_url):
            raise CommandError("--callback-url must start with http:// or https:// and name a host.")
        file = database or settings.AUTOPILOT_RUN_DIRECTORY / "sandbox_portal.sqlite3"
        try:
            return SandboxPortal(port=port, database=file, secrets=_secrets(slug), callback_url=callback_url)
        except (OSError, OverflowError) as error:
            raise CommandError(f"The sandbox portal cannot listen on port {port}: {error}") from error


def _secrets(slug: str) -> list[str]:
    try:
        return split_secrets(settings.PORTAL_SECRETS.get(slug, ""))
    except BadSecret as error:
        raise CommandError(f"PORTAL_SECRETS holds no usable secret for {slug}. {error}") from error
