"""Messages that should have left."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min, QuerySet

from autopilot import clock, outbox
from autopilot.doctor.findings import Finding
from autopilot.models import OutboxMessage

LATE = timedelta(minutes=5)
MOST = 50
REMEDY = "Run manage.py check_setup: is mail set up (EMAIL_…), and does a cluster run?"


def waiting_messages(everything: bool) -> Iterator[Finding]:
    """Messages left more than five minutes ago and still here; those that nobody took in hand are sent."""
    forgotten = _old().filter(next_attempt_at__lte=clock.now() - LATE)
    if count := forgotten.count():
        text = f"{_many(count)} due for more than five minutes, and nobody sends."
        yield Finding("outbox", "due messages", text, REMEDY, _send_due)
    refused = _old().filter(attempts__gt=0, next_attempt_at__gt=clock.now() - LATE)
    for row in refused.order_by("error").values("error").annotate(count=Count("pk"), oldest=Min("created_at")):
        text = f"{_many(row['count'])} tried again and again, the oldest since {row['oldest']:%Y-%m-%d %H:%M} UTC."
        yield Finding("outbox", row["error"] or "undelivered messages", text, REMEDY)


def _old() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING, created_at__lte=clock.now() - LATE)


def _send_due() -> bool:
    return outbox.deliver_due(MOST) > 0 and not _old().filter(next_attempt_at__lte=clock.now()).exists()


def _many(count: int) -> str:
    return f"{count} message{' is' if count == 1 else 's are'}"
