"""The resident pump: waits for work, claims it, runs it, settles it, for a slice of time."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from django.db.models import Min

from autopilot import clock, disks, sweep
from autopilot.cluster import bells, duties, endings, heartbeats, process
from autopilot.cluster.keeper import Keeper
from autopilot.cluster.pace import Pace
from autopilot.engine import executor, statements
from autopilot.engine.groups import Group
from autopilot.engine.statements import ALONE, Finished
from autopilot.models.jobs import LEAST_PRIORITY, Job, JobStatus, rank_of
from autopilot.models.tallies import EventTally

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=1)
URGENT_EVERY = 5.0
AWAY_WAIT = 1.0

_keeper = Keeper()


class Pump:
    """Runs due jobs one after the other in this process, and claims several at once where they are short."""

    def __init__(self, *, cluster: str = "", only: str = "", told: Callable[[Job, str], None] | None = None) -> None:
        self.name = process.name()
        self.cluster = cluster or self.name
        self.only = only
        self._told = told or (lambda job, outcome: None)
        self._in_hand = Group()
        self._pace = Pace()
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
        """Run one job after the other, the next claimed as those before complete; returns how many ran.

        The stretch ends when none is due, when no job is left that completes, and when `goes_on` says so.
        """
        together = self._pace.together() if goes_on() else ALONE
        jobs = statements.claim_together(self.name, settings.AUTOPILOT_LEASE, together, only=self.only)
        count = 0
        while jobs:
            self._in_hand = Group(jobs)
            count += self._run(self._in_hand)
            jobs = self._complete(self._in_hand, goes_on)
        return count

    def _run(self, group: Group) -> int:
        """Run the jobs of a group until none is left or this process is to stop; returns how many ran."""
        count = 0
        while not process.is_stopping() and (job := group.begin_next()):
            count += 1
            self._perform(job, group)
            self._tell(group)
        return count

    def _perform(self, job: Job, group: Group) -> None:
        began = time.monotonic()
        with _keeper.keeping(job, group):
            try:
                group.end(job, executor.perform(job, process.is_overdue, companions=group))
            except (KeyboardInterrupt, SystemExit):
                group.disband()
                raise
        self._pace.note(job.kind, time.monotonic() - began)

    def _complete(self, group: Group, goes_on: Callable[[], bool]) -> list[Job]:
        """Complete what has finished; returns the next jobs, which were claimed with that."""
        following: list[Job] = []

        def settle(finished: Sequence[Finished], retention: timedelta) -> set[UUID]:
            nonlocal following
            settled, following = statements.settle_and_claim(
                finished, retention, self.name, settings.AUTOPILOT_LEASE, self._pace.together(), only=self.only
            )
            return settled

        group.complete(settle if goes_on() and not process.is_stopping() else None)
        group.disband()
        self._tell(group)
        if following and process.is_stopping():
            Group(following).disband()
            return []
        return following

    def _tell(self, group: Group) -> None:
        for job, outcome in group.ended():
            self._claims += 1
            if outcome == "fenced":
                EventTally.objects.note(EventTally.FENCED)
            self._told(job, outcome)

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
        full = self._full
        self._in_hand.rescue(lambda job: executor.postpone(job, full) if full else endings.cut_off(job))
        self._in_hand, self._full = Group(), None

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
    """Return the seconds until a job may be due, or the longest wait; what is due later is found by its rank."""
    now = clock.now()
    soon = now + LONGEST_WAIT
    ranked = Job.objects.filter(status=JobStatus.PENDING, held_at=None, rank__lte=rank_of(soon, LEAST_PRIORITY))
    soonest = ranked.filter(scheduled_for__gt=now, scheduled_for__lte=soon).aggregate(at=Min("scheduled_for"))["at"]
    wait = soonest - now if soonest else LONGEST_WAIT
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
