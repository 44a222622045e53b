"""A checkpoint to review, asked for by whom a test says."""

from datetime import timedelta

from django.contrib.auth.models import User

from autopilot import clock
from autopilot.engine import review_form
from autopilot.models import Checkpoint, Delegation
from tests.autopilot.engine.runs import run

SCHEMA = {"type": "object", "properties": {"amount": {"type": "integer", "minimum": 1}}, "required": ["amount"]}
DAY = timedelta(days=1)


def asked(by: User | None = None, **options) -> Checkpoint:
    """Return the pending checkpoint of a new job."""
    review_form("test.amount", schema=SCHEMA)
    wanted = {"title": "Fine?", "payload": {"amount": 1}, "form": "test.amount", "reviewers": "Reviewer"} | options
    job, _ = run(lambda job: job.approval("review", **wanted).payload, requested_by=by)
    return job.checkpoints.get()


def stored(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint as it stands."""
    return Checkpoint.objects.get(pk=checkpoint.pk)


def lent(by: User, to: User, *, begins: timedelta = -DAY, lasts: timedelta = 2 * DAY) -> Delegation:
    """Store a delegation that began yesterday and ends tomorrow, unless told otherwise."""
    starts = clock.now() + begins
    return Delegation.objects.create(
        delegator=by, delegate=to, starts_at=starts, ends_at=starts + lasts, reason="On leave."
    )
