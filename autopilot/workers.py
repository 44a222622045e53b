"""Keep a configuration row for every worker, pause and resume them, and run their schedules."""

from typing import Any

from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit, clock, schedules
from autopilot.engine import registry, wakeup
from autopilot.exceptions import ControlRefused
from autopilot.models.jobs import Job
from autopilot.models.workers import Worker
from autopilot.storable import to_storable

LONGEST_REASON = 200

DESCRIPTIONS = {
    "autopilot": "Looks after the autopilot itself.",
    "application": "Checks providers' applications, has them reviewed, submits and tracks them.",
    "billing": "Prints invoices and notes, marks what is overdue, and reckons what holders earn.",
    "certification": "Has eligibility reviewed and submitted; issues students’ certificates, and publishes revoked ones.",
    "cohort": "Starts cohorts on their first day.",
    "compliance": "Looks for students at risk, and keeps the reports to the state.",
    "enrollment": "Gives seats that become free to who waits for them.",
    "lead": "Takes in who asks in the catalog, and writes to those who have not answered.",
    "listing": "Applies to states' lists of eligible providers, and renews what is listed.",
    "participation": "Reckons who participates in WIOA programs, since when and until when.",
    "report": "Asks holders for the weekly reports that are missing.",
    "requirement": "Reminds holders of what expires, and lets it expire.",
    "roster": "Imports the rosters that holders upload.",
    "document": "Renders and checks archived documents.",
    "mou": "Seals agreements that both parties have signed, and ends those that are over.",
    "sample": "Shows what a worker can do.",
}


def create_missing(*, apps: Apps = all_apps, **kwargs: Any) -> None:
    """Create the row of every registered worker that has none, and describe what a migration has laid without a word;
    runs after each migrate, forward or backward.
    """
    rows = apps.get_model("autopilot", "Worker")._default_manager
    for name in registry.workers():
        told = DESCRIPTIONS.get(name, "")
        rows.get_or_create(name=name, defaults={"description": told})
        rows.filter(name=name, description="").exclude(description=told).update(description=told)


@transaction.atomic
def pause(worker: Worker, *, by: User, reason: str, mode: str = Worker.Pause.DRAIN) -> None:
    """Stop a worker's jobs from being claimed; running ones finish, or with STOP are given back at their next step.

    Raises PermissionDenied for a person without the permission to control workers, and ControlRefused without a
    reason or when the worker is already paused that way.
    """
    schedules.require_control(by)
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
def resume(worker: Worker, *, by: User, reason: str) -> None:
    """Let a paused worker's jobs be claimed again; raises PermissionDenied as `pause` does.

    Raises ControlRefused without a reason, and when the worker is not paused.
    """
    schedules.require_control(by)
    schedules.require_reason(reason)
    changes = {"enabled": True, "pause": Worker.Pause.NONE, "pause_reason": "", "paused_by": None, "paused_at": None}
    if not Worker.objects.filter(pk=worker.pk, enabled=False).update(**changes):
        raise ControlRefused("This worker is not paused.")
    audit.record(by, "autopilot.worker.resumed", worker, reason=reason)
    wakeup.ring()


@transaction.atomic
def run_now(worker: Worker, *, by: User, reason: str) -> list[Job]:
    """Enqueue what the enabled schedules of a worker enqueue, now, and return the jobs.

    A schedule that refuses, because it cannot run or its last run is not finished, stops no other. Raises
    PermissionDenied and ControlRefused as `schedules.run_now` does, and ControlRefused when no schedule runs.
    """
    rows = list(worker.schedules.filter(enabled=True))
    if not rows:
        raise ControlRefused("It has no schedule to run. Add one, or enqueue a job of it.")
    jobs, refusals = [], []
    for row in rows:
        try:
            jobs.append(schedules.run_now(row, by=by, reason=reason))
        except ControlRefused as refusal:
            refusals.append(f"{row}: {refusal}")
    if not jobs:
        raise ControlRefused(" ".join(refusals))
    return jobs
