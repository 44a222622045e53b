"""Tell when a cluster has stopped working although its processes seem healthy."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from autopilot import clock
from autopilot.engine import statements
from autopilot.models.jobs import Attempt, Job, JobStatus


def wedged(cluster_started: datetime) -> str:
    """Return why a cluster must be started again, or nothing while it works.

    It is wedged when a job has been due, and nothing was claimed by anybody, for the whole of AUTOPILOT_WATCHDOG, while
    fewer jobs run under a live lease than there are workers: so a worker was free and did nothing.
    """
    limit: timedelta = settings.AUTOPILOT_WATCHDOG
    since = clock.now() - limit
    if cluster_started > since or not _overdue(since) or _claimed_after(since) or _all_busy():
        return ""
    return f"work was due and nothing was claimed for {int(limit.total_seconds())} seconds"


def _overdue(since: datetime) -> bool:
    allowed = statements.limits()
    due = Job.objects.due(since).exclude(worker__in=[*allowed.paused, *allowed.limited])
    return due.filter(concurrency_key="").exists()


def _claimed_after(since: datetime) -> bool:
    latest = Attempt.objects.filter(started_at__gte=since).aggregate(at=Max("started_at"))["at"]
    return latest is not None


def _all_busy() -> bool:
    running = Job.objects.filter(status=JobStatus.RUNNING, lease_until__gt=clock.DatabaseNow())
    return running.count() >= settings.AUTOPILOT_WORKERS
