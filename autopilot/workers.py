"""Keep a configuration row for every worker, and pause and resume them."""

from typing import Any

from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import registry, wakeup
from autopilot.exceptions import AutopilotError, ControlRefused
from autopilot.models.workers import Worker
from autopilot.storable import to_storable

PERMISSION = "autopilot.control_worker"
LONGEST_REASON = 200

DESCRIPTIONS = {
    "application": "Checks providers' applications, has them reviewed, submits and tracks them.",
    "document": "Renders and checks archived documents.",
    "sample": "Shows what a worker can do.",
}


def create_missing(*, apps: Apps = all_apps, **kwargs: Any) -> None:
    """Create the row of every registered worker that has none; runs after each migrate, forward or backward."""
    rows = apps.get_model("autopilot", "Worker")._default_manager
    for name in registry.workers():
        rows.get_or_create(name=name, defaults={"description": DESCRIPTIONS.get(name, "")})


@transaction.atomic
def pause(worker: Worker, *, by: User, reason: str, mode: str = Worker.Pause.DRAIN) -> None:
    """Stop a worker's jobs from being claimed; running ones finish, or with STOP are given back at their next step.

    Raises PermissionDenied for a person without the permission to control workers, and ControlRefused without a
    reason or when the worker is already paused that way.
    """
    _require_permission(by)
    if mode not in (Worker.Pause.DRAIN, Worker.Pause.STOP):
        raise ControlRefused("Say whether running jobs finish (drain) or stop.")
    if not reason.strip():
        raise ControlRefused("Say why the worker is paused; operators see it.")
    changes = {"enabled": False, "pause": mode, "paused_by": by, "paused_at": clock.now()}
    changes["pause_reason"] = str(to_storable(reason))[:LONGEST_REASON]
    if not Worker.objects.filter(pk=worker.pk).exclude(pause=mode).update(**changes):
        raise ControlRefused("This worker is already paused.")
    audit.record(by, "autopilot.worker.paused", worker, reason=reason, mode=mode)


@transaction.atomic
def resume(worker: Worker, *, by: User) -> None:
    """Let a paused worker's jobs be claimed again; raises as `pause` does, and when the worker is not paused."""
    _require_permission(by)
    changes = {"enabled": True, "pause": Worker.Pause.NONE, "pause_reason": "", "paused_by": None, "paused_at": None}
    if not Worker.objects.filter(pk=worker.pk, enabled=False).update(**changes):
        raise ControlRefused("This worker is not paused.")
    audit.record(by, "autopilot.worker.resumed", worker)
    wakeup.ring()


def _require_permission(person: User) -> None:
    if not person.has_perm(PERMISSION):
        raise PermissionDenied("You may not pause and resume workers.")


def check_schedule(kind: str, payload: Any) -> None:
    """Raise ValueError, saying what to write, unless a schedule of this kind and payload could be enqueued."""
    if not isinstance(payload, dict):
        raise ValueError('The payload must be an object, as {} or {"subject": "a thing"}.')
    try:
        registry.find_handler(kind).signature.to_stored(payload)
    except AutopilotError as problem:
        raise ValueError(str(problem)) from problem
