"""Celery's application, its no-op task, and how it is sent."""

import os
import time

from celery import Celery
from redis import Redis

from benchmarks.support import marks

BROKER = os.environ["DATABASE_URL"]
RESULTS = f"{BROKER.rpartition('/')[0]}/1"

app = Celery("benchmark", broker=BROKER, backend=RESULTS)
app.conf.update(
    # As durable as the others: a task is taken off the queue when it is done, and its result is kept.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=False,
    worker_prefetch_multiplier=16,
    broker_connection_retry_on_startup=True,
)
_sent = 0


@app.task(name="noop")
def noop(sent: float) -> None:
    """Leave a mark."""
    marks.leave(sent)


def send_many(number: int) -> None:
    """Send tasks."""
    for _ in range(number):
        _send(0.0)


def send() -> None:
    """Send a task."""
    _send(time.time())


def unfinished() -> int:
    """Return how many of the tasks that this process sent have left no result."""
    return _sent - int(Redis.from_url(RESULTS).dbsize())


def _send(sent: float) -> None:
    global _sent
    noop.delay(sent)
    _sent += 1
