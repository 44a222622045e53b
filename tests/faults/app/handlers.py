"""Handlers that do a little of everything, and handlers that misbehave."""

import gc
import os
import signal
import time
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django_q.queues import Queue

from autopilot.engine import JobContext, handler, message, review_form
from autopilot.models.portals import Portal
from autopilot.submissions import lines
from autopilot.submissions.envelopes import File
from autopilot.submissions.wire import deliver
from tests.faults.app.models import Effect

OFTEN = 1000
AMOUNT = "faults.amount"

review_form(AMOUNT, schema={"type": "object", "properties": {"amount": {"type": "integer"}}})


@handler("faults.journey", max_attempts=OFTEN, max_crashes=OFTEN, timeout=timedelta(minutes=1))
def journey(job: JobContext, careful: str, careless: str, ask: bool) -> dict[str, Any]:
    """Go through all four effects and through the waits: what a whole piece of work does.

    `careful` and `careless` are the addresses of a portal that honors keys and of one that does not.
    """
    job.tx("begin", lambda: _leave(job, "begin"))
    submitted = job.call("submit", lambda key: _deliver(job, careful, key))
    if ask:
        job.approval("review", title="Go on?", payload={"receipt": submitted["number"]}, reviewers="Reviewer")
    else:
        job.sleep("rest", timedelta(seconds=1))
    filed = job.once("file", lambda: _deliver(job, careless, ""))
    job.tx("end", lambda: _leave(job, "end"))
    return {"submitted": submitted["number"], "filed": filed["number"]}


@handler("faults.review")
def review(job: JobContext) -> dict[str, Any]:
    """Go through four steps around a person's approval of an amount that may be amended."""
    job.tx("begin", lambda: _leave(job, "begin"))
    called = job.call("call", lambda key: {"key": key})
    approved = job.approval("review", title="Go on?", payload={"amount": 0}, form=AMOUNT, reviewers="Reviewer")
    job.tx("approved", lambda: _leave(job, f"approved {approved.payload['amount']}"))
    job.tx("end", lambda: _leave(job, "end"))
    return {"amount": approved.payload["amount"], "key": called["key"]}


@handler("faults.ping")
def ping(job: JobContext) -> None:
    """Leave a trace of having been here."""
    job.tx("ping", lambda: _leave(job, "ping"))


@handler("faults.letter")
def letter(job: JobContext) -> None:
    """Leave a trace, and send a letter that tells of it."""
    job.tx("letter", lambda: _leave(job, "letter"))
    job.emit("faults.letter", sender_id=job.id)


@message("faults.letter")
def write_letter(sender_id: str) -> EmailMessage:
    """Write a letter that names the job which sent it."""
    return EmailMessage(f"A letter of {sender_id}", "It was there.", to=["somebody@example.org"])


@handler("faults.dawdle", timeout=timedelta(minutes=5))
def dawdle(job: JobContext, seconds: int, steps: int = 1) -> None:
    """Take this long for each of this many steps."""
    for _ in range(steps):
        job.call("dawdle", lambda key: time.sleep(seconds))
    job.tx("end", lambda: _leave(job, "end"))


@handler("faults.hang", timeout=timedelta(seconds=3))
def hang(job: JobContext) -> dict[str, int]:
    """Hang at the first attempt, and be quick at the second."""
    if job.attempt == 1:
        job.call("hang", lambda key: time.sleep(600))
    return {"attempt": job.attempt}


@handler("faults.poison")
def poison(job: JobContext) -> None:
    """Take the process down with it, every time."""
    job.call("die", lambda key: os.kill(os.getpid(), signal.SIGKILL))


@handler("faults.freeze")
def freeze(job: JobContext) -> None:
    """Freeze in the middle of a transaction, with its locks, at the first attempt."""
    job.tx("freeze", lambda: _freeze() if job.attempt == 1 else None)


@handler("faults.wedge", max_crashes=1)
def wedge(job: JobContext) -> None:
    """Die as an idle worker of django-q2 may: holding the lock under which all of them read their queue."""
    job.call("die", lambda key: _die_with_lock())


def _leave(job: JobContext, name: str) -> None:
    Effect.objects.create(job_id=job.id, name=name)


def _deliver(job: JobContext, address: str, key: str) -> dict[str, Any]:
    """Hand a packet in; a portal that the office knows is called over its lines, and left alone when it fails."""
    known = Portal.objects.filter(base_url=address).first()
    portal = known or Portal(slug="sandbox", base_url=address, honors_idempotency=bool(key))
    with lines.talking(known, job.id) if known else nullcontext():
        return deliver(portal, str(job.id), [File("packet.txt", "text/plain", b"packet")], key=key)


def _freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _die_with_lock() -> None:
    tasks = next(found for found in gc.get_objects() if isinstance(found, Queue) and found._maxsize == 1)
    tasks._rlock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)
