"""Procrastinate's application, its no-op jobs, and how they are sent."""

import os
import time
from functools import cache

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import JobDeferrer

from benchmarks.support import marks

URL = os.environ["DATABASE_URL"]
app = App(connector=PsycopgConnector(conninfo=URL))


@app.task(name="noop")
async def noop(sent: float) -> None:
    """Leave a mark."""
    marks.leave(sent)


def send_many(number: int) -> None:
    """Send jobs in one statement."""
    _deferrer().batch_defer(*[{"sent": 0.0}] * number)


def send() -> None:
    """Send a job and commit."""
    _deferrer().defer(sent=time.time())


def unfinished() -> int:
    """Return how many jobs have not succeeded."""
    row = _connection().execute("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'").fetchone()
    return int(row[0]) if row else 0


@cache
def _deferrer() -> JobDeferrer:
    sender = App(connector=SyncPsycopgConnector(conninfo=URL))
    sender.open()
    return sender.configure_task("noop")


@cache
def _connection() -> psycopg.Connection:
    return psycopg.connect(URL, autocommit=True)
