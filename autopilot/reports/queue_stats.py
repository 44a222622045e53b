"""How much lies before each worker, and how long the oldest of it has waited."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q

from autopilot import clock
from autopilot.models import Job, JobStatus, Worker

DAY = timedelta(days=1)
COUNTS = ("due", "later", "held", "running", "waiting", "blocked", "failed_in_a_day")


def queue_stats() -> list[dict[str, Any]]:
    """Return a row for each worker, its name first, and a last one for all together.

    `due` could be run now and `later` not yet; `oldest_due_seconds` is how long the oldest due job has been due;
    `failed_in_a_day` counts jobs that were enqueued within a day. Two queries over what is not final, at any size.
    """
    active = {row["worker"]: row for row in _active()}
    failed = dict(_failed())
    states = {worker.name: worker.get_pause_display() for worker in Worker.objects.all()}
    names = sorted({*active, *failed, *states})
    rows = [_row(name, states.get(name, ""), active.get(name, {}), failed.get(name, 0)) for name in names]
    return [*rows, _total(rows)]


def _active() -> Any:
    now = clock.now()
    due = Q(status=JobStatus.PENDING, held_at=None, scheduled_for__lte=now)
    waiting = {"running": JobStatus.RUNNING, "waiting": JobStatus.WAITING, "blocked": JobStatus.BLOCKED}
    return (
        Job.objects.live()
        .order_by()
        .values("worker")
        .annotate(
            due=Count("pk", filter=due),
            later=Count("pk", filter=Q(status=JobStatus.PENDING, held_at=None, scheduled_for__gt=now)),
            held=Count("pk", filter=Q(held_at__isnull=False)),
            oldest=Min("scheduled_for", filter=due),
            **{name: Count("pk", filter=Q(status=status, held_at=None)) for name, status in waiting.items()},
        )
    )


def _failed() -> Any:
    failed = Job.objects.filter(status=JobStatus.FAILED, created_at__gte=clock.now() - DAY)
    return failed.order_by().values("worker").annotate(count=Count("pk")).values_list("worker", "count")


def _row(name: str, state: str, active: dict[str, Any], failed: int) -> dict[str, Any]:
    counts = {count: active.get(count, 0) for count in COUNTS}
    oldest = active.get("oldest")
    seconds = round((clock.now() - oldest).total_seconds()) if oldest else None
    return {"worker": name, "state": state, **counts, "failed_in_a_day": failed, "oldest_due_seconds": seconds}


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    oldest = [row["oldest_due_seconds"] for row in rows if row["oldest_due_seconds"] is not None]
    sums = {count: sum(row[count] for row in rows) for count in COUNTS}
    return {"worker": "all", "state": "", **sums, "oldest_due_seconds": max(oldest, default=None)}
