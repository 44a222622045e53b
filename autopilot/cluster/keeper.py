"""Keep a running job: renew its lease while its handler works, and end the process when it may work no longer."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, connection

from autopilot.cluster import endings, heartbeats, process
from autopilot.engine.executor import give_back
from autopilot.engine.fences import renew
from autopilot.engine.groups import Group
from autopilot.models.jobs import Job

logger = logging.getLogger(__name__)

TICK = 1.0
OVERRUN_STATUS = 75
ABANDONED_STATUS = 0
# After so long nobody waits any more for the end of the one that runs.
RELIEVED_AFTER = 0.5


@dataclass
class Kept:
    """A job in hand, in the seconds of this process's own clock: no other clock can end it."""

    job: Job
    group: Group
    relieve_at: float = field(init=False)
    ends_at: float = field(init=False)
    renew_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.relieve_at = time.monotonic() + RELIEVED_AFTER
        self.ends_at = time.monotonic() + self.job.timeout_seconds
        self.renewed()

    def renewed(self) -> None:
        """Note that the lease was just seen to."""
        self.renew_at = time.monotonic() + settings.AUTOPILOT_LEASE.total_seconds() / 3


class Keeper:
    """A thread that looks after the job in hand, every second, on a database connection of its own."""

    def __init__(self, end: Callable[[int], object] = os._exit) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, job: Job, group: Group | None = None) -> Iterator[None]:
        """Keep a job for the length of a block; if that takes long, its group is disbanded."""
        self._hold(Kept(job, group or Group()))
        try:
            yield
        finally:
            self._hold(None)

    def attend(self) -> None:
        """Do what the job in hand needs now; nothing can take its place meanwhile."""
        with self._lock:
            if self._kept is not None:
                self._attend(self._kept)

    def _hold(self, kept: Kept | None) -> None:
        with self._lock:
            self._kept = kept
            self._start()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            time.sleep(TICK)
            self.attend()
            connection.close()

    def _attend(self, kept: Kept) -> None:
        if time.monotonic() >= kept.relieve_at:
            _try(lambda _: kept.group.relieve(), kept.job)
        if time.monotonic() >= kept.ends_at:
            _try(endings.overrun, kept.job)
            self._end(OVERRUN_STATUS)
        elif process.stopping_for() >= process.ABANDON_AFTER:
            _try(give_back, kept.job)
            self._end(ABANDONED_STATUS)
        elif time.monotonic() >= kept.renew_at:
            kept.renewed()
            _try(_show_life, kept.job)


def _show_life(job: Job) -> None:
    renew(job)
    heartbeats.touch(job.lease_owner)


def _try(deed: Callable[[Job], object], job: Job) -> None:
    """Do something about a job; where the database refuses, the lease does the rest."""
    try:
        deed(job)
    except Error as error:
        logger.warning("job %s could not be looked after: %s", job.pk, type(error).__name__)
