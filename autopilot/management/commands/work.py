"""Run jobs in this very process: for cron, for tests, for a machine without a cluster."""

import signal
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from autopilot.cluster import process
from autopilot.cluster.pump import Pump
from autopilot.engine import registry
from autopilot.models.jobs import Job

FOREVER = timedelta(days=365)


class Command(BaseCommand):
    """The same pump that the cluster runs, in the foreground."""

    help = "Runs due jobs in the foreground; with --until-empty it ends when none is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the two options."""
        parser.add_argument("--until-empty", action="store_true", help="end when no job is due")
        parser.add_argument("--worker", default="", help="run the jobs of this worker only")

    def handle(self, *args: Any, until_empty: bool, worker: str, **options: Any) -> None:
        """Run a pump, one line per job."""
        if worker and worker not in registry.workers():
            raise CommandError(f"There is no worker {worker!r}. Known: {', '.join(registry.workers())}.")
        stop_file = process.stop_file(process.cluster())
        stop_file.parent.mkdir(parents=True, exist_ok=True)
        stop_file.unlink(missing_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _touch(stop_file))
        try:
            self._pump(Pump(only=worker, told=self._tell), until_empty)
        finally:
            stop_file.unlink(missing_ok=True)

    def _pump(self, pump: Pump, until_empty: bool) -> None:
        if until_empty:
            count = pump.run_until_empty()
            self.stdout.write(f"{count} job{'' if count == 1 else 's'} run; nothing more is due.")
        else:
            pump.run_for(FOREVER)

    def _tell(self, job: Job, outcome: str) -> None:
        self.stdout.write(f"{job.pk}  {job.kind}  {outcome}")


def _touch(stop_file: Path) -> Callable[[int, FrameType | None], None]:
    def ask(number: int, frame: FrameType | None) -> None:
        stop_file.touch()

    return ask
