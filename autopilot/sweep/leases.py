"""Take back jobs whose process died or froze: their lease has run out."""

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.engine import controls, once, wakeup
from autopilot.engine.transitions import FAILED, PENDING, RUNNING, move
from autopilot.models.jobs import Job, JobStatus

BATCH = 100


def run() -> int:
    """Put every job with an expired lease back in the queue, or aside after its last crash; returns how many."""
    expired = Job.objects.filter(status=JobStatus.RUNNING, lease_until__lte=DatabaseNow())
    return sum(reap(job) for job in expired.order_by("lease_until")[:BATCH])


def reap(job: Job) -> bool:
    """Take one job back if its lease is still expired and nobody has claimed it since; returns whether it did."""
    crashes = job.crashes + 1
    guard = {"epoch": job.epoch, "lease_until__lte": DatabaseNow()}
    if crashes >= job.max_crashes:
        return _give_up(job, "crash_loop", crashes, guard)
    if job.attempt >= job.max_attempts:
        return _give_up(job, "attempts_exhausted", crashes, guard)
    detail = {"process": job.lease_owner}
    put = controls.put_back(job, "lease_expired", guard, crashes=crashes, scheduled_for=clock.now(), detail=detail)
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
