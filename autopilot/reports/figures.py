"""The figures of the dashboard, taken together at one time and kept for a few seconds for everybody who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import caches

from autopilot import clock
from autopilot.models import Checkpoint, DurationTally, JobStatus, Worker
from autopilot.models.tallies import hour_of
from autopilot.reports.alerts import REJECTED, Alert, find_alerts
from autopilot.reports.objectives import Ended, Standing, ended_since, standings, window_start
from autopilot.reports.queue import Cluster, Queue, cluster, queue
from autopilot.reports.totals import Bars, bars
from autopilot.tallies import percentile

HOURS = 24
FRESH_SECONDS = 5
CACHE = "figures"
COMPLETED, FAILED = JobStatus.COMPLETED.value, JobStatus.FAILED.value
Measure = DurationTally.Measure
Value = TypeVar("Value")


@dataclass(frozen=True)
class Hour:
    """What ended in one hour, and how long 95 of 100 waited and ran."""

    at: datetime
    completed: int = 0
    failed: int = 0
    wait: float | None = None
    run: float | None = None


@dataclass(frozen=True)
class Latency:
    """How long something took, in seconds: half of them, and 95 of 100."""

    count: int
    half: float | None
    most: float | None


@dataclass(frozen=True)
class Depth:
    """The jobs of one worker that are not final."""

    worker: str
    is_enabled: bool
    due: int
    later: int
    running: int
    waiting: int


@dataclass(frozen=True)
class Snapshot:
    """The figures as of one time; what ended is of the last 24 hours, the current one included."""

    at: datetime
    queue: Queue
    cluster: Cluster
    hours: list[Hour]
    rejected: int
    latencies: dict[str, Latency]
    depths: list[Depth]
    reviews: int
    alerts: list[Alert]
    objectives: list[Standing]

    @property
    def completed(self) -> int:
        """How many jobs completed."""
        return sum(hour.completed for hour in self.hours)

    @property
    def failed(self) -> int:
        """How many jobs failed, other than by a person's rejection."""
        return sum(hour.failed for hour in self.hours)

    @property
    def success(self) -> float | None:
        """The share of ended jobs that completed; None without any."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


def snapshot() -> Snapshot:
    """Return the figures, at most five seconds old."""
    return kept("dashboard", FRESH_SECONDS, take_snapshot)


def kept(name: str, seconds: int, take: Callable[[], Value]) -> Value:
    """Return what was taken under a name within the last seconds, by whatever process, or take it now."""
    found: Value | None = caches[CACHE].get(f"provost.{name}")
    if found is None:
        found = take()
        caches[CACHE].set(f"provost.{name}", found, seconds)
    return found


def take_snapshot() -> Snapshot:
    """Return the figures as they are now."""
    now = clock.now()
    stands, processes = queue(), cluster()
    since = hour_of(now) - timedelta(hours=HOURS - 1)
    ended = ended_since(window_start())
    lengths = bars("hour", "measure", since=since, measure__in=(Measure.WAIT, Measure.RUN))
    return Snapshot(
        at=now,
        queue=stands,
        cluster=processes,
        hours=_hours(since, ended, lengths),
        rejected=sum(count for (hour, *_, why), count in ended.items() if hour >= since and why == REJECTED),
        latencies={measure: _latency(measure, lengths) for measure in (Measure.WAIT, Measure.RUN)},
        depths=_depths(stands),
        reviews=Checkpoint.objects.pending().count(),
        alerts=find_alerts(stands, processes),
        objectives=standings(ended),
    )


def _hours(since: datetime, ended: Ended, lengths: dict[tuple[datetime, str], Bars]) -> list[Hour]:
    counts: dict[tuple[datetime, str], int] = {}
    for (hour, _, target, why), count in ended.items():
        if why != REJECTED:
            counts[hour, target] = counts.get((hour, target), 0) + count
    return [_hour(since + timedelta(hours=number), counts, lengths) for number in range(HOURS)]


def _hour(at: datetime, counts: dict[tuple[datetime, str], int], lengths: dict[tuple[datetime, str], Bars]) -> Hour:
    wait, run = (percentile(lengths.get((at, measure), {}), 0.95) for measure in (Measure.WAIT, Measure.RUN))
    return Hour(at, counts.get((at, COMPLETED), 0), counts.get((at, FAILED), 0), wait, run)


def _latency(measure: str, lengths: dict[tuple[datetime, str], Bars]) -> Latency:
    together: Bars = {}
    for (_, each), counts in lengths.items():
        if each == measure:
            for upper, count in counts.items():
                together[upper] = together.get(upper, 0) + count
    return Latency(sum(together.values()), percentile(together, 0.5), percentile(together, 0.95))


def _depths(stands: Queue) -> list[Depth]:
    enabled = dict(Worker.objects.values_list("name", "enabled"))
    names = sorted({*enabled, *(worker for worker, _ in stands.live)})
    return [_depth(name, enabled.get(name, True), stands) for name in names]


def _depth(worker: str, is_enabled: bool, stands: Queue) -> Depth:
    due = stands.due.get(worker, 0)
    pending = stands.live.get((worker, JobStatus.PENDING), 0) + stands.live.get((worker, JobStatus.BLOCKED), 0)
    return Depth(
        worker,
        is_enabled,
        due,
        max(0, pending - due),
        stands.live.get((worker, JobStatus.RUNNING), 0),
        stands.live.get((worker, JobStatus.WAITING), 0),
    )
