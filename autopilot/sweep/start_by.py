"""End jobs that were to start by a time and did not."""

from uuid import UUID

from autopilot import clock
from autopilot.engine.transitions import FAILED, PENDING, move
from autopilot.models.jobs import Job, JobStatus

BATCH = 500


def run() -> int:
    """Fail every job that was never started and whose latest start has passed; returns how many."""
    late = Job.objects.filter(status=JobStatus.PENDING, start_by__lte=clock.now(), first_started_at=None)
    return sum(_end(pk) for pk in late.order_by("start_by").values_list("pk", flat=True)[:BATCH])


def _end(job_id: UUID) -> bool:
    guard = {"start_by__lte": clock.now(), "first_started_at": None}
    error = "It was not started by the time it had to be."
    return move(job_id, PENDING, FAILED, "start_by_passed", guard=guard, reason="expired", error=error)
