"""Delete what has been kept long enough: final jobs with all that hangs on them, sent messages, keys of requests."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from autopilot import audit, clock
from autopilot.models.jobs import FINAL, Job
from autopilot.models.outbox import OutboxMessage
from autopilot.models.tokens import IdempotencyKey

PERMISSION = "autopilot.delete_job"
BATCH = 100
SENT_KEPT = timedelta(days=90)
KEYS_KEPT = timedelta(hours=24)


def run() -> int:
    """Delete one batch of final jobs past their retention, of messages sent long ago and of old keys; returns how many.

    Kept: what an operator holds, and a job whose children are still there. Nor do a job's files, documents and audit
    entries go with it, nor a portal's messages: those are part of its submission.
    """
    return _purge_jobs() + _purge_messages() + _purge_keys()


def purge_ended(*, before: datetime, limit: int, by: User, reason: str) -> list[Job]:
    """Delete, for a person, up to `limit` jobs that ended before a time, oldest first; returns what they were.

    Kept is what `run` keeps. Each is recorded, so that it can be told afterwards what was deleted, by whom and why.
    Raises PermissionDenied for a person who may not delete jobs.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not delete jobs.")
    with transaction.atomic():
        jobs = _take(Job.objects.filter(finished_at__lt=before).order_by("finished_at"), limit)
        for job in jobs:
            facts: dict[str, Any] = {"kind": job.kind, "status": job.status, "finished_at": job.finished_at}
            audit.record(by, "autopilot.job.purged", job, reason=reason, **facts)
        _delete(jobs)
    return jobs


def _purge_jobs() -> int:
    with transaction.atomic():
        jobs = _take(Job.objects.filter(purge_after__lte=clock.now()).order_by("purge_after"), BATCH)
        _delete(jobs)
    return len(jobs)


def _take(over: QuerySet[Job], limit: int) -> list[Job]:
    """Return the ones that may go, locked, because a person may requeue one of them at this moment."""
    children = Job.objects.filter(parent=OuterRef("pk"))
    may_go = over.filter(~Exists(children), status__in=FINAL, held_at=None).select_for_update(skip_locked=True)
    return list(may_go.only("pk", "kind", "status", "finished_at")[:limit])


def _delete(jobs: list[Job]) -> None:
    Job.objects.filter(pk__in=[job.pk for job in jobs]).delete()


def _purge_messages() -> int:
    old = OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT, sent_at__lte=clock.now() - SENT_KEPT)
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    OutboxMessage.objects.filter(pk__in=keys).delete()
    return len(keys)


def _purge_keys() -> int:
    old = IdempotencyKey.objects.filter(created_at__lte=clock.now() - KEYS_KEPT)
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    IdempotencyKey.objects.filter(pk__in=keys).delete()
    return len(keys)
