"""How the workers do: in a few questions to the database, however many jobs there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min

from autopilot import clock
from autopilot.models import Event, Job, JobStatus, Worker

LATELY = timedelta(hours=1)
# No count and no look back goes further: beyond that, the exact figure helps nobody and takes seconds.
MOST_COUNTED = 10_000
MOST_LOOKED_BACK = 1_000
MOST_GROUPS = 5


@dataclass
class Figures:
    """What a worker has before it and behind it; `succeeded_at` is None when none of the newest jobs was its own."""

    due: int = 0
    oldest_due: datetime | None = None
    running: int = 0
    failed: int = 0
    succeeded_at: datetime | None = None


@dataclass(frozen=True)
class FailureGroup:
    """Failed jobs of one kind and one cause, with the newest of them."""

    kind: str
    fingerprint: str
    count: int
    newest: Job


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


def failure_groups(worker: Worker) -> list[FailureGroup]:
    """Return the causes of a worker's newest failures, the most frequent first; two questions."""
    failed = Job.objects.filter(status=JobStatus.FAILED, worker=worker.pk).order_by("-created_at")
    rows = failed.values_list("kind", "error_fingerprint", "pk")[:MOST_LOOKED_BACK]
    groups: dict[tuple[str, str], list[UUID]] = {}
    for kind, fingerprint, pk in rows:
        groups.setdefault((kind, fingerprint), []).append(pk)
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_GROUPS]
    newest = Job.objects.in_bulk([jobs[0] for _, jobs in largest])
    return [FailureGroup(*cause, len(jobs), newest[jobs[0]]) for cause, jobs in largest if jobs[0] in newest]


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
