"""Claim and settle on SQLite: short write transactions, which the database runs one after the other."""

from collections import Counter
from datetime import timedelta
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
    if not _candidates(allowed, only).exists():
        # A look costs no write lock; only what was seen is then claimed under one.
        return None
    with transaction.atomic():
        job = _candidates(allowed, only).order_by("rank", "pk").first()
        return _take(job, process, lease, allowed) if job else None


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
            error_fingerprint="",
            event_seq=event.seq,
            event_hash=event.hash,
        )
        event.save(force_insert=True)
        Attempt.objects.filter(job=job, epoch=job.epoch).update(outcome=Attempt.Outcome.COMPLETED, finished_at=event.at)
        return 1


def _candidates(allowed: "Limits", only: str) -> Any:
    now = clock.now()
    in_time = Q(start_by=None) | Q(start_by__gt=now) | Q(first_started_at__isnull=False)
    due = Job.objects.due(now).filter(in_time, rank__lte=now).exclude(worker__in=allowed.paused)
    if only:
        due = due.filter(worker=only)
    running = list(Job.objects.filter(status=JobStatus.RUNNING).values_list("worker", "concurrency_key"))
    for key, count in Counter(key for _, key in running if key).items():
        due = due.exclude(concurrency_key=key, concurrency_limit__lte=count)
    at_work = Counter(worker for worker, _ in running)
    return due.exclude(worker__in=[worker for worker, limit in allowed.limited.items() if at_work[worker] >= limit])


def _take(job: Job, process: str, lease: timedelta, allowed: "Limits") -> Job:
    job.epoch += 1
    event = next_event(job, JobStatus.RUNNING, "claim")
    changes: dict[str, Any] = {
        "status": JobStatus.RUNNING,
        "attempt": job.attempt + 1,
        "epoch": job.epoch,
        "lease_owner": process,
        "lease_until": event.at + lease,
        "deadline": event.at + timedelta(seconds=job.timeout_seconds),
        "first_started_at": job.first_started_at or event.at,
        "concurrency_slot": _free_slot("concurrency_key", job) if job.concurrency_key else None,
        "worker_slot": _free_slot("worker", job) if job.worker in allowed.limited else None,
        "event_seq": event.seq,
        "event_hash": event.hash,
    }
    Job.objects.filter(pk=job.pk).update(**changes)
    for name, value in changes.items():
        setattr(job, name, value)
    event.save(force_insert=True)
    Attempt.objects.create(job=job, epoch=job.epoch, number=job.attempt, process=process, started_at=event.at)
    return job


def _free_slot(sharing: str, job: Job) -> int:
    field = "worker_slot" if sharing == "worker" else "concurrency_slot"
    alike = Job.objects.filter(status=JobStatus.RUNNING, **{sharing: getattr(job, sharing)})
    taken = set(alike.values_list(field, flat=True))
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)
