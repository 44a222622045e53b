"""Jobs and messages in the states that figures and alerts are about."""

from datetime import timedelta
from typing import Any

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import ClusterHeartbeat, Event, Job, OutboxMessage
from tests.autopilot.engine.standing import new, standing

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def failed(
    count: int, *, ago: timedelta = MINUTE, reason: str = "attempts_exhausted", worker: str = "test"
) -> list[Job]:
    """Return jobs that failed some time ago."""
    at = clock.now() - ago
    return [standing("failed", finished_at=at, reason=reason, worker=worker) for _ in range(count)]


def due(count: int, *, ago: timedelta = SECOND, worker: str = "test") -> None:
    """Make jobs that have been due for some time."""
    for _ in range(count):
        job = new(scheduled_for=clock.now() - ago)
        Job.objects.filter(pk=job.pk).update(worker=worker)


def running(seconds: float, *, worker: str = "test") -> Job:
    """Return a job that has been running for so long."""
    started = clock.now() - timedelta(seconds=seconds)
    return standing("running", timeout_seconds=600, deadline=started + timedelta(seconds=600), worker=worker)


def heartbeat(ago: timedelta = SECOND, process: str = "here:1", role: str = "pump", **fields: Any) -> ClusterHeartbeat:
    """Return a process that reported itself some time ago."""
    at = clock.now() - ago
    return ClusterHeartbeat.objects.create(process=process, cluster="here", role=role, seen_at=at, **fields)


def message(**fields: Any) -> OutboxMessage:
    """Return a message of the outbox."""
    return OutboxMessage.objects.create(tenant_id=uuid7(), topic="test.topic", **fields)


def ended(count: int, why: str = "done", target: str = "completed", *, ago: timedelta = timedelta(0)) -> None:
    """Make jobs that ended some time ago."""
    for _ in range(count):
        job, at = new(), clock.now() - ago
        Event.objects.create(job=job, seq=2, from_status="running", to_status=target, why=why, epoch=1, hash="x", at=at)
        Job.objects.filter(pk=job.pk).update(status=target, reason=why, finished_at=at, purge_after=at + DAY)
