"""Claim and settle on SQLite: short write transactions, which the database runs one after the other."""

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from autopilot import clock
from autopilot.engine.transitions import next_event
from autopilot.models.jobs import Attempt, Job, JobStatus

if TYPE_CHECKING:
    from autopilot.engine.statements import Limits


def claim(process: str, lease: timedelta, allowed: "Limits", only: str) -> Job | None:
    """Claim one job in one transaction."""
    now = clock.now()
    if not _candidates(allowed, only, now).exists():
        # A look costs no write lock; only what was seen is then claimed under one.
        return None
    with transaction.atomic():
        job = _candidates(allowed, only, now).order_by("rank", "pk").first()
        if job is None:
            return None
        return _take(job, process, lease, allowed, now)


def settle(job: Job, result: Any, retention: timedelta) -> int:
    """Complete a job in one transaction; returns 1, or 0 when this run no longer owns it."""
    with transaction.atomic():
        running = Job.objects.filter(pk=job.pk, epoch=job.epoch, status=JobStatus.RUNNING, cancel_requested_at=None)
        current = running.first()
        if current is None:
            return 0
        event = next_event(current, JobStatus.COMPLETED, "done")
        running.update(
            status=JobStatus.COMPLETED,
            result=result,
            finished_at=event.at,
            purge_after=event.at + retention,
            lease_owner="",
            lease_until=None,
            deadline=None,
            concurrency_slot=None,
            worker_slot=None,
            reason="done",
            error="",
            event_seq=event.seq,
            event_hash=event.hash,
        )
        event.save(force_insert=True)
        Attempt.objects.filter(job=job, epoch=job.epoch).update(
            outcome=Attempt.Outcome.COMPLETED, finished_at=event.at
        )
        return 1


def _candidates(allowed: "Limits", only: str, now: datetime) -> Any:
    due = Job.objects.due(now).filter(rank__lte=now).exclude(worker__in=allowed.paused)
    if only:
        due = due.filter(worker=only)
    full_keys, full_workers = _full(allowed)
    return due.exclude(concurrency_key__in=full_keys).exclude(worker__in=full_workers)


def _full(allowed: "Limits") -> tuple[list[str], list[str]]:
    running = Job.objects.filter(status=JobStatus.RUNNING)
    keyed = running.exclude(concurrency_key="").values_list("concurrency_key", "concurrency_limit")
    counts = Counter(key for key, _ in keyed)
    full_keys = [key for key, limit in set(keyed) if counts[key] >= limit]
    if not allowed.limited:
        return full_keys, []
    at_work = Counter(running.filter(worker__in=allowed.limited).values_list("worker", flat=True))
    return full_keys, [worker for worker, limit in allowed.limited.items() if at_work[worker] >= limit]


def _take(job: Job, process: str, lease: timedelta, allowed: "Limits", now: datetime) -> Job:
    job.epoch += 1
    event = next_event(job, JobStatus.RUNNING, "claim")
    changes: dict[str, Any] = {
        "status": JobStatus.RUNNING,
        "attempt": job.attempt + 1,
        "epoch": job.epoch,
        "lease_owner": process,
        "lease_until": now + lease,
        "deadline": now + timedelta(seconds=job.timeout_seconds),
        "first_started_at": job.first_started_at or now,
        "concurrency_slot": _free_slot(Q(concurrency_key=job.concurrency_key), "concurrency_slot")
        if job.concurrency_key
        else None,
        "worker_slot": _free_slot(Q(worker=job.worker), "worker_slot") if job.worker in allowed.limited else None,
        "event_seq": event.seq,
        "event_hash": event.hash,
    }
    Job.objects.filter(pk=job.pk).update(**changes)
    for name, value in changes.items():
        setattr(job, name, value)
    event.save(force_insert=True)
    Attempt.objects.create(job=job, epoch=job.epoch, number=job.attempt, process=process, started_at=now)
    return job


def _free_slot(sharing: Q, field: str) -> int:
    taken = set(Job.objects.filter(sharing, status=JobStatus.RUNNING).values_list(field, flat=True))
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


