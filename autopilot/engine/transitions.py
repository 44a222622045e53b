"""The one writer of a job's status: a table of legal moves, and `move`.

The two hot moves, claim and settle, stand as single statements in `engine.statements` and obey the same table.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.expressions import CombinedExpression

from autopilot import clock
from autopilot.engine import records
from autopilot.exceptions import IllegalMove
from autopilot.models.jobs import FINAL, Attempt, Event, Job, JobStatus, rank_of
from autopilot.storable import canonical, to_storable

BLOCKED, PENDING, RUNNING, WAITING = JobStatus.BLOCKED, JobStatus.PENDING, JobStatus.RUNNING, JobStatus.WAITING
COMPLETED, FAILED, CANCELLED, SKIPPED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SKIPPED
NOWHERE = ""

LEGAL: Mapping[tuple[str, str], frozenset[str]] = {
    (NOWHERE, PENDING): frozenset({"enqueue"}),
    (NOWHERE, BLOCKED): frozenset({"enqueue"}),
    (BLOCKED, PENDING): frozenset({"advance"}),
    (BLOCKED, WAITING): frozenset({"advance"}),
    (BLOCKED, SKIPPED): frozenset({"advance"}),
    (BLOCKED, CANCELLED): frozenset({"cancel"}),
    (PENDING, RUNNING): frozenset({"claim"}),
    (PENDING, CANCELLED): frozenset({"cancel"}),
    (PENDING, FAILED): frozenset({"start_by_passed"}),
    (RUNNING, COMPLETED): frozenset({"done"}),
    (RUNNING, WAITING): frozenset({"suspend"}),
    (RUNNING, PENDING): frozenset({"retry", "snooze", "give_back", "lease_expired", "deadline"}),
    (RUNNING, FAILED): frozenset({"rejected", "invalid", "attempts_exhausted", "crash_loop", "deadline", "expired"}),
    (RUNNING, CANCELLED): frozenset({"cancel"}),
    (WAITING, PENDING): frozenset({"decision", "timer", "children_done", "answer", "expiry"}),
    (WAITING, FAILED): frozenset({"expired"}),
    (WAITING, CANCELLED): frozenset({"cancel", "expired"}),
    (FAILED, PENDING): frozenset({"requeue"}),
    (CANCELLED, PENDING): frozenset({"requeue"}),
}

OUTCOMES: Mapping[str, str] = {
    "done": Attempt.Outcome.COMPLETED,
    "suspend": Attempt.Outcome.SUSPENDED,
    "retry": Attempt.Outcome.RETRIED,
    "snooze": Attempt.Outcome.SNOOZED,
    "give_back": Attempt.Outcome.RELEASED,
    "lease_expired": Attempt.Outcome.LOST,
    "crash_loop": Attempt.Outcome.LOST,
    "deadline": Attempt.Outcome.TIMED_OUT,
    "cancel": Attempt.Outcome.CANCELLED,
}

Sources = str | tuple[str, ...]


def move(
    job_id: UUID,
    source: Sources,
    target: str,
    why: str,
    *,
    guard: Mapping[str, Any] | None = None,
    actor: str = "",
    detail: Mapping[str, Any] | None = None,
    attempt_error: str = "",
    seen: Job | None = None,
    **changes: Any,
) -> bool:
    """Move a job if it stands where `source` says and meets `guard`, with its event in the same transaction.

    `source` is one status or several; `guard` are further lookups, as the epoch; `changes` are other fields to set
    with it, values or expressions. `seen` is the job as the caller read it: it is read again only if something has
    happened to it since. Returns whether the job moved: False means somebody else was first.
    Raises IllegalMove for a move or a reason that the table does not know.
    """
    sources = (source,) if isinstance(source, str) else source
    _require_legal(sources, target, why)
    standing = Job.objects.filter(pk=job_id, status__in=sources, **(guard or {}))

    def moved(job: Job | None) -> bool:
        if job is None or job.status not in sources:
            return False
        event = next_event(job, target, why, actor=actor, detail=detail)
        values = _values_on(target, job, event.at, changes)
        values |= {"status": target, "event_seq": event.seq, "event_hash": event.hash}
        if not _update_if_same(job, standing, guard or {}, values):
            return False
        records.insert(event)
        if job.status == RUNNING:
            _close_attempt(job, OUTCOMES.get(why, Attempt.Outcome.FAILED), event.at, attempt_error)
        return True

    with transaction.atomic(savepoint=False):
        return moved(seen) or moved(standing.select_for_update().first())


def _update_if_same(job: Job, standing: QuerySet[Job], guard: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Change a job unless something has happened to it since it was read; returns whether it was changed."""
    if guard.keys() <= {"epoch"} and not any(hasattr(value, "resolve_expression") for value in values.values()):
        read = (records.key_of(Job, job.pk), job.status, job.event_seq, guard.get("epoch", job.epoch))
        same = "id = %s AND status = %s AND event_seq = %s AND epoch = %s"
        return bool(records.update(Job, values, same, read))
    return bool(standing.filter(status=job.status, event_seq=job.event_seq).update(**values))


