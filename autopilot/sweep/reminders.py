"""Remind reviewers, once, when the last quarter of the promised time has begun."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from autopilot import clock
from autopilot.models.checkpoints import Checkpoint, Notice
from autopilot.notices import give

TOPIC = "autopilot.checkpoint.reminder"
BATCH = 200


def run() -> int:
    """Remind of every pending checkpoint that is soon due; returns how many reminders were left in the outbox.

    What is overdue already is escalated instead.
    """
    return sum(give(checkpoint, Notice.Kind.REMINDER, TOPIC) for checkpoint in islice(_soon_due(), BATCH))


def _soon_due() -> Iterator[Checkpoint]:
    # Which ones are soon due depends on how long each promise is, so no order of theirs puts them first.
    promised = Checkpoint.objects.pending().filter(due_at__gt=clock.now())
    unnoticed = promised.exclude(notices__kind=Notice.Kind.REMINDER).order_by("due_at")
    return (checkpoint for checkpoint in unnoticed.defer("payload", "form_schema") if _is_soon(checkpoint))


def _is_soon(checkpoint: Checkpoint) -> bool:
    if checkpoint.due_at is None:
        return False
    quarter: timedelta = (checkpoint.due_at - checkpoint.created_at) / 4
    return clock.now() >= checkpoint.due_at - quarter
