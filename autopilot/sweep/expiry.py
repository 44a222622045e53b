"""End checkpoints that nobody decided in time, and let their jobs do what the handler said."""

from uuid import UUID

from django.db import transaction

from autopilot import clock
from autopilot.engine import controls, decisions, waits
from autopilot.engine.transitions import CANCELLED, FAILED, WAITING, move
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job, WaitReason

BATCH = 200


def run() -> int:
    """Expire every pending checkpoint whose end has passed; returns how many."""
    over = Checkpoint.objects.pending().filter(expires_at__lte=clock.now()).order_by("expires_at")
    return sum(expire(pk) for pk in over.values_list("pk", flat=True)[:BATCH])


def expire(checkpoint_id: UUID) -> bool:
    """Expire one checkpoint if it is still pending and over; the job is locked first, as a decision locks it."""
    with transaction.atomic():
        checkpoint = decisions.lock(checkpoint_id)
        now = clock.now()
        over = Checkpoint.objects.pending().filter(pk=checkpoint_id, expires_at__lte=now)
        if not over.update(status=Checkpoint.Status.EXPIRED, decided_at=now, outcome={"verdict": "expired"}):
            return False
        _move_job(checkpoint)
    return True


def _move_job(checkpoint: Checkpoint) -> None:
    guard = {"wait_reason": WaitReason.CHECKPOINT}
    if checkpoint.on_expiry == Checkpoint.OnExpiry.RESUME:
        waits.wake(checkpoint.job_id, "expiry", wait_reason=WaitReason.CHECKPOINT)
    elif checkpoint.on_expiry == Checkpoint.OnExpiry.CANCEL:
        if move(checkpoint.job_id, WAITING, CANCELLED, "expired", guard=guard, reason="expired"):
            _cancel_children(checkpoint.job)
    else:
        error = "Nobody decided in time."
        move(checkpoint.job_id, WAITING, FAILED, "expired", guard=guard, reason="expired", error=error)


def _cancel_children(job: Job) -> None:
    for child in job.children.live().values_list("pk", flat=True):
        controls.cancel(child, actor=None, reason="expired")
