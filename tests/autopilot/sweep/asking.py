"""Jobs that wait for a person, for tests of what happens when nobody decides."""

from typing import Any

from autopilot.engine import enqueue, executor, handler, statements
from autopilot.engine.context import JobContext
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Job
from tests.autopilot.engine.standing import LEASE


def ask(job: JobContext, options: dict[str, Any]) -> str:
    """Ask for approval, and return its comment."""
    return job.approval("review", title="Fine?", payload={"amount": 1}, **options).comment


def asked(**options: Any) -> Checkpoint:
    """Return the pending checkpoint of a job that has just begun to wait for a person."""
    handler("test.ask")(ask)
    job = enqueue("test.ask", tenant_id=uuid7(), options=options)
    claimed = statements.claim("test", LEASE)
    assert claimed == job
    assert executor.perform(claimed, lambda: False) == "suspended"
    return job.checkpoints.get()


def fresh(job: Job) -> Job:
    """Return a job as it stands now."""
    return Job.objects.get(pk=job.pk)
