"""The no-op task, and how it is sent."""

import time

from django.db import transaction
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from benchmarks.support import marks


@task()
def noop(sent: float) -> None:
    """Leave a mark."""
    marks.leave(sent)


def send_many(number: int) -> None:
    """Send tasks in one transaction."""
    with transaction.atomic():
        for _ in range(number):
            noop.enqueue(0.0)


def send() -> None:
    """Send a task and commit."""
    noop.enqueue(time.time())


def unfinished() -> int:
    """Return how many tasks have not succeeded."""
    return DBTaskResult.objects.exclude(status=TaskResultStatus.SUCCESSFUL).count()
