"""Processes that claim and run jobs, and that die, freeze and overtake each other where a history says so."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from autopilot import clock
from autopilot.engine import executor, faults, statements
from autopilot.engine.groups import Group
from autopilot.engine.statements import Together
from autopilot.models import Job
from autopilot.sweep import leases
from tests.autopilot.histories.office import Crash, Office
from tests.autopilot.histories.packet import KIND
from tests.autopilot.histories.world import World

CRASH, STALL, TAKEOVER, CLAIM = MODES = ("crash", "stall", "stall and takeover", "stall and claim")
INSIDE = ("tx.before_commit", "suspend.before_commit", "decide.before_wake")
PAST_THE_LEASE = settings.AUTOPILOT_LEASE + timedelta(seconds=1)
ANYWHERE = "any point"
DEEPEST = 2
TOGETHER = Together(3, {KIND})


class Fault(NamedTuple):
    """What happens when a point is reached for the nth time."""

    point: str
    occurrence: int
    mode: str

    def __str__(self) -> str:
        return f"{self.mode} at {self.point} #{self.occurrence}"


class Cluster:
    """Processes at work on the jobs of a world, and the faults that are still to come."""

    def __init__(self, world: World, office: Office) -> None:
        self.world = world
        self.office = office
        self.faults: list[Fault] = []
        self._meanwhile: Callable[[], object] | None = None
        self.stops = False
        self._reached: Counter[str] = Counter()
        self.claimed: list[Job] = []
        faults.watch(self._reach)

    def expect(self, *coming: Fault, meanwhile: Callable[[], object] | None = None) -> None:
        """Let these faults come, counted from now on, and do `meanwhile` in a stall; earlier ones are forgotten."""
        self.faults = list(coming)
        self._meanwhile = meanwhile
        self._reached.clear()

    def work(self, process: str = "first") -> str:
        """Let a process claim jobs and run them; returns how the last ended, or an empty text if nothing was due."""
        jobs = statements.claim_together(process, settings.AUTOPILOT_LEASE, TOGETHER)
        return self.run(*jobs) if jobs else ""

    def catch_up(self) -> None:
        """Run what processes claimed and did not run yet."""
        while self.claimed:
            self.run(self.claimed.pop())

    def run(self, *jobs: Job) -> str:
        """Run claimed jobs until they end, or their process does; returns how the last of them ended."""
        group = Group(jobs)
        try:
            while job := group.begin_next():
                group.end(job, self._perform(job, group))
            group.complete()
        except Crash:
            return "crashed"
        return group.ended()[-1][1]

    def _perform(self, job: Job, group: Group) -> str:
        self.world.running.append(job)
        try:
            return executor.perform(job, lambda: self.stops, companions=group)
        finally:
            self.world.running.pop()

    def _reach(self, point: str) -> None:
        self._reached.update((point, ANYWHERE))
        here = [(name, self._reached[name]) for name in (point, ANYWHERE)]
        for fault in [fault for fault in self.faults if fault[:2] in here]:
            self.faults.remove(fault)
            self._suffer(fault)

    def _suffer(self, fault: Fault) -> None:
        if fault.mode == CRASH:
            raise Crash
        clock.move(PAST_THE_LEASE)
        if in_transaction():
            # Whoever stands in a transaction holds its lock: nobody else gets anywhere.
            return
        leases.run()
        if self._meanwhile is not None:
            self._meanwhile()
        if fault.mode == CLAIM:
            self._claim_only()
        if fault.mode == TAKEOVER and len(self.world.running) < DEEPEST:
            self._take_over()

    def _claim_only(self) -> None:
        job = statements.claim("second", settings.AUTOPILOT_LEASE)
        if job is not None:
            self.claimed.append(job)

    def _take_over(self) -> None:
        self.work("second")
        self.office.attend()
        self.work("third")


def in_transaction() -> bool:
    """Return whether we are inside a transaction, other than the one around the whole test."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
