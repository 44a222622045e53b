"""Keep a running job: renew its lease while its handler works, and end the process when it takes too long."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from autopilot import clock
from autopilot.engine.fences import renew
from autopilot.engine.transitions import FAILED, PENDING, RUNNING, move
from autopilot.models.jobs import Job

logger = logging.getLogger(__name__)
OVERRUN_EXIT = 75


def end_process() -> None:
    """End this process at once: a handler that hangs cannot be ended in any other way."""
    os._exit(OVERRUN_EXIT)


class Keeper:
    """A thread that renews the lease of this process's current job on a connection of its own."""

    def __init__(self, end: Callable[[], None] = end_process) -> None:
        self._end = end
        self._changed = threading.Condition()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def keeping(self, job: Job) -> Iterator[None]:
        """Keep a job for the length of a block."""
        self._hold(job)
        try:
            yield
        finally:
            self._hold(None)

    def _hold(self, job: Job | None) -> None:
        with self._changed:
            self._job = job
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        interval = settings.AUTOPILOT_LEASE / 3
        while True:
            with self._changed:
                job = self._job
                changed = self._changed.wait(_wait(job, interval))
            if not changed and job is not None:
                self._attend(job)

    def _attend(self, job: Job) -> None:
        try:
            if job.deadline is not None and clock.now() >= job.deadline:
                end_attempt(job)
                self._end()
            else:
                renew(job)
        except DatabaseError:
            logger.warning("the lease of job %s could not be renewed", job.pk)
        finally:
            connection.close()


def _wait(job: Job | None, interval: timedelta) -> float | None:
    if job is None:
        return None
    left = (job.deadline - clock.now()) if job.deadline else interval
    return max(0.0, min(interval, left).total_seconds())


def end_attempt(job: Job) -> None:
    """Settle an attempt that has passed its deadline: another one, or failed when it was the last."""
    error = f"It took longer than {job.timeout_seconds} seconds."
    guard = {"epoch": job.epoch}
    logger.error("job %s (%s) passed its deadline", job.pk, job.kind)
    if job.attempt >= job.max_attempts:
        move(job.pk, RUNNING, FAILED, "deadline", guard=guard, reason="deadline", error=error, attempt_error=error)
    else:
        again = clock.now() + timedelta(seconds=10)
        move(job.pk, RUNNING, PENDING, "deadline", guard=guard, scheduled_for=again, error=error, attempt_error=error)
