"""Jobs that one process has claimed together: they run one after the other, and complete together."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from django.db import Error

from autopilot.engine import executor
from autopilot.engine.executor import Settle
from autopilot.engine.statements import Finished
from autopilot.models.jobs import Job

# For so long what has finished may wait for its commit, and a job may begin without another look at it.
SECONDS = 0.02


class Group:
    """The jobs in the hand of one process, each with a run, an epoch and a lease of its own.

    What has finished is completed before another member takes a step, and when the group has become old. A second
    thread may look after the group at the same time.
    """

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self.running: Job | None = None
        self._waiting = deque(jobs)
        self._finished: list[Finished] = []
        self._ended: list[tuple[Job, str]] = []
        self._began = time.monotonic()
        self._lock = threading.RLock()

    def begin_next(self) -> Job | None:
        """Return the job to be run now, or None when none is left."""
        if self.is_old():
            self.complete()
        with self._lock:
            self.running = self._waiting.popleft() if self._waiting else None
            return self.running

    def is_old(self) -> bool:
        """Return whether the claim is so long ago that somebody may have cancelled a job, or paused its worker."""
        return time.monotonic() - self._began > SECONDS

    def keep(self, job: Job, result: object) -> None:
        """Take what a job's handler returned; it is completed later."""
        with self._lock:
            self._finished.append((job, result))
            self.running = None

    def end(self, job: Job, outcome: str) -> None:
        """Note how a run has ended, unless its job has finished and is yet to be completed."""
        self.running = None
        if outcome != executor.FINISHED:
            self._ended.append((job, outcome))

    def ended(self) -> list[tuple[Job, str]]:
        """Return the jobs that have ended since the last time this was asked, and how."""
        with self._lock:
            ended, self._ended = self._ended, []
            return ended

    def has_finished(self) -> bool:
        """Return whether a job has finished and is yet to be completed."""
        return bool(self._finished)

    def complete(self, settle: Settle | None = None) -> None:
        """Complete the jobs that have finished; `settle` is as `executor.complete` has it, and so is what is raised."""
        if not self._finished:
            return
        with self._lock:
            outcomes = executor.complete(self._finished, settle) if self._finished else []
            self._ended += zip([job for job, _ in self._finished], outcomes, strict=True)
            self._finished = []

    def disband(self) -> None:
        """Complete what has finished, and give back what has not begun."""
        with self._lock:
            self.complete()
            while self._waiting:
                executor.give_back(self._waiting[-1])
                self._waiting.pop()

    def relieve(self) -> None:
        """Disband on behalf of a thread that must not wait: if the group is being completed just now, it does nothing."""
        if self._lock.acquire(blocking=False):
            try:
                self.disband()
            finally:
                self._lock.release()

    def rescue(self, put_off: Callable[[Job], object]) -> None:
        """Disband after the database has refused something; `put_off` is for a job that it may have refused.

        Each finished job is completed alone, so that one whose result cannot be stored takes no other along.
        """
        with self._lock:
            if self.running is not None:
                put_off(self.running)
                self.running = None
            while self._finished:
                _complete_or(put_off, self._finished[-1])
                self._finished.pop()
            self.disband()


def _complete_or(put_off: Callable[[Job], object], finished: Finished) -> None:
    try:
        executor.complete([finished])
    except Error:
        put_off(finished[0])
