"""How jobs are sent: by the one `enqueue` that the product uses."""

import time
from datetime import timedelta
from multiprocessing import get_context
from uuid import UUID

from django.db import connections, transaction

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.models.jobs import Job, JobStatus

TENANT = UUID(int=1)


def send_many(number: int) -> None:
    """Send jobs in one transaction."""
    with transaction.atomic():
        for _ in range(number):
            _send(0.0)


def send() -> None:
    """Send a job and commit."""
    _send(time.time())


def unfinished() -> int:
    """Return how many jobs are not completed."""
    return Job.objects.exclude(status=JobStatus.COMPLETED).count()


def enqueue_rate(clients: int, number: int, bell: int) -> float:
    """Return how many jobs a second so many clients enqueue, each job in a transaction of its own.

    Each client sends `number` jobs. Without the `bell` they are for later, for which nobody is woken.
    """
    connections.close_all()
    with get_context("fork").Pool(clients) as pool:
        pool.map(_warm_up, range(clients * 4), chunksize=1)
        start = time.perf_counter()
        pool.starmap(_enqueue, [(number, bell)] * clients, chunksize=1)
        return clients * number / (time.perf_counter() - start)


def _warm_up(turn: int) -> None:
    _enqueue(2, 0)
    time.sleep(0.01)


def _enqueue(number: int, bell: int) -> None:
    for _ in range(number):
        enqueue(
            "benchmark.noop",
            tenant_id=TENANT,
            sent=0.0,
            scheduled_for=None if bell else clock.now() + timedelta(days=1),
        )


def _send(sent: float) -> None:
    enqueue("benchmark.noop", tenant_id=TENANT, sent=sent)
