"""Tell when a cluster has stopped working although its processes seem healthy."""

import logging
import threading
import time
from datetime import datetime

from django.conf import settings
from django.db import Error, connection
from django.db.models import QuerySet

from autopilot import clock
from autopilot.cluster import heartbeats
from autopilot.engine import statements
from autopilot.models.clusters import ClusterHeartbeat, ClusterRestart
from autopilot.models.jobs import Job, JobStatus

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0


class Watchdog(threading.Thread):
    """Watches one start of a cluster, in a thread of its own: a database that hangs must not hang the supervisor.

    `problem` says why the cluster must be started again, and is empty while it works. A worker that waits for work
    and a worker that runs a job both give signs of life; the cluster is wedged when one of its workers has given none
    for AUTOPILOT_WATCHDOG. Where that would end running jobs, it must also be that other work is due.
    """

    def __init__(self, cluster: str, restarts: list[str], patience: float = 0.0) -> None:
        """Watch a cluster that starts now.

        `restarts` are reasons of earlier restarts, recorded as soon as the database is there. `patience` is how many
        seconds more than AUTOPILOT_WATCHDOG the start may take, on a machine on which it did not succeed before.
        """
        super().__init__(name="watchdog", daemon=True)
        self.problem = ""
        self.was_complete = False
        self._cluster = cluster
        self._restarts = restarts
        self._closed = threading.Event()
        self._refused = False
        self._since = time.monotonic() + patience
        self._seen: dict[str, datetime] | None = None
        self._alive_at: dict[str, float] = {}

    def run(self) -> None:
        """Look and report again and again until closed."""
        while not self._closed.wait(CHECK_SECONDS):
            try:
                self.problem = self.look()
                self.report()
                self._refused = False
            except Error as error:
                self._complain(error)
        connection.close()

    def close(self) -> None:
        """Let the thread end; it is not waited for."""
        self._closed.set()

    def look(self) -> str:
        """Return why the cluster must be started again now, or nothing.

        It only reads: on SQLite a worker that froze in a transaction keeps everybody from writing, and must be found.
        A database that cannot be read either raises its error, and nobody is judged by the time it was away.
        """
        limit = settings.AUTOPILOT_WATCHDOG.total_seconds()
        try:
            missing = settings.AUTOPILOT_WORKERS - self._living(limit)
            self.was_complete |= missing <= 0
            wedged = missing > 0 and (_is_work_due() or not self._is_busy())
        except Error:
            self._since = time.monotonic()
            raise
        if not wedged or time.monotonic() - self._since < limit:
            return ""
        return f"{missing} of {settings.AUTOPILOT_WORKERS} workers gave no sign of life for {limit:.0f} seconds"

    def report(self) -> None:
        """Give the supervisor's own sign of life, and record the restarts."""
        heartbeats.report(self._cluster, cluster=self._cluster, role=heartbeats.Role.SUPERVISOR)
        while self._restarts:
            ClusterRestart.objects.create(cluster=self._cluster, reason=self._restarts[0][:200])
            self._restarts.pop(0)

    def _complain(self, error: Error) -> None:
        if not self._refused:
            logger.warning("the database is away or locked (%s)", type(error).__name__)
        self._refused = True
        connection.close()

    def _living(self, limit: float) -> int:
        """Return how many workers gave a sign of life within the limit, by our own clock alone."""
        now = time.monotonic()
        seen = dict(self._pumps().values_list("process", "seen_at"))
        before = seen if self._seen is None else self._seen
        self._alive_at |= {process: now for process, at in seen.items() if before.get(process) != at}
        self._seen = seen
        return sum(now - at <= limit for at in self._alive_at.values())

    def _is_busy(self) -> bool:
        pumps = self._pumps().values("process")
        leased = Job.objects.filter(status=JobStatus.RUNNING, lease_until__gt=clock.DatabaseNow())
        return leased.filter(lease_owner__in=pumps).exists()

    def _pumps(self) -> QuerySet[ClusterHeartbeat]:
        return ClusterHeartbeat.objects.filter(cluster=self._cluster, role=heartbeats.Role.PUMP)


def _is_work_due() -> bool:
    allowed = statements.limits()
    due = Job.objects.due(clock.now()).exclude(worker__in=[*allowed.paused, *allowed.limited])
    return due.filter(concurrency_key="").exists()
