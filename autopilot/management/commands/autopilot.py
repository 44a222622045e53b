"""Run the cluster under its supervisor: what a service unit starts."""

from typing import Any

from django.core.management.base import BaseCommand

from autopilot.cluster.supervisor import Supervisor


class Command(BaseCommand):
    """Start the processes that run jobs, and keep them running until this command is ended."""

    help = "Runs jobs until ended by SIGTERM or Ctrl-C; restarts its processes when they die or stop working."

    def handle(self, *args: Any, **options: Any) -> None:
        """Supervise one cluster, unless another machine works on the same SQLite file."""
        self.check(tags=["one_host"], databases=["default"])
        Supervisor().run()
