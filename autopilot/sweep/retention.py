"""Delete what has been kept long enough: final jobs with all that hangs on them, sent messages, keys of requests."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from autopilot import clock
from autopilot.models.jobs import FINAL, Job
from autopilot.models.outbox import OutboxMessage
from autopilot.models.tokens import IdempotencyKey

BATCH = 100
SENT_KEPT = timedelta(days=90)
KEYS_KEPT = timedelta(hours=24)


def run() -> int:
    """Delete one batch of final jobs past their retention, of messages sent long ago and of old keys; returns how many.

    Kept: what an operator holds, and a job whose children are still there. Nor do a job's files, documents and audit
    entries go with it, nor a portal's messages: those are part of its submission.
    """
    return _purge_jobs() + _purge_messages() + _purge_keys()


def _purge_jobs() -> int:
    children = Job.objects.filter(parent=OuterRef("pk"))
    over = Job.objects.filter(~Exists(children), status__in=FINAL, purge_after__lte=clock.now(), held_at=None)
    with transaction.atomic():
        # Locked, because a person may requeue one of them at this moment.
        locked = over.select_for_update(skip_locked=True).order_by("purge_after")
        keys = list(locked.values_list("pk", flat=True)[:BATCH])
        Job.objects.filter(pk__in=keys).delete()
    return len(keys)


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
