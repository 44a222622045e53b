"""How the workers do: in a few questions to the database, however many jobs there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from autopilot import clock
from autopilot.models import Event, Job, JobStatus

LATELY = timedelta(hours=1)
# No count and no look back goes further: beyond that, the exact figure helps nobody and takes seconds.
MOST_COUNTED = 10_000
MOST_LOOKED_BACK = 1_000


@dataclass
class Figures:
    """What a worker has before it and behind it; `succeeded_at` is None when none of the newest jobs was its own."""

    due: int = 0
    oldest_due: datetime | None = None
    running: int = 0
    failed: int = 0
    succeeded_at: datetime | None = None


def worker_figures() -> dict[str, Figures]:
    """Return the figures of every worker that has any, by its name; four questions, whatever the number of jobs."""
    figures: dict[str, Figures] = {}
    for worker, due, oldest in _due():
        figures.setdefault(worker, Figures()).due = due
        figures[worker].oldest_due = oldest
    for worker, running in _running():
        figures.setdefault(worker, Figures()).running = running
    for worker, failed in _failed():
        figures.setdefault(worker, Figures()).failed = failed
    for worker, at in _succeeded():
        figures.setdefault(worker, Figures()).succeeded_at = at
    return figures


def _due() -> list[tuple[str, int, datetime]]:
    first = Job.objects.due(clock.now()).order_by("rank", "id").values("pk")[:MOST_COUNTED]
    counted = Job.objects.filter(pk__in=first).order_by().values("worker")
    return list(
        counted.annotate(count=Count("pk"), oldest=Min("scheduled_for")).values_list("worker", "count", "oldest")
    )


def _running() -> list[tuple[str, int]]:
    running = Job.objects.filter(status=JobStatus.RUNNING).order_by().values("worker")
    return list(running.annotate(count=Count("pk")).values_list("worker", "count"))


def _failed() -> list[tuple[str, int]]:
    # By their events, which have an index by time; jobs have none by their end.
    lately = Event.objects.filter(at__gte=clock.now() - LATELY, to_status=JobStatus.FAILED)
    failed = lately.order_by().values("job__worker")
    return list(failed.annotate(count=Count("pk")).values_list("job__worker", "count"))


def _succeeded() -> list[tuple[str, datetime]]:
    completed = Job.objects.filter(status=JobStatus.COMPLETED).order_by("-created_at").values("pk")[:MOST_LOOKED_BACK]
    newest = Job.objects.filter(pk__in=completed).order_by().values("worker")
    return list(newest.annotate(at=Max("finished_at")).values_list("worker", "at"))
