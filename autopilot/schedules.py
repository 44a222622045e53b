"""What people do to a schedule: run it now, pause it, enable it; and what it needs to be able to run."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import enqueue, registry
from autopilot.engine.slots import next_slot
from autopilot.exceptions import AutopilotError, ControlRefused
from autopilot.models.jobs import Job
from autopilot.models.workers import Schedule
from autopilot.tenants import NETWORK

PERMISSION = "autopilot.control_worker"
# Within this time a second press of a button is one press too many, even if the job of the first has ended already.
AGAIN_AFTER = timedelta(seconds=5)


def check(kind: str, payload: Any) -> None:
    """Raise ValueError, saying what to write, unless a schedule of this kind and payload could be enqueued."""
    if not isinstance(payload, dict):
        raise ValueError('The payload must be an object, as {} or {"subject": "a thing"}.')
    try:
        registry.find_handler(kind).signature.to_stored(payload)
    except AutopilotError as problem:
        raise ValueError(str(problem)) from problem


def upcoming(cron: str, zone: str, count: int) -> list[datetime]:
    """Return the next `count` times at which a schedule runs, in UTC; raises ValueError, which says what to write."""
    slots: list[datetime] = []
    for _ in range(count):
        slots.append(next_slot(cron, zone, slots[-1] if slots else clock.now()))
    return slots


@transaction.atomic
def run_now(schedule: Schedule, *, by: User, reason: str) -> Job:
    """Enqueue what a schedule enqueues, now; its own times stay as they are.

    While an earlier run of it is not finished, or right after one began, nothing is enqueued: a button may be pressed
    twice. Raises PermissionDenied for a person without the permission to control workers, and ControlRefused without
    a reason, for a schedule that cannot run, and for one that has just run.
    """
    require_control(by)
    require_reason(reason)
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("last_job").get(pk=schedule.pk)
    _require_idle(locked)
    job = _enqueue(locked, by)
    Schedule.objects.filter(pk=locked.pk).update(last_job=job, last_run_at=clock.now())
    audit.record(by, "autopilot.schedule.run", locked, reason=reason, job_id=str(job.pk))
    return job


@transaction.atomic
def pause(schedule: Schedule, *, by: User, reason: str) -> None:
    """Let the calendar pass a schedule by; raises as `run_now` does, and when it is paused already."""
    require_control(by)
    require_reason(reason)
    if not Schedule.objects.filter(pk=schedule.pk, enabled=True).update(enabled=False, next_run_at=None):
        raise ControlRefused("This schedule is already paused.")
    audit.record(by, "autopilot.schedule.paused", schedule, reason=reason)


@transaction.atomic
def enable(schedule: Schedule, *, by: User, reason: str) -> None:
    """Let the calendar run a schedule again, which catches up once if a time has passed; raises as `pause` does."""
    require_control(by)
    require_reason(reason)
    if not Schedule.objects.filter(pk=schedule.pk, enabled=False).update(enabled=True):
        raise ControlRefused("This schedule is already enabled.")
    audit.record(by, "autopilot.schedule.enabled", schedule, reason=reason)


def require_control(person: User) -> None:
    """Raise PermissionDenied for a person who may not control workers and their schedules."""
    if not person.has_perm(PERMISSION):
        raise PermissionDenied("You may not control workers and schedules.")


def require_reason(reason: str) -> None:
    """Raise ControlRefused without a reason."""
    if not reason.strip():
        raise ControlRefused("Say why; operators see it.")


def _require_idle(schedule: Schedule) -> None:
    if schedule.last_job is not None and not schedule.last_job.is_final:
        raise ControlRefused("Its last run is not finished yet.")
    if schedule.last_run_at is not None and schedule.last_run_at > clock.now() - AGAIN_AFTER:
        raise ControlRefused("It ran a moment ago.")


def _enqueue(schedule: Schedule, by: User) -> Job:
    try:
        check(schedule.kind, schedule.payload)
    except ValueError as problem:
        raise ControlRefused(f"It cannot run: {problem}") from problem
    key = f"schedule:{schedule.pk}:now"
    return enqueue(schedule.kind, tenant_id=NETWORK, requested_by=by, unique_key=key, **schedule.payload)
