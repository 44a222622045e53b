"""The fence: the first statement of every write of a run, which proves that the run still owns its job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.engine import records
from autopilot.engine.prepared import executed
from autopilot.engine.signals import CancelSeen, GivenBack, LeaseLost
from autopilot.models.jobs import Job, JobStatus

# How a job stands whose lease is good for a while: whether it was cancelled, and whether its worker is to stop.
# It is written by hand, for every step of every job begins with it.
STATE = """SELECT cancel_requested_at,
    EXISTS (SELECT 1 FROM autopilot_worker WHERE name = autopilot_job.worker AND pause = 'stop')
FROM autopilot_job WHERE id = %s AND status = 'running' AND epoch = %s AND lease_until > """
# As `clock.DatabaseNow` has it.
MOMENT = {"postgresql": "(clock_timestamp() + %s)", "sqlite": "%s"}
# SQLite has one writer at a time, and no row to lock.
LOCK = {"postgresql": " FOR NO KEY UPDATE", "sqlite": ""}

State = tuple[Any, bool]


@contextmanager
def fenced(job: Job, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Open a transaction in which this run owns its job: locked, and with at least half of its lease left.

    Raises LeaseLost when another run owns it, CancelSeen when it was cancelled, GivenBack when this process or the
    worker is to stop. Nothing is written then.
    """
    with transaction.atomic():
        _require_going_on(job, should_stop, LOCK[connection.vendor])
        yield


def look(job: Job, should_stop: Callable[[], bool]) -> None:
    """Raise as `fenced` does where a run is to end, before what is no write of ours; locks nothing."""
    _require_going_on(job, should_stop)


def renew(job: Job) -> bool:
    """Renew the lease of a running job; returns whether this run still owns it."""
    owned = Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, epoch=job.epoch, lease_until__gt=DatabaseNow())
    return bool(owned.update(lease_until=DatabaseNow(settings.AUTOPILOT_LEASE)))


def _require_going_on(job: Job, should_stop: Callable[[], bool], lock: str = "") -> None:
    # To renew each time would cost an entry in every index of the job.
    state = _state(job, lock) or (_state(job, lock) if renew(job) else None)
    if state is None:
        raise LeaseLost
    cancelled, stopped = state
    if cancelled:
        raise CancelSeen
    if stopped or should_stop():
        raise GivenBack


def _state(job: Job, lock: str) -> State | None:
    """Return how a job stands that this run owns, with at least half of its lease left; None if it is not so."""
    parameters = (records.key_of(Job, job.pk), job.epoch, _half_a_lease_from_now())
    with executed(STATE + MOMENT[connection.vendor] + lock, parameters) as cursor:
        state: State | None = cursor.fetchone()
    return state


def _half_a_lease_from_now() -> Any:
    half = settings.AUTOPILOT_LEASE / 2
    if connection.vendor == "postgresql":
        return clock.shift() + half
    return connection.ops.adapt_datetimefield_value(clock.now() + half)
