"""Who has a checkpoint in hand. It is a courtesy, not a lock: whoever may decide still may."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine.decisions import lock, require_entitled
from autopilot.engine.messages import emit
from autopilot.exceptions import AssignmentRefused, DecisionRefused, NotAllowed
from autopilot.models.checkpoints import Checkpoint

ASSIGN = "autopilot.assign_checkpoint"
ASSIGNED = "autopilot.checkpoint.assigned"
LONGEST_REASON = 200


@transaction.atomic
def claim(checkpoint_id: UUID, *, actor: User) -> None:
    """Take a checkpoint in hand; of several who claim it at once one gets it. Who has it already keeps it.

    Raises a DecisionRefused for who could not decide it, and AssignmentRefused when somebody else has it.
    """
    checkpoint = lock(checkpoint_id)
    require_entitled(checkpoint, actor, checkpoint.payload_version)
    if checkpoint.assignee_id == actor.pk:
        return
    if not _give(checkpoint, to=actor, held_by=None):
        raise AssignmentRefused(f"{_holder(checkpoint)} has it already.")
    audit.record(actor, "autopilot.checkpoint.claimed", checkpoint)


@transaction.atomic
def release(checkpoint_id: UUID, *, actor: User, reason: str = "") -> None:
    """Put a checkpoint back for everybody; one that somebody else has needs the permission to assign, and a reason.

    Raises AssignmentRefused when nobody has it or it is decided, NotAllowed without the permission.
    """
    checkpoint = lock(checkpoint_id)
    if checkpoint.assignee_id is None or not checkpoint.is_pending:
        raise AssignmentRefused("Nobody has it in hand.")
    if checkpoint.assignee_id != actor.pk:
        _require_assigner(actor)
        reason = _required(reason)
    held_by = checkpoint.assignee_id
    _give(checkpoint, to=None, held_by=held_by)
    audit.record(actor, "autopilot.checkpoint.released", checkpoint, held_by=held_by, reason=reason.strip())


@transaction.atomic
def assign(checkpoint_id: UUID, *, actor: User, to: User, reason: str, held_by: int | None = None) -> None:
    """Give a checkpoint to somebody who may decide it, and tell that person by mail.

    `held_by` is the key of who had it when the actor looked. Raises NotAllowed without the permission to assign, and
    AssignmentRefused without a reason, for a person who could not decide it, and when it has changed hands meanwhile.
    """
    _require_assigner(actor)
    reason = _required(reason)
    checkpoint = lock(checkpoint_id)
    _require_able(checkpoint, to)
    if checkpoint.assignee_id == to.pk:
        raise AssignmentRefused(f"{to.get_username()} has it already.")
    if not _give(checkpoint, to=to, held_by=held_by):
        raise AssignmentRefused(f"It has changed hands meanwhile: {_holder(checkpoint)} has it now. Look again.")
    audit.record(actor, "autopilot.checkpoint.assigned", checkpoint, to=to.pk, held_by=held_by, reason=reason)
    if to.pk != actor.pk:
        references = {"checkpoint_id": checkpoint.pk, "assignee_id": to.pk}
        emit(ASSIGNED, tenant_id=checkpoint.tenant_id, job_id=checkpoint.job_id, **references)


def _give(checkpoint: Checkpoint, *, to: User | None, held_by: int | None) -> bool:
    mine = Checkpoint.objects.pending().filter(pk=checkpoint.pk, assignee=held_by)
    return bool(mine.update(assignee=to, assigned_at=clock.now() if to else None))


def _require_assigner(actor: User) -> None:
    if not (actor.is_active and actor.has_perm(ASSIGN)):
        raise NotAllowed("You may not assign checkpoints to other people.")


def _require_able(checkpoint: Checkpoint, to: User) -> None:
    try:
        require_entitled(checkpoint, to, checkpoint.payload_version)
    except DecisionRefused as refusal:
        if not checkpoint.is_pending:
            raise
        raise AssignmentRefused(f"{to.get_username()} could not decide this. Choose somebody else.") from refusal


def _required(reason: str) -> str:
    if not reason.strip():
        raise AssignmentRefused("Say why; those who come after you read it.")
    if len(reason) > LONGEST_REASON:
        raise AssignmentRefused(f"Say it in at most {LONGEST_REASON} characters.")
    return reason.strip()


def _holder(checkpoint: Checkpoint) -> str:
    return checkpoint.assignee.get_username() if checkpoint.assignee else "Nobody"
