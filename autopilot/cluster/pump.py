"""The resident pump: waits for work, claims it, runs it, settles it, for a slice of time."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Min

from autopilot import __version__, clock, sweep
from autopilot.cluster import bells, duties, process
from autopilot.cluster.keeper import Keeper
from autopilot.engine import executor, statements
from autopilot.models.clusters import ClusterHeartbeat
from autopilot.models.jobs import Job, JobStatus

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=1)
URGENT_EVERY = 5.0
HEARTBEAT_EVERY = 10.0
AWAY_WAIT = 1.0

_keeper = Keeper()


class Pump:
    """Runs due jobs one after the other in this process."""

    def __init__(self, *, only: str = "", told: Callable[[Job, str], None] | None = None) -> None:
        self.only = only
        self.name = process.name()
        self.claims = 0
        self._told = told or (lambda job, outcome: None)
        self._urgent_at = 0.0
        self._heartbeat_at = 0.0

    def run_for(self, slice_length: timedelta) -> None:
        """Wait for and run jobs until the slice is over or the process is to stop; a database that is away is waited for."""
        end = time.monotonic() + slice_length.total_seconds()
        while time.monotonic() < end and not process.is_stopping():
            try:
                self._run_until(end)
            except (OperationalError, InterfaceError) as error:
                logger.warning("the database is away: %s", type(error).__name__)
                connection.close()
                time.sleep(AWAY_WAIT)

    def run_until_empty(self) -> int:
        """Run jobs until none is due; returns how many ran."""
        sweep.run()
        before = self.claims
        while not process.is_stopping() and self.run_one():
            pass
        return self.claims - before

    def run_one(self) -> bool:
        """Claim and run one job; returns whether there was one."""
        job = statements.claim(self.name, settings.AUTOPILOT_LEASE, only=self.only)
        if job is None:
            return False
        self.claims += 1
        with _keeper.keeping(job):
            outcome = executor.perform(job, process.is_overdue)
        self._told(job, outcome)
        return True

    def _run_until(self, end: float) -> None:
        bell = bells.bell()
        try:
            while time.monotonic() < end and not process.is_stopping():
                self._attend_duties()
                if not self.run_one():
                    bell.wait(min(self._idle_seconds(), max(0.0, end - time.monotonic())))
        finally:
            bell.close()

    def _attend_duties(self) -> None:
        now = time.monotonic()
        if now - self._heartbeat_at > HEARTBEAT_EVERY:
            self._heartbeat_at = now
            report(self.name, ClusterHeartbeat.Role.PUMP, self.claims)
        if now - self._urgent_at > URGENT_EVERY:
            self._urgent_at = now
            sweep.run(sweep.URGENT)
            duties.perform("sweep", settings.AUTOPILOT_SWEEP_INTERVAL, sweep.run)

    def _idle_seconds(self) -> float:
        now = clock.now()
        pending = Job.objects.filter(status=JobStatus.PENDING, scheduled_for__gt=now)
        soonest = pending.aggregate(at=Min("scheduled_for"))["at"]
        wait = min(LONGEST_WAIT, soonest - now) if soonest else LONGEST_WAIT
        return max(0.01, wait.total_seconds())


def report(name: str, role: str, claims: int = 0) -> None:
    """Write this process's heartbeat."""
    now = clock.now()
    fields = {"seen_at": now, "claims": claims}
    if not ClusterHeartbeat.objects.filter(process=name).update(**fields):
        ClusterHeartbeat.objects.create(
            process=name, cluster=process.cluster(), role=role, version=__version__, started_at=now, **fields
        )


def run(cluster_id: str) -> None:
    """Run a pump for one slice: what django-q2 hands to each of its workers, again and again."""
    Pump().run_for(settings.AUTOPILOT_PUMP_SLICE)
    if process.is_orphan():
        raise SystemExit(0)


