"""The one function that takes a decision, and the one that amends what is decided on; every door calls these."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q

from autopilot import clock
from autopilot.engine import forms, registry, waits
from autopilot.engine.faults import reach
from autopilot.engine.transitions import note
from autopilot.exceptions import (
    AlreadyDecided,
    CheckpointExpired,
    DecisionRefused,
    FormInvalid,
    FourEyes,
    NotAllowed,
    StaleVersion,
)
from autopilot.models.checkpoints import Checkpoint, CheckpointRevision, Decision
from autopilot.models.jobs import Job, WaitReason
from autopilot.storable import digest, to_storable

Verdict = Decision.Verdict
FINAL_STATUS = {
    Verdict.APPROVE: Checkpoint.Status.APPROVED,
    Verdict.REJECT: Checkpoint.Status.REJECTED,
    Verdict.HAPPENED: Checkpoint.Status.HAPPENED,
    Verdict.NOT_HAPPENED: Checkpoint.Status.NOT_HAPPENED,
}
VERDICTS = {
    Checkpoint.Kind.APPROVAL_REQUIRED: (Verdict.APPROVE, Verdict.REJECT),
    Checkpoint.Kind.RECONCILE: (Verdict.HAPPENED, Verdict.NOT_HAPPENED),
}


@dataclass(frozen=True)
class Origin:
    """Where a decision came from, for the audit."""

    channel: str = "admin"
    ip: str | None = None
    user_agent: str = ""
    mfa_level: str = ""
    bulk_id: UUID | None = None


def decide(
    checkpoint_id: UUID,
    *,
    actor: User,
    verdict: str,
    version: int,
    comment: str = "",
    data: dict[str, Any] | None = None,
    origin: Origin = Origin(),
) -> Decision:
    """Take one person's verdict on one version of a checkpoint, and wake its job when the quorum is reached.

    `verdict` is approve or reject, or for a reconciliation happened or not_happened; `version` is the payload version
    that the person saw; `data` holds what a reconciliation found out, as a receipt's number.
    Raises a DecisionRefused that says why: not signed in or not a reviewer, requester or last editor, already decided,
    stale version, expired, form invalid, checked in this order. Nothing is changed then.
    """
    with transaction.atomic():
        checkpoint = lock(checkpoint_id)
        require_entitled(checkpoint, actor, version)
        _require_form(checkpoint, verdict, comment, data or {})
        decision = _record(checkpoint, actor, verdict, comment, data or {}, origin)
        status = _final_status(checkpoint, decision)
        if status is not None:
            _close(checkpoint, status, decision)
    reach("decide.after_commit")
    return decision


def amend(
    checkpoint_id: UUID, *, actor: User, version: int, edits: dict[str, Any], comment: str = ""
) -> CheckpointRevision:
    """Edit what is decided on: a new version, for which earlier votes are void and the editor may not vote.

    `edits` holds the editable fields by name. What follows from them, as a rendered packet, is made first, outside the
    transaction. Raises as `decide` does, and FormInvalid with a message per field. Nothing is changed then.
    """
    before = Checkpoint.objects.get(pk=checkpoint_id)
    require_entitled(before, actor, version, editing=True)
    form = registry.find_form(before.form) if before.form else None
    if form is None:
        raise FormInvalid("This checkpoint cannot be amended; approve or reject it.")
    payload = to_storable(form.complete(forms.merged(form.schema, before.payload, to_storable(edits))))
    changes = forms.difference(before.payload, payload)
    if not changes:
        raise FormInvalid("Nothing was changed, so there is no new version.")
    with transaction.atomic():
        checkpoint = lock(checkpoint_id)
        require_entitled(checkpoint, actor, version, editing=True)
        return _revise(checkpoint, actor, payload, changes, comment)


def may_review(checkpoint: Checkpoint, actor: User) -> bool:
    """Return whether a person may decide checkpoints like this one at all, whoever asked for it."""
    if not (actor.is_authenticated and actor.is_active and actor.has_perm("autopilot.decide_checkpoint")):
        return False
    groups = checkpoint.reviewers.all()
    return actor.is_superuser or not groups.exists() or actor.groups.filter(pk__in=groups).exists()


def lock(checkpoint_id: UUID) -> Checkpoint:
    """Lock a checkpoint's job and then the checkpoint, the order in which everybody locks; returns it as it stands."""
    job_id = Checkpoint.objects.values_list("job_id", flat=True).get(pk=checkpoint_id)
    Job.objects.select_for_update().get(pk=job_id)
    return Checkpoint.objects.select_for_update().get(pk=checkpoint_id)


