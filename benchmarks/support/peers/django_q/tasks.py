"""The no-op task, and how it is sent."""

import time

from django.db import transaction
from django_q.models import Failure, OrmQ
from django_q.tasks import async_task

from benchmarks.support import marks


def noop(sent: float) -> None:
    """Leave a mark."""
    marks.leave(sent)


def send_many(number: int) -> None:
    """Send tasks in one transaction."""
    with transaction.atomic():
        for _ in range(number):
            _send(0.0)


def send() -> None:
    """Send a task and commit."""
    _send(time.time())


def unfinished() -> int:
    """Return how many tasks have not succeeded: a message is deleted after its result was saved."""
    return OrmQ.objects.count() + Failure.objects.count()


def _send(sent: float) -> None:
    async_task(f"{__name__}.noop", sent)
