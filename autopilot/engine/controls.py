"""What an operator does to a job: cancel, hold, release, requeue. Each is checked, recorded and safe to repeat.

Each raises PermissionDenied for a person without the permission to control jobs, and ControlRefused for a person who
gives no reason.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from autopilot import audit, clock
from autopilot.engine import wakeup
from autopilot.engine.transitions import BLOCKED, CANCELLED, FAILED, PENDING, RUNNING, WAITING, move, note
from autopilot.exceptions import ControlRefused
from autopilot.identifiers import uuid7
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Job, Step
from autopilot.storable import to_storable

PERMISSION = "autopilot.control_job"
LONGEST_REASON = 200


class Requeue(StrEnum):
    """From where a job that ended goes on."""

    RESUME = "resume"
    FROM_STEP = "from_step"
    RESTART = "restart"


def cancel(job_id: UUID, *, actor: User | None, reason: str) -> str:
    """Cancel a job and its children: at once where nobody runs them, else at the running handler's next step.

    Returns the job's status, which is still running when the cancellation is only asked for. `actor` is None for the
    autopilot itself. Whoever asked for a job may cancel it without the permission to control jobs.
    """
    with transaction.atomic():
        job = _locked(job_id)
        return _cancel(job, actor, _permitted(actor, reason, own=job), reason)


def _cancel(job: Job, actor: User | None, label: str, reason: str) -> str:
    if job.is_final:
        return job.status
    audit.record(actor, "autopilot.job.cancelled", job, reason=reason)
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=clock.now())
    detail = {"reason": reason}
    if move(job.pk, (PENDING, BLOCKED, WAITING), CANCELLED, "cancel", actor=label, detail=detail, reason="cancelled"):
        close_checkpoints(job)
    for child in job.children.live().values_list("pk", flat=True):
        _cancel(_locked(child), actor, label, reason)
    return _locked(job.pk).status


def close_checkpoints(job: Job) -> None:
    """Close the checkpoints of a job that will never ask about them again."""
    Checkpoint.objects.pending().filter(job=job).update(status=Checkpoint.Status.CANCELLED, decided_at=clock.now())


def finish_cancel(job: Job, guard: Mapping[str, Any]) -> bool:
    """Cancel a running job, whose cancellation was asked for, on behalf of the run that `guard` describes."""
    asked = {**guard, "cancel_requested_at__isnull": False}
    with transaction.atomic():
        cancelled = move(job.pk, RUNNING, CANCELLED, "cancel", guard=asked, reason="cancelled")
        if cancelled:
            close_checkpoints(job)
    return cancelled


def put_back(job: Job, why: str, guard: Mapping[str, Any], **changes: Any) -> str:
    """Put a running job back in the queue, or end it if somebody has asked to cancel it: nobody runs it any more.

    Returns the status it has now, or an empty text if it does not meet `guard`. The rest is as `move` has it.
    """
    with transaction.atomic():
        if move(job.pk, RUNNING, PENDING, why, guard={**guard, "cancel_requested_at": None}, **changes):
            return PENDING
        return CANCELLED if finish_cancel(job, guard) else ""


def hold(job_id: UUID, *, actor: User, reason: str) -> None:
    """Keep a job that is not running from being claimed until it is released."""
    label = _permitted(actor, reason)
    with transaction.atomic():
        job = _locked(job_id)
        if job.status not in (PENDING, WAITING, BLOCKED):
            raise ControlRefused(f"A {job.status} job cannot be held.")
        Job.objects.filter(pk=job_id).update(held_at=clock.now(), held_by=actor, hold_reason=_short(reason))
        note(job_id, "hold", actor=label, detail={"reason": reason})
        audit.record(actor, "autopilot.job.held", job, reason=reason)


def release(job_id: UUID, *, actor: User, reason: str) -> None:
    """Let a held job go on."""
    label = _permitted(actor, reason)
    with transaction.atomic():
        job = _locked(job_id)
        if job.held_at is None:
            raise ControlRefused("This job is not held.")
        Job.objects.filter(pk=job_id).update(held_at=None, held_by=None, hold_reason="")
        note(job_id, "release", actor=label, detail={"reason": reason})
        audit.record(actor, "autopilot.job.released", job, reason=reason)
        wakeup.ring()


def requeue(job_id: UUID, *, actor: User, reason: str, mode: Requeue = Requeue.RESUME, step: str = "") -> None:
    """Put a failed or cancelled job back in the queue, with fresh attempts.

    RESUME keeps what is stored, FROM_STEP keeps what was stored before `step`, RESTART keeps nothing; the two last
    begin a new generation, so that the old one stays to be read. Raises ControlRefused when it cannot be done.
    """
    label = _permitted(actor, reason)
    with transaction.atomic():
        job = _locked(job_id)
        if job.status not in (FAILED, CANCELLED):
            raise ControlRefused(f"Only a failed or cancelled job can be requeued; this one is {job.status}.")
        generation = _prepare(job, mode, step)
        detail = {"reason": reason, "mode": mode, "step": step, "generation": generation}
        _move_back(job, generation, label, detail)
        audit.record(actor, "autopilot.job.requeued", job, reason=reason, mode=mode)
        wakeup.ring()


def effects_done(job: Job) -> list[Step]:
    """Return the effects on the outside that a job's current generation has had, or may have had."""
    outside = (Step.Effect.CALL, Step.Effect.ONCE, Step.Effect.EMIT)
    return list(job.steps.filter(generation=job.generation, effect__in=outside))