def require_entitled(checkpoint: Checkpoint, actor: User, version: int, *, editing: bool = False) -> None:
    """Raise the first reason, in the fixed order, why a person cannot decide this version of a checkpoint now.

    An editor may edit again; only requesting it bars from deciding, and editing last as well.
    """
    if not may_review(checkpoint, actor):
        raise NotAllowed
    if not editing and actor.pk in (checkpoint.requester_id, checkpoint.last_editor_id):
        raise FourEyes
    if not checkpoint.is_pending:
        raise AlreadyDecided(_winner(checkpoint))
    if checkpoint.payload_version != version:
        raise StaleVersion
    if checkpoint.expires_at is not None and checkpoint.expires_at <= clock.now():
        raise CheckpointExpired


def _require_form(checkpoint: Checkpoint, verdict: str, comment: str, data: dict[str, Any]) -> None:
    allowed = VERDICTS.get(Checkpoint.Kind(checkpoint.kind), ())
    if verdict not in allowed:
        raise FormInvalid(f"Say {' or '.join(allowed)}.", errors={"verdict": "Choose one of the verdicts."})
    if verdict == Verdict.REJECT and not comment.strip():
        raise FormInvalid(errors={"comment": "Say why it is rejected; the applicant is told."})
    if verdict == Verdict.HAPPENED and not _is_migration(checkpoint) and not str(data.get("number", "")).strip():
        raise FormInvalid(errors={"number": "Write the receipt's number as the other side shows it."})


def _is_migration(checkpoint: Checkpoint) -> bool:
    return "older_steps" in checkpoint.payload


def _record(
    checkpoint: Checkpoint, actor: User, verdict: str, comment: str, data: dict[str, Any], origin: Origin
) -> Decision:
    try:
        with transaction.atomic():
            return Decision.objects.create(
                checkpoint=checkpoint,
                payload_version=checkpoint.payload_version,
                payload_digest=checkpoint.payload_digest,
                actor=actor,
                actor_label=actor.get_username(),
                requester_id=checkpoint.requester_id,
                last_editor_id=checkpoint.last_editor_id,
                verdict=verdict,
                comment=to_storable(comment).strip(),
                data=to_storable(data),
                ip=origin.ip,
                user_agent=to_storable(origin.user_agent)[:300],
                mfa_level=origin.mfa_level,
                channel=origin.channel,
                bulk_id=origin.bulk_id,
            )
    except IntegrityError as error:
        if _voted(checkpoint, actor):
            raise AlreadyDecided("You have already decided on this version.") from error
        raise DecisionRefused from error


def _voted(checkpoint: Checkpoint, actor: User) -> bool:
    return checkpoint.decisions.filter(actor=actor, payload_version=checkpoint.payload_version).exists()


def _final_status(checkpoint: Checkpoint, decision: Decision) -> str | None:
    if decision.verdict == Verdict.APPROVE:
        votes = Q(payload_version=checkpoint.payload_version, verdict=Verdict.APPROVE)
        if checkpoint.decisions.filter(votes).count() < checkpoint.quorum:
            return None
    return FINAL_STATUS[Verdict(decision.verdict)]


def _close(checkpoint: Checkpoint, status: str, decision: Decision) -> None:
    outcome = {
        "verdict": decision.verdict,
        "by": decision.actor_id,
        "by_label": decision.actor_label,
        "comment": decision.comment,
        "data": decision.data,
        "version": decision.payload_version,
        "digest": decision.payload_digest,
    }
    pending = Checkpoint.objects.pending().filter(pk=checkpoint.pk, payload_version=decision.payload_version)
    if not pending.update(status=status, outcome=outcome, decided_at=decision.at):
        raise AlreadyDecided
    reach("decide.before_wake")
    waits.wake(checkpoint.job_id, "decision", wait_reason=WaitReason.CHECKPOINT)


def _revise(
    checkpoint: Checkpoint, actor: User, payload: dict[str, Any], changes: list[dict[str, Any]], comment: str
) -> CheckpointRevision:
    revision = CheckpointRevision.objects.create(
        checkpoint=checkpoint,
        version=checkpoint.payload_version + 1,
        payload=payload,
        digest=digest(payload),
        diff=changes,
        editor=actor,
        editor_label=actor.get_username(),
        comment=to_storable(comment).strip(),
    )
    Checkpoint.objects.pending().filter(pk=checkpoint.pk).update(
        payload=payload,
        payload_version=revision.version,
        payload_digest=revision.digest,
        last_editor=actor,
        last_editor_label=actor.get_username(),
    )
    detail = {"checkpoint": checkpoint.pk, "version": revision.version}
    note(checkpoint.job_id, "amended", actor=actor.get_username(), detail=detail)
    return revision


def _winner(checkpoint: Checkpoint) -> str:
    outcome = checkpoint.outcome or {}
    by = f" by {outcome['by_label']}" if outcome.get("by_label") else ""
    return f"This checkpoint is already {checkpoint.get_status_display().lower()}{by}."