def next_event(
    job: Job,
    target: str,
    why: str,
    *,
    actor: str = "",
    detail: Mapping[str, Any] | None = None,
    source: str | None = None,
) -> Event:
    """Return the unsaved event that moves a job on, chained to the job's last one."""
    event = Event(
        job=job,
        seq=job.event_seq + 1,
        from_status=job.status if source is None else source,
        to_status=target,
        why=why,
        epoch=job.epoch,
        actor=actor,
        detail=to_storable(detail or {}),
        at=clock.now(),
        previous_hash=job.event_hash,
    )
    event.hash = chain_hash(event)
    return event


def note(job_id: UUID, why: str, *, actor: str = "", detail: Mapping[str, Any] | None = None) -> None:
    """Append an event that moves nothing, as a hold or a revision, to a job's history."""
    with transaction.atomic(savepoint=False):
        job = Job.objects.select_for_update().get(pk=job_id)
        event = next_event(job, job.status, why, actor=actor, detail=detail)
        records.insert(event)
        Job.objects.filter(pk=job_id).update(event_seq=event.seq, event_hash=event.hash)


def chain_hash(event: Event) -> str:
    """Return the hash of an event over all it says and the hash before it; the claim statement writes the same."""
    parts = (
        event.previous_hash,
        str(event.job_id),
        str(event.seq),
        event.from_status,
        event.to_status,
        event.why,
        str(event.epoch),
        event.actor,
        canonical(event.detail).decode(),
        event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _require_legal(sources: tuple[str, ...], target: str, why: str) -> None:
    for source in sources:
        if why not in LEGAL.get((source, target), frozenset()):
            raise IllegalMove(f"A job never moves from {source or 'nowhere'} to {target} because of {why}.")


def _values_on(target: str, job: Job, at: datetime, changes: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"wait_reason": "", "wake_at": None, "waiting_since": None} | dict(changes)
    if job.status == RUNNING:
        values |= {
            "lease_owner": "",
            "lease_until": None,
            "deadline": None,
            "concurrency_slot": None,
            "worker_slot": None,
        }
    if target == WAITING:
        values["waiting_since"] = at
    if target in FINAL:
        values |= {"finished_at": at, "purge_after": at + timedelta(days=settings.AUTOPILOT_JOB_RETENTION_DAYS)}
    elif job.status in FINAL:
        values |= {"finished_at": None, "purge_after": None, "reason": "", "error": "", "error_fingerprint": ""}
    if "scheduled_for" in changes and "rank" not in changes:
        values["rank"] = rank_of(changes["scheduled_for"], changes.get("priority", job.priority))
    return values


def _close_attempt(job: Job, outcome: str, at: datetime, error: str) -> None:
    ended = {"outcome": outcome, "finished_at": at, "error": error}
    records.update(Attempt, ended, "job_id = %s AND epoch = %s", (records.key_of(Job, job.pk), job.epoch))


def uncounted() -> CombinedExpression:
    """Return the change that takes back an attempt which does not count."""
    return F("attempt") - 1
