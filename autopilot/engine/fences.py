"""The fence: the first statement of every write of a run, which proves that the run still owns its job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from autopilot.clock import DatabaseNow
from autopilot.engine.signals import CancelSeen, GivenBack, LeaseLost
from autopilot.models.jobs import Job, JobStatus
from autopilot.models.workers import Worker


@contextmanager
def fenced(job: Job, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Open a transaction in which this run owns its job: locked, its lease renewed.

    Raises LeaseLost when another run owns it, CancelSeen when it was cancelled, GivenBack when this process or the
    worker is to stop. Nothing is written then.
    """
    with transaction.atomic():
        if not renew(job):
            raise LeaseLost
        cancelled, stopped = Job.objects.filter(pk=job.pk).values_list("cancel_requested_at", _worker_stopped()).get()
        if cancelled:
            raise CancelSeen
        if stopped or should_stop():
            raise GivenBack
        yield


def renew(job: Job) -> bool:
    """Renew the lease of a running job; returns whether this run still owns it."""
    owned = Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, epoch=job.epoch, lease_until__gt=DatabaseNow())
    return bool(owned.update(lease_until=DatabaseNow(settings.AUTOPILOT_LEASE)))


def _worker_stopped() -> Exists:
    return Exists(Worker.objects.filter(pk=OuterRef("worker"), pause=Worker.Pause.STOP))
