"""Work that lies although it could be done: its worker is paused, or no cluster does it."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, QuerySet

from autopilot import clock
from autopilot.clock import DatabaseNow
from autopilot.doctor.findings import Finding
from autopilot.engine import statements
from autopilot.models import ClusterHeartbeat, Job, JobStatus, Worker

PATIENCE = timedelta(minutes=5)


def paused_workers(everything: bool) -> Iterator[Finding]:
    """Paused workers before which due work lies."""
    for worker in Worker.objects.filter(enabled=False).order_by("name"):
        count = Job.objects.due(clock.now()).filter(worker=worker.pk).count()
        if count:
            since = f" since {worker.paused_at:%Y-%m-%d %H:%M} UTC" if worker.paused_at else ""
            text = f"It is paused{since}, and {count} due job{' lies' if count == 1 else 's lie'} before it."
            yield Finding("workers", worker.name, text, f"manage.py workers resume {worker.name} --as USERNAME")


def wedged_cluster(everything: bool) -> Iterator[Finding]:
    """Work that has been due for five minutes while no cluster is there, or one that claims nothing."""
    if not _overdue().exists():
        return
    patience = max(settings.AUTOPILOT_WATCHDOG * 2, timedelta(minutes=1))
    pumps = ClusterHeartbeat.objects.filter(role=ClusterHeartbeat.Role.PUMP, seen_at__gte=clock.now() - patience)
    if not pumps.exists():
        text = "Work is due, and no cluster gives a sign of life."
        yield Finding("cluster", "all", text, "Start one: manage.py autopilot")
    elif _is_idle(pumps):
        text = "Work is due, and the processes that are there claim nothing."
        yield Finding("cluster", "all", text, "Restart the service that runs manage.py autopilot, and read its log.")


def _overdue() -> QuerySet[Job]:
    allowed = statements.limits()
    due = Job.objects.due(clock.now() - PATIENCE).filter(concurrency_key="")
    return due.exclude(worker__in=[*allowed.paused, *allowed.limited])


def _is_idle(pumps: QuerySet[ClusterHeartbeat]) -> bool:
    claimed = pumps.aggregate(last=Max("last_claim_at"))["last"]
    running = Job.objects.filter(status=JobStatus.RUNNING, lease_until__gt=DatabaseNow())
    return (claimed is None or claimed < clock.now() - PATIENCE) and not running.exists()
