"""Jobs of the teaching kinds, the decisions they wait for, and two ways to run them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User

from autopilot.engine import decide, enqueue
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Decision, Job
from autopilot.testing import replayed, run_jobs

Run = Callable[[Job], object]


def straight(job: Job) -> None:
    """Run a job as a pump does."""
    run_jobs()


# Every journey is made both ways: straight on, and given back after every step under the guard.
WAYS: tuple[Run, ...] = (straight, replayed)


def asked(kind: str, **payload: Any) -> Job:
    """Return a new job."""
    return enqueue(kind, tenant_id=uuid7(), **payload)


def now(job: Job) -> Job:
    """Return a job as it stands now."""
    return Job.objects.get(pk=job.pk)


def outcome(job: Job) -> tuple[str, str]:
    """Return how a job ended."""
    ended = now(job)
    return ended.status, ended.reason


def result(job: Job) -> Any:
    """Return what a job has delivered; None as long as it has not."""
    return now(job).result


def question(job: Job) -> Checkpoint:
    """Return what a job waits for."""
    return job.checkpoints.get(status="pending")


def approve(job: Job, by: User) -> Decision:
    """Approve what a job waits for."""
    return decide(question(job).pk, actor=by, verdict="approve", version=1)


def reject(job: Job, by: User) -> Decision:
    """Reject what a job waits for."""
    return decide(question(job).pk, actor=by, verdict="reject", version=1, comment="Not like this.")
