"""The resident pump: waits for work, claims it, runs it, settles it, for a slice of time."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import Min

from autopilot import clock, disks, sweep
from autopilot.cluster import bells, duties, endings, heartbeats, process
from autopilot.cluster.keeper import Keeper
from autopilot.engine import executor, statements
from autopilot.models.jobs import Job, JobStatus
from autopilot.models.tallies import EventTally

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=1)
URGENT_EVERY = 5.0
AWAY_WAIT = 1.0

_keeper = Keeper()


class Pump:
    """Runs due jobs one after the other in this process."""

    def __init__(self, *, cluster: str = "", only: str = "", told: Callable[[Job, str], None] | None = None) -> None:
        self.name = process.name()
        self.cluster = cluster or self.name
        self.only = only
        self._told = told or (lambda job, outcome: None)
        self._in_hand: Job | None = None
        self._claims = 0
        self._away = False
        self._full: Error | None = None
        self._urgent_at = self._report_at = 0.0

    def run_for(self, slice_length: timedelta) -> None:
        """Wait for and run jobs until the slice is over or the process is to stop; a database that is away is waited for."""
        end = time.monotonic() + slice_length.total_seconds()
        while time.monotonic() < end and not process.is_stopping():
            try:
                self._serve(end)
            except Error as error:
                self._wait_for_database(error)

    def run_until_empty(self) -> int:
        """Run jobs until none is due; returns how many ran."""
        sweep.run()
        count = 0
        while not process.is_stopping() and (ran := self._run_stretch(lambda: True)):
            count += ran
        return count

    def run_one(self) -> bool:
        """Claim and run one job; returns whether there was one."""
        return self._run_stretch(lambda: False) > 0

    def _run_stretch(self, goes_on: Callable[[], bool]) -> int:
        """Run one job after the other, each claimed as the one before completes; returns how many ran.

        The stretch ends when none is due, when a job ends otherwise than completed, and when `goes_on` says so.
        """
        count = 0
        job = statements.claim(self.name, settings.AUTOPILOT_LEASE, only=self.only)
        while job is not None:
            count += 1
            job = self._run(job, lambda: goes_on() and not process.is_stopping())
            if job is not None and process.is_stopping():
                executor.give_back(job)
                break
        return count

    def _run(self, job: Job, goes_on: Callable[[], bool]) -> Job | None:
        """Run a claimed job; returns the next one, which was claimed with its completion."""
        following: Job | None = None

        def settle(job: Job, result: Any, retention: timedelta) -> bool:
            nonlocal following
            if not goes_on():
                return statements.settle(job, result, retention)
            settled, following = statements.settle_and_claim(
                job, result, retention, self.name, settings.AUTOPILOT_LEASE, only=self.only
            )
            return settled

        self._claims += 1
        self._in_hand = job
        with _keeper.keeping(job):
            outcome = executor.perform(job, process.is_overdue, settle=settle)
        self._in_hand = following
        if outcome == "fenced":
            EventTally.objects.note(EventTally.FENCED)
        self._told(job, outcome)
        return following

    def _serve(self, end: float) -> None:
        bell = bells.bell()
        try:
            self._settle_cut_off()
            while time.monotonic() < end and not process.is_stopping():
                self._attend_duties()
                if not self._run_stretch(lambda: time.monotonic() < min(end, self._report_at, self._urgent_at)):
                    bell.wait(min(_idle_seconds(), max(0.0, end - time.monotonic())))
            self._report()
        finally:
            bell.close()

    def _settle_cut_off(self) -> None:
        if self._away:
            self._away = False
            logger.warning("the database is back")
        if self._in_hand is not None:
            executor.postpone(self._in_hand, self._full) if self._full else endings.cut_off(self._in_hand)
            self._in_hand = None
        self._full = None

    def _attend_duties(self) -> None:
        now = time.monotonic()
        if now >= self._report_at:
            self._report()
        if now >= self._urgent_at:
            self._urgent_at = now + URGENT_EVERY
            sweep.run(sweep.URGENT)
            duties.perform("sweep", settings.AUTOPILOT_SWEEP_INTERVAL, sweep.run)

    def _report(self) -> None:
        self._report_at = time.monotonic() + heartbeats.interval()
        claims, self._claims = self._claims, 0
        heartbeats.report(self.name, cluster=self.cluster, role=heartbeats.Role.PUMP, claims=claims)
        statements.forget_plans()

    def _wait_for_database(self, error: Error) -> None:
        # Whatever else it says later: a full disk may end in other errors.
        self._full = error if disks.is_full(error) else self._full
        if not self._away:
            self._away = True
            logger.warning("the database is away or locked (%s); waiting for it", type(error).__name__)
        connection.close()
        time.sleep(AWAY_WAIT)


def _idle_seconds() -> float:
    now = clock.now()
    pending = Job.objects.filter(status=JobStatus.PENDING, scheduled_for__gt=now)
    soonest = pending.aggregate(at=Min("scheduled_for"))["at"]
    wait = min(LONGEST_WAIT, soonest - now) if soonest else LONGEST_WAIT
    return max(0.01, wait.total_seconds())


def run(cluster: str) -> None:
    """Run a pump for one slice: what django-q2 hands to each of its workers, again and again."""
    process.follow_supervisor()
    try:
        Pump(cluster=cluster).run_for(settings.AUTOPILOT_PUMP_SLICE)
    except Exception:
        # django-q2 would store it in a table of its own, and call again at once.
        logger.exception("the pump failed")
        time.sleep(AWAY_WAIT)
