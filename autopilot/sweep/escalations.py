"""Escalate, once, what was not decided when it was promised."""

from autopilot import clock
from autopilot.models.checkpoints import Checkpoint, Notice
from autopilot.notices import give

TOPIC = "autopilot.checkpoint.escalated"
BATCH = 200


def run() -> int:
    """Escalate every pending checkpoint that is overdue; returns how many escalations were left in the outbox."""
    overdue = Checkpoint.objects.pending().filter(due_at__lte=clock.now())
    unnoticed = overdue.exclude(notices__kind=Notice.Kind.ESCALATION).order_by("due_at")
    return sum(give(checkpoint, Notice.Kind.ESCALATION, TOPIC) for checkpoint in unnoticed[:BATCH])
