"""The one function that takes a decision, and the one that amends what is decided on; every door calls these."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, prefetch_related_objects

from autopilot import clock
from autopilot.engine import forms, records, registry, waits
from autopilot.engine.denials import counted_denials
from autopilot.engine.faults import reach
from autopilot.engine.reviewers import Reviewer, vote_of
from autopilot.engine.transitions import note
from autopilot.exceptions import (
    AlreadyDecided,
    ChangesAsked,
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
    stale version, expired, changes asked for, form invalid, checked in this order. Nothing is changed then.
    """
    reviewer = Reviewer(actor)
    with counted_denials(), transaction.atomic():
        checkpoint = lock(checkpoint_id)
        require_entitled(checkpoint, reviewer, version, verdict=verdict)
        _require_form(checkpoint, verdict, comment, data or {})
        decision = _record(checkpoint, reviewer, verdict, comment, data or {}, origin)
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


def lock(checkpoint_id: UUID) -> Checkpoint:
    """Lock a checkpoint's job and then the checkpoint, the order in which everybody locks; returns it as it stands."""
    key = records.key_of(Checkpoint, checkpoint_id)
    jobs = records.find(Job, "id = (SELECT job_id FROM autopilot_checkpoint WHERE id = %s)", [key], lock=True)
    found = records.find(Checkpoint, "id = %s", [key], lock=True)
    if not found:
        raise Checkpoint.DoesNotExist
    found[0].job = jobs[0]
    prefetch_related_objects(found, "reviewers")
    return found[0]


def require_entitled(
    checkpoint: Checkpoint, actor: User | Reviewer, version: int, *, editing: bool = False, verdict: str = ""
) -> None:
    """Raise the first reason, in the fixed order, why a person cannot decide this version of a checkpoint now.

    An editor may edit again; only requesting it bars from deciding, and editing last as well. With a `verdict` what
    bars from that one counts too.
    """
    reviewer = actor if isinstance(actor, Reviewer) else Reviewer(actor)
    if not reviewer.reviews(checkpoint):
        raise NotAllowed
    if not editing and reviewer.person.pk in (checkpoint.requester_id, checkpoint.last_editor_id):
        raise FourEyes
    if not checkpoint.is_pending:
        raise AlreadyDecided(_winner(checkpoint))
    if not editing and checkpoint.quorum > 1:
        _require_first_vote(checkpoint, reviewer)
    if checkpoint.payload_version != version:
        raise StaleVersion
    if checkpoint.expires_at is not None and checkpoint.expires_at <= clock.now():
        raise CheckpointExpired
    if verdict == Verdict.APPROVE and _wants_changes(checkpoint, besides=reviewer.person.pk):
        raise ChangesAsked


def _require_first_vote(checkpoint: Checkpoint, reviewer: Reviewer) -> None:
    voter = vote_of(checkpoint, reviewer.person)
    if voter == reviewer.person.pk:
        raise AlreadyDecided("You have already decided on this version.")
    if voter is not None:
        raise AlreadyDecided("Somebody has already decided on this version in your place.")


def _wants_changes(checkpoint: Checkpoint, *, besides: int | None) -> bool:
    """Return whether somebody else has sent back the version as it stands."""
    asked = checkpoint.changes_asked_version == checkpoint.payload_version
    return asked and (checkpoint.changes_asked_by_id is None or checkpoint.changes_asked_by_id != besides)


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
    checkpoint: Checkpoint, reviewer: Reviewer, verdict: str, comment: str, data: dict[str, Any], origin: Origin
) -> Decision:
    actor = reviewer.person
    try:
        with transaction.atomic():
            vote = Decision(
                checkpoint=checkpoint,
                payload_version=checkpoint.payload_version,
                payload_digest=checkpoint.payload_digest,
                actor_id=actor.pk,
                actor_label=actor.get_username(),
                requester_id=checkpoint.requester_id,
                last_editor_id=checkpoint.last_editor_id,
                on_behalf_of_id=None if reviewer.is_own(checkpoint) else reviewer.stands_in_for(checkpoint),
                verdict=verdict,
                comment=to_storable(comment).strip(),
                data=to_storable(data),
                ip=origin.ip,
                user_agent=to_storable(origin.user_agent)[:300],
                mfa_level=origin.mfa_level,
                channel=origin.channel,
                bulk_id=origin.bulk_id,
            )
            return records.insert(vote)
    except IntegrityError as error:
        if vote_of(checkpoint, actor) is not None:
            raise AlreadyDecided("You have already decided on this version.") from error
        raise DecisionRefused from error


def _final_status(checkpoint: Checkpoint, decision: Decision) -> str | None:
    if decision.verdict == Verdict.APPROVE and checkpoint.quorum > 1:
        votes = Q(payload_version=checkpoint.payload_version, verdict=Verdict.APPROVE)
        if checkpoint.decisions.filter(votes).count() < checkpoint.quorum:
            _take_back_changes(checkpoint)
            return None
    return FINAL_STATUS[Verdict(decision.verdict)]


def _take_back_changes(checkpoint: Checkpoint) -> None:
    """Who asked for changes and approves all the same, asks no longer: the others may approve too."""
    asked = Checkpoint.objects.pending().filter(pk=checkpoint.pk, changes_asked_version=checkpoint.payload_version)
    asked.update(changes_asked_version=None, changes_asked_by=None)


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
    waits.wake(checkpoint.job_id, "decision", seen=checkpoint.job, wait_reason=WaitReason.CHECKPOINT)


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
    # Who edits cannot decide, so what the editor has in hand is free for another.
    freed = {"assignee": None, "assigned_at": None} if checkpoint.assignee_id == actor.pk else {}
    Checkpoint.objects.pending().filter(pk=checkpoint.pk).update(
        payload=payload,
        payload_version=revision.version,
        payload_digest=revision.digest,
        last_editor=actor,
        last_editor_label=actor.get_username(),
        **freed,
    )
    detail = {"checkpoint": checkpoint.pk, "version": revision.version}
    note(checkpoint.job_id, "amended", actor=actor.get_username(), detail=detail)
    return revision


def _winner(checkpoint: Checkpoint) -> str:
    outcome = checkpoint.outcome or {}
    by = f" by {outcome['by_label']}" if outcome.get("by_label") else ""
    return f"This checkpoint is already {checkpoint.get_status_display().lower()}{by}."
