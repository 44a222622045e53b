"""Canaries: one failed job of a group is tried again first, so that its fate tells whether the rest is worth it."""

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit
from autopilot.engine import controls
from autopilot.models.jobs import Job
from autopilot.models.workers import Worker

SENT = "autopilot.worker.canary_sent"


@transaction.atomic
def send_canary(job: Job, *, by: User, reason: str) -> None:
    """Requeue one job of a group of failures, and remember with its worker that it stands for the group.

    Raises PermissionDenied and ControlRefused as `controls.requeue` does.
    """
    failed = Job.objects.select_for_update().get(pk=job.pk)
    group = {"kind": failed.kind, "fingerprint": failed.error_fingerprint, "failure": failed.reason}
    controls.requeue(failed.pk, actor=by, reason=reason)
    audit.record(by, SENT, Worker(name=failed.worker), job=failed.pk, reason=reason, **group)
