"""Remind reviewers, once, when the last quarter of the promised time has begun."""

from datetime import timedelta

from autopilot import clock
from autopilot.models.checkpoints import Checkpoint, Notice
from autopilot.notices import give

TOPIC = "autopilot.checkpoint.reminder"
BATCH = 200


def run() -> int:
    """Remind of every pending checkpoint that is soon due; returns how many reminders were left in the outbox."""
    unnoticed = Checkpoint.objects.pending().filter(due_at__isnull=False).exclude(notices__kind=Notice.Kind.REMINDER)
    soon = [checkpoint for checkpoint in unnoticed.order_by("due_at")[:BATCH] if _is_soon(checkpoint)]
    return sum(give(checkpoint, Notice.Kind.REMINDER, TOPIC) for checkpoint in soon)


def _is_soon(checkpoint: Checkpoint) -> bool:
    if checkpoint.due_at is None:
        return False
    quarter: timedelta = (checkpoint.due_at - checkpoint.created_at) / 4
    return clock.now() >= checkpoint.due_at - quarter
