"""Jobs that already stand somewhere, for tests of what may happen to them there."""

from datetime import timedelta
from typing import Any

from autopilot import clock
from autopilot.engine import enqueue, handler
from autopilot.engine.context import JobContext
from autopilot.engine.transitions import (
    BLOCKED,
    CANCELLED,
    COMPLETED,
    FAILED,
    LEGAL,
    PENDING,
    RUNNING,
    SKIPPED,
    WAITING,
    next_event,
)
from autopilot.identifiers import uuid7
from autopilot.models import FINAL, Attempt, Event, Job, JobStatus, WaitReason

LEASE = timedelta(seconds=30)
REASONS = sorted({why for reasons in LEGAL.values() for why in reasons})
STATUSES: tuple[JobStatus, ...] = (BLOCKED, PENDING, RUNNING, WAITING, COMPLETED, FAILED, CANCELLED, SKIPPED)


def standing(status: str, **fields: Any) -> Job:
    """Return a job that stands in a status, with all that the database demands of it there."""
    job = new(**fields)
    event = next_event(job, status, "placed")
    placed = {"status": status, "event_seq": event.seq, "event_hash": event.hash, **needed(status), **fields}
    Job.objects.filter(pk=job.pk).update(**placed)
    event.save()
    job.refresh_from_db()
    if status == RUNNING:
        Attempt.objects.create(
            job=job, epoch=job.epoch, number=job.attempt, process=job.lease_owner, started_at=clock.now()
        )
    return job


def nothing(job: JobContext) -> None:
    """Do nothing."""


def new(**fields: Any) -> Job:
    """Return a pending job of a kind that does nothing."""
    handler("test.nothing")(nothing)
    known = ("unique_key", "concurrency_key", "priority", "start_by", "requested_by", "parent", "scheduled_for")
    return enqueue("test.nothing", tenant_id=uuid7(), **{name: fields[name] for name in known if name in fields})


def needed(status: str) -> dict[str, Any]:
    """Return what the database demands of a row in a status."""
    now = clock.now()
    if status == RUNNING:
        return {"lease_owner": "first", "lease_until": now + LEASE, "deadline": now + LEASE, "epoch": 1, "attempt": 1}
    if status == WAITING:
        return {"wait_reason": WaitReason.TIMER, "wake_at": now, "waiting_since": now}
    if status in FINAL:
        return {"finished_at": now, "purge_after": now + LEASE, "reason": "placed"}
    return {}


def last_event(job: Job) -> Event:
    """Return what happened to a job last."""
    return job.events.order_by("-seq")[0]
