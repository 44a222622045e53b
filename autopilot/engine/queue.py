"""Put jobs in the queue, in the caller's own transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from autopilot import clock
from autopilot.engine import statements
from autopilot.engine.registry import find_handler
from autopilot.engine.transitions import NOWHERE, next_event
from autopilot.exceptions import InvalidPayload
from autopilot.models.jobs import GREATEST_PRIORITY, LEAST_PRIORITY, Event, Job, JobStatus, rank_of
from autopilot.storable import digest, to_storable

LONGEST = {"unique_key": 200, "concurrency_key": 200, "parent_key": 120, "requester_label": 150}
CONTESTED = 5


def enqueue(
    kind: str,
    *,
    tenant_id: UUID,
    requested_by: AbstractBaseUser | None = None,
    requester_label: str = "",
    priority: int | None = None,
    scheduled_for: datetime | None = None,
    start_by: datetime | None = None,
    unique_key: str = "",
    concurrency_key: str = "",
    parent: Job | None = None,
    parent_key: str = "",
    dry_run: bool = False,
    **payload: Any,
) -> Job:
    """Put a job in the queue in the caller's transaction: it runs if, and only if, that transaction commits.

    `payload` must fit the handler's parameters. `priority` is 1 to 10, 10 most urgent. With a `unique_key`, the live
    job of that key is returned instead of a second one. Jobs that share a `concurrency_key` take turns.
    Raises UnknownKind, and InvalidPayload for options out of range as well; nothing is stored then.
    """
    handler = find_handler(kind)
    stored = handler.signature.to_stored(payload)
    now = clock.now()
    _check_moments(scheduled_for=scheduled_for, start_by=start_by)
    job = Job(
        tenant_id=tenant_id,
        worker=handler.worker,
        kind=kind,
        handler_version=handler.version,
        priority=_checked_priority(handler.priority if priority is None else priority),
        scheduled_for=scheduled_for or now,
        start_by=start_by,
        payload=stored,
        payload_digest=digest(stored),
        max_attempts=handler.max_attempts,
        max_crashes=handler.max_crashes,
        timeout_seconds=int(handler.timeout.total_seconds()),
        unique_key=unique_key,
        concurrency_key=concurrency_key,
        concurrency_limit=handler.slots,
        parent=parent,
        parent_key=parent_key,
        root_id=(parent.root_id or parent.pk) if parent else None,
        requested_by_id=requested_by.pk if requested_by else None,
        requester_label=requester_label or (requested_by.get_username() if requested_by else ""),
        dry_run=dry_run,
        created_at=now,
    )
    job.rank = rank_of(job.scheduled_for, job.priority)
    _check_keys(job)
    event = next_event(job, JobStatus.PENDING, "enqueue", actor=job.requester_label, source=NOWHERE)
    job.event_seq, job.event_hash = event.seq, event.hash
    return _insert_or_find(job, event) if job.unique_key else _insert(job, event)


def _insert_or_find(job: Job, event: Event, tries: int = CONTESTED) -> Job:
    try:
        with transaction.atomic():
            return _insert(job, event)
    except IntegrityError:
        twin = _live_twin(job)
        if twin is not None:
            return twin
        if tries == 1:
            raise
    # The live job of this key ended between our attempt and our look: the key is free again.
    return _insert_or_find(job, event, tries - 1)


def _insert(job: Job, event: Event) -> Job:
    statements.insert(job, event)
    return job


def _live_twin(job: Job) -> Job | None:
    return Job.objects.live().filter(tenant_id=job.tenant_id, kind=job.kind, unique_key=job.unique_key).first()


def _checked_priority(priority: int) -> int:
    if type(priority) is not int or not LEAST_PRIORITY <= priority <= GREATEST_PRIORITY:
        raise InvalidPayload(f"priority is {priority!r}; it must be {LEAST_PRIORITY} to {GREATEST_PRIORITY}.")
    return priority


def _check_moments(**moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and moment.utcoffset() is None:
            raise InvalidPayload(f"{name} has no time zone; give an aware datetime.")


def _check_keys(job: Job) -> None:
    for name, longest in LONGEST.items():
        text = getattr(job, name)
        if len(text) > longest or to_storable(text) != text:
            raise InvalidPayload(f"{name} must be text of at most {longest} characters that a database can store.")
