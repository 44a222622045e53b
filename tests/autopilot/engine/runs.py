"""Small jobs for tests: declare a handler, enqueue it, and run it as a cluster would."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from autopilot import clock
from autopilot.engine import enqueue, handler, registry
from autopilot.engine.context import JobContext
from autopilot.identifiers import uuid7
from autopilot.models import Job, Step
from autopilot.sweep import leases
from autopilot.testing import run_job

KIND = "test.handler"


class Crash(BaseException):
    """The process dies here: nothing after it happens, and nobody catches it."""


def job_of(function: Callable[..., Any], *, requested_by: Any = None, unique_key: str = "", **options: Any) -> Job:
    """Return a pending job of a handler, which takes the place of an earlier one; `options` are the handler's."""
    registry._handlers.pop(KIND, None)
    handler(KIND, **options)(function)
    return enqueue(KIND, tenant_id=uuid7(), requested_by=requested_by, unique_key=unique_key)


def run(function: Callable[[JobContext], Any], **options: Any) -> tuple[Job, str]:
    """Run a handler once; returns its job as it is then, and how the run ended."""
    job = job_of(function, **options)
    outcome = run_job(job)
    return again(job), outcome


def again(job: Job) -> Job:
    """Return a job as it is now."""
    return Job.objects.get(pk=job.pk)


def crashed(job: Job) -> Job:
    """Run a job whose process dies in it, and let its lease run out; returns the job as it is then."""
    try:
        ended = run_job(job)
    except Crash:
        return reaped(job)
    raise AssertionError(f"it did not crash but {ended}: {again(job).error}")


def reaped(job: Job) -> Job:
    """Let the lease of a running job run out and be noticed; returns the job as it is then."""
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert leases.run() == 1
    return again(job)


def keys(job: Job) -> list[str]:
    """Return the keys of a job's stored steps, in their order."""
    return list(Step.objects.filter(job=job).order_by("pk").values_list("key", flat=True))
