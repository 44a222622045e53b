"""Delete what has been kept long enough: final jobs with all that hangs on them, and sent messages."""

from datetime import timedelta

from django.db import transaction

from autopilot import clock
from autopilot.models.jobs import FINAL, Job
from autopilot.models.outbox import OutboxMessage

BATCH = 100
SENT_KEPT = timedelta(days=90)


def run() -> int:
    """Delete one batch of final jobs past their retention, and of messages sent long ago; returns how many."""
    return _purge_jobs() + _purge_messages()


def _purge_jobs() -> int:
    over = Job.objects.filter(status__in=FINAL, purge_after__lte=clock.now(), held_at=None, children=None)
    with transaction.atomic():
        keys = list(over.order_by("purge_after").values_list("pk", flat=True)[:BATCH])
        Job.objects.filter(pk__in=keys).delete()
    return len(keys)


def _purge_messages() -> int:
    old = OutboxMessage.objects.filter(status=OutboxMessage.Status.SENT, sent_at__lte=clock.now() - SENT_KEPT)
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    OutboxMessage.objects.filter(pk__in=keys).delete()
    return len(keys)
