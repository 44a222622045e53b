"""What people say at a checkpoint without deciding it: remarks, and the wish for changes."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot.engine.decisions import lock, require_entitled
from autopilot.engine.messages import emit
from autopilot.engine.reviewers import DECIDE
from autopilot.exceptions import FormInvalid, NotAllowed
from autopilot.models.checkpoints import Checkpoint, CheckpointComment
from autopilot.storable import to_storable

VIEW = "autopilot.view_checkpoint"
CHANGES_ASKED = "autopilot.checkpoint.changes_asked"
LONGEST_TEXT = 4000
Kind = CheckpointComment.Kind


@transaction.atomic
def comment(checkpoint_id: UUID, *, actor: User, text: str) -> CheckpointComment:
    """Say something about a checkpoint, decided or not: for everybody who may view checkpoints and decide some.

    Raises NotAllowed for anybody else, and FormInvalid for a text that is empty or longer than 4000 characters.
    """
    if not (actor.is_active and actor.has_perms([VIEW, DECIDE])):
        raise NotAllowed("You may not comment on checkpoints.")
    return _say(lock(checkpoint_id), actor, _required(text), Kind.REMARK)


@transaction.atomic
def ask_for_changes(checkpoint_id: UUID, *, actor: User, version: int, text: str) -> CheckpointComment:
    """Send a version back: until somebody amends it, nobody but who asked can approve it. Rejecting stays possible.

    Who asked for the job, who has the checkpoint and who edited it last are told, if there is such a person.
    Raises as `decide` does, and FormInvalid for a text that is missing or where nothing could be amended.
    """
    checkpoint = lock(checkpoint_id)
    require_entitled(checkpoint, actor, version)
    if checkpoint.kind != Checkpoint.Kind.APPROVAL_REQUIRED or not checkpoint.form:
        raise FormInvalid("Nothing about this can be amended; approve or reject it.")
    said = _say(checkpoint, actor, _required(text), Kind.CHANGES)
    this = Checkpoint.objects.pending().filter(pk=checkpoint.pk, payload_version=version)
    this.update(changes_asked_version=version, changes_asked_by=actor)
    if concerned(checkpoint) - {actor.pk}:
        emit(CHANGES_ASKED, tenant_id=checkpoint.tenant_id, job_id=checkpoint.job_id, comment_id=said.pk)
    return said


def concerned(checkpoint: Checkpoint) -> set[int]:
    """Return the keys of who wants to know of changes: who asked for the job, edited it last, or has it in hand."""
    people = (checkpoint.requester_id, checkpoint.last_editor_id, checkpoint.assignee_id)
    return {key for key in people if key is not None}


def _say(checkpoint: Checkpoint, actor: User, text: str, kind: str) -> CheckpointComment:
    return CheckpointComment.objects.create(
        checkpoint=checkpoint,
        kind=kind,
        payload_version=checkpoint.payload_version,
        author=actor,
        author_label=actor.get_username(),
        text=text,
    )


def _required(text: str) -> str:
    said = str(to_storable(text)).strip()
    if not said:
        raise FormInvalid(errors={"text": "Write what you want to say."})
    if len(said) > LONGEST_TEXT:
        raise FormInvalid(errors={"text": f"Say it in at most {LONGEST_TEXT} characters."})
    return said