def _prepare(job: Job, mode: Requeue, step: str) -> int:
    if mode == Requeue.RESUME:
        _require_resumable(job)
        return job.generation
    if mode == Requeue.FROM_STEP:
        _inherit(job, step)
    return job.generation + 1


def _move_back(job: Job, generation: int, actor: str, detail: dict[str, Any]) -> None:
    fresh: dict[str, Any] = {"attempt": 0, "crashes": 0, "snoozes": 0, "cancel_requested_at": None, "start_by": None}
    try:
        with transaction.atomic():
            move(
                job.pk,
                (FAILED, CANCELLED),
                PENDING,
                "requeue",
                actor=actor,
                detail=detail,
                generation=generation,
                scheduled_for=clock.now(),
                **fresh,
            )
    except IntegrityError as error:
        raise ControlRefused("Another live job does this already: see its unique key.") from error


def _require_resumable(job: Job) -> None:
    current = job.checkpoints.filter(generation=job.generation)
    ended = current.exclude(kind=Checkpoint.Kind.INFO).filter(
        status__in=(Checkpoint.Status.REJECTED, Checkpoint.Status.EXPIRED, Checkpoint.Status.CANCELLED)
    )
    if ended.exists():
        raise ControlRefused("A checkpoint of this job ended without approval: restart it to ask again.")


def _inherit(job: Job, step: str) -> None:
    steps = list(job.steps.filter(generation=job.generation).order_by("pk"))
    keys = [known.key for known in steps]
    if step not in keys:
        raise ControlRefused(f"This job has no step {step!r}. It has: {', '.join(keys) or 'none'}.")
    started = steps[keys.index(step)].created_at
    for known in steps[: keys.index(step)]:
        known.pk, known.generation, known.inherited = None, job.generation + 1, True
        known.save(force_insert=True)
    for checkpoint in job.checkpoints.filter(generation=job.generation, decided_at__lte=started):
        _inherit_checkpoint(checkpoint, job.generation + 1)


def _inherit_checkpoint(checkpoint: Checkpoint, generation: int) -> None:
    reviewers = list(checkpoint.reviewers.all())
    checkpoint.inherited_from_id = checkpoint.pk
    checkpoint.pk, checkpoint.generation = uuid7(), generation
    checkpoint.save(force_insert=True)
    checkpoint.reviewers.set(reviewers)


def _locked(job_id: UUID) -> Job:
    return Job.objects.select_for_update().get(pk=job_id)


def _permitted(actor: User | None, reason: str, own: Job | None = None) -> str:
    """Return how the history names a person; raises as the head of this file says. `own` may be done by who asked."""
    if actor is None:
        return ""
    asked_for_it = own is not None and own.requested_by_id == actor.pk and actor.is_active
    if not (asked_for_it or actor.has_perm(PERMISSION)):
        raise PermissionDenied("You may not control jobs.")
    if not reason.strip():
        raise ControlRefused("Say why; those who come after you read it.")
    return actor.get_username()


def _short(reason: str) -> str:
    return str(to_storable(reason))[:LONGEST_REASON]
