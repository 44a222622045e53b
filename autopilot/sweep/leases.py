"""Take back jobs whose process died or froze: their lease has run out."""

import logging
import traceback

from django.db import InterfaceError, OperationalError, transaction

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.engine import controls, once, wakeup
from autopilot.engine.transitions import FAILED, PENDING, RUNNING, move
from autopilot.models.jobs import Job, JobStatus

logger = logging.getLogger(__name__)

BATCH = 100


def run() -> int:
    """Put every job with an expired lease back in the queue, or aside after its last crash; returns how many.

    One that cannot be taken back is logged and stops no other. Raises OperationalError or InterfaceError only.
    """
    expired = Job.objects.filter(status=JobStatus.RUNNING, lease_until__lte=DatabaseNow())
    return sum(_reap_if_possible(job) for job in expired.order_by("lease_until")[:BATCH])


def _reap_if_possible(job: Job) -> bool:
    try:
        return reap(job)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (one broken job must not keep the others lost)
        frames = "".join(traceback.format_tb(error.__traceback__))
        logger.error("the lost job %s could not be taken back: %s\n%s", job.pk, type(error).__name__, frames)
        return False


def reap(job: Job) -> bool:
    """Take one job back if its lease is still expired and nobody has claimed it since; returns whether it did.

    A row that somebody has locked, as a process that froze in a transaction, is not waited for: the next turn sees it.
    """
    guard = {"epoch": job.epoch, "lease_until__lte": DatabaseNow()}
    with transaction.atomic():
        unlocked = Job.objects.select_for_update(skip_locked=True, of=("self",))
        return unlocked.filter(pk=job.pk, **guard).first() is not None and _take_back(job, guard)


def _take_back(job: Job, guard: dict[str, object]) -> bool:
    crashes = job.crashes + 1
    if crashes >= job.max_crashes:
        return _give_up(job, "crash_loop", crashes, guard)
    if job.attempt >= job.max_attempts:
        return _give_up(job, "attempts_exhausted", crashes, guard)
    # It keeps its place in the queue: behind all that has come since, a backlog would hide for long what is lost.
    again = {"crashes": crashes, "scheduled_for": clock.now(), "rank": job.rank}
    put = controls.put_back(job, "lease_expired", guard, detail={"process": job.lease_owner}, **again)
    if put == PENDING:
        wakeup.ring()
    return bool(put)


def _give_up(job: Job, why: str, crashes: int, guard: dict[str, object]) -> bool:
    if controls.finish_cancel(job, guard):
        return True
    error = f"The process that ran it ended or froze{'' if crashes == 1 else f' {crashes} times'}."
    if once.ask_after_the_last_crash(job, guard, error):
        return True
    return move(
        job.pk, RUNNING, FAILED, why, guard=guard, crashes=crashes, reason=why, error=error, attempt_error=error
    )
