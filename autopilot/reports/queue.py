"""The queue as it stands: what lives, what is due, what runs, and who is there to run it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet

from autopilot import clock
from autopilot.models import ClusterHeartbeat, ClusterRestart, Job, JobStatus, Worker

MOST_RUNNING = 500
MOST_PROCESSES = 50
SILENT_AFTER = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Running:
    """A job in a process's hands."""

    id: str
    kind: str
    worker: str
    seconds: float


@dataclass(frozen=True)
class Queue:
    """Jobs that are not final: counts by worker and status, those due by worker, and the running ones."""

    live: dict[tuple[str, str], int]
    due: dict[str, int]
    oldest_due: datetime | None
    running: list[Running]

    def standing(self, status: str) -> int:
        """Return how many jobs stand there."""
        return sum(count for (_, each), count in self.live.items() if each == status)


@dataclass(frozen=True)
class Process:
    """One process of a cluster, as it last reported itself."""

    name: str
    role: str
    version: str
    seen_at: datetime
    is_alive: bool


@dataclass(frozen=True)
class Cluster:
    """The processes that can run jobs; `since` is when the longest-lived of them started, None if none is alive."""

    processes: list[Process]
    seen_at: datetime | None
    since: datetime | None
    restarts: int

    @property
    def alive(self) -> int:
        """How many processes can run jobs now."""
        return sum(each.is_alive and each.role == ClusterHeartbeat.Role.PUMP for each in self.processes)


def queue() -> Queue:
    """Return the queue as it stands: from indexes that hold no final job."""
    now = clock.now()
    live = Job.objects.live().order_by().values_list("worker", "status").annotate(total=Count("*"))
    due = Job.objects.due(now).order_by()
    return Queue(
        live={(worker, status): count for worker, status, count in live},
        due=dict(due.values_list("worker").annotate(total=Count("*"))),
        oldest_due=due.order_by("scheduled_for").values_list("scheduled_for", flat=True).first(),
        running=_running(now),
    )


def cluster() -> Cluster:
    """Return who has reported itself within the last day; of the pumps, who is alive and since when."""
    now = clock.now()
    rows = list(ClusterHeartbeat.objects.order_by("-seen_at")[:MOST_PROCESSES])
    pumps = [row for row in rows if row.role == ClusterHeartbeat.Role.PUMP]
    alive = [row for row in pumps if _is_alive(row, now)]
    return Cluster(
        processes=[Process(row.process, row.role, row.version, row.seen_at, _is_alive(row, now)) for row in rows],
        seen_at=max((row.seen_at for row in pumps), default=None),
        since=min((row.started_at for row in alive), default=None),
        restarts=ClusterRestart.objects.filter(at__gte=now - DAY).count(),
    )


def paused_workers() -> QuerySet[Worker]:
    """Return the workers that start nothing now."""
    return Worker.objects.filter(enabled=False)


def _running(now: datetime) -> list[Running]:
    """Return the running jobs, the longest first."""
    rows = Job.objects.filter(status=JobStatus.RUNNING).order_by()
    facts = rows.values_list("pk", "kind", "worker", "deadline", "timeout_seconds")[:MOST_RUNNING]
    found = [
        # An attempt's deadline is its start and the time it may take.
        Running(str(pk), kind, worker, (now - deadline).total_seconds() + timeout)
        for pk, kind, worker, deadline, timeout in facts
        if deadline is not None
    ]
    return sorted(found, key=lambda each: -each.seconds)


def _is_alive(row: ClusterHeartbeat, now: datetime) -> bool:
    return now - row.seen_at <= max(SILENT_AFTER, settings.AUTOPILOT_WATCHDOG)
