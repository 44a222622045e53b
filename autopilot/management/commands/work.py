"""Run jobs in this very process: for cron, for tests, for a machine without a cluster."""

import signal
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from autopilot.cluster import process
from autopilot.cluster.pump import Pump
from autopilot.engine import registry
from autopilot.models.jobs import Job

FOREVER = timedelta(days=36500)


class Command(BaseCommand):
    """The same pump that the cluster runs, in the foreground."""

    help = "Runs due jobs in the foreground until SIGTERM or Ctrl-C; with --until-empty it ends when none is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the two options."""
        parser.add_argument("--until-empty", action="store_true", help="end when no job is due")
        parser.add_argument("--worker", default="", help="run the jobs of this worker only")

    def handle(self, *args: Any, until_empty: bool, worker: str, **options: Any) -> None:
        """Run a pump, one line per job."""
        if worker and worker not in registry.workers():
            raise CommandError(f"There is no worker {worker!r}. Known: {', '.join(registry.workers())}.")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: process.ask_to_stop())
        pump = Pump(only=worker, told=self._tell)
        if until_empty:
            self._run_until_empty(pump)
        else:
            pump.run_for(FOREVER)

    def _run_until_empty(self, pump: Pump) -> None:
        count = pump.run_until_empty()
        rest = "asked to stop" if process.is_stopping() else "nothing more is due"
        self.stdout.write(f"{count} job{'' if count == 1 else 's'} run; {rest}.")

    def _tell(self, job: Job, outcome: str) -> None:
        self.stdout.write(f"{job.pk}  {job.kind}  {outcome}")
