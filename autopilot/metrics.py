"""The figures for machines, in the text format of Prometheus: counts from tallies and small indexes, never a long scan."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from autopilot import clock
from autopilot.models import FINAL, Checkpoint, DurationTally, EventTally, JobStatus, OutboxMessage, Submission
from autopilot.reports import figures, queue, totals
from autopilot.tallies import UPPERS

FRESH_SECONDS = 10
# Those of the interface that the aliases come from; each is one of ours.
ALIAS_UPPERS = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, UPPERS[-1])
Measure = DurationTally.Measure
Sums = Mapping[tuple[Any, ...], float]


@dataclass(frozen=True)
class Readings:
    """Everything that is told, read at one time."""

    jobs: dict[tuple[str, str], int]
    moves: dict[tuple[str, str, str], int]
    histograms: dict[tuple[str, str], totals.Histogram]
    checkpoints: dict[tuple[str, str], int]
    submissions: dict[tuple[str, str], int]
    notes: dict[str, int]
    oldest_due: float
    outbox_lag: float
    heartbeat_age: float | None


def exposition() -> bytes:
    """Return the metrics as text; the readings are at most ten seconds old."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Told(figures.kept("metrics", FRESH_SECONDS, read)))
    return generate_latest(registry)


def read() -> Readings:
    """Read everything that is told, as it is now."""
    now = clock.now()
    stands, cluster = queue.queue(), queue.cluster()
    moves = totals.moves("worker", "from_status", "to_status", "why")
    pending = OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING)
    oldest_message = pending.aggregate(at=Min("created_at"))["at"]
    return Readings(
        jobs=_jobs(stands, moves),
        moves=_summed(moves, (1, 2, 3)),
        histograms=totals.histograms(),
        checkpoints=_counted(Checkpoint.objects.values_list("kind", "status")),
        submissions=_counted(Submission.objects.values_list("portal__slug", "status")),
        notes=dict(totals.notes()),
        oldest_due=max(0.0, (now - stands.oldest_due).total_seconds()) if stands.oldest_due else 0.0,
        outbox_lag=max(0.0, (now - oldest_message).total_seconds()) if oldest_message else 0.0,
        heartbeat_age=max(0.0, (now - cluster.seen_at).total_seconds()) if cluster.seen_at else None,
    )


class Told(Collector):
    """What the readings say, under the names that monitoring knows."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, with its help and type."""
        yield from self._of_jobs()
        yield from self._of_people()
        yield from self._of_the_outside()
        yield from self._aliases()

    def _of_jobs(self) -> Iterator[Metric]:
        told = self._readings
        yield _gauges(
            "autopilot_jobs",
            "Jobs by worker and status; ended ones since counting began.",
            ("worker", "status"),
            told.jobs,
        )
        yield _counters(
            "autopilot_job_transitions", "Moves of jobs from one status to another.", ("from", "to", "why"), told.moves
        )
        yield self._histogram("autopilot_job_wait_seconds", "From due to started.", Measure.WAIT)
        yield self._histogram("autopilot_job_run_seconds", "From the start of an attempt to its end.", Measure.RUN)
        yield _gauge("autopilot_queue_oldest_seconds", "How long the oldest due job has been due.", told.oldest_due)
        fenced = told.notes.get(EventTally.FENCED, 0)
        yield _counter("autopilot_fenced_writes", "Runs refused because another process owned their job.", fenced)

    def _of_people(self) -> Iterator[Metric]:
        told = self._readings
        yield _gauges("autopilot_checkpoints", "Checkpoints by kind and status.", ("kind", "status"), told.checkpoints)
        yield self._histogram("autopilot_checkpoint_decision_seconds", "From asked to decided.", Measure.DECISION)
        denied = told.notes.get(EventTally.FOUR_EYES, 0)
        yield _counter("autopilot_four_eyes_denied", "Decisions refused to who asked or edited last.", denied)

    def _of_the_outside(self) -> Iterator[Metric]:
        told = self._readings
        yield _gauges(
            "autopilot_submissions", "Submissions by portal and status.", ("portal", "status"), told.submissions
        )
        yield _gauge("autopilot_outbox_lag_seconds", "How long the oldest unsent message has waited.", told.outbox_lag)
        # Without any sign of life there is no age: rules use absent().
        name, about = (
            "autopilot_cluster_heartbeat_age_seconds",
            "Since the last sign of life of a process that runs jobs.",
        )
        yield GaugeMetricFamily(name, about) if told.heartbeat_age is None else _gauge(name, about, told.heartbeat_age)

    def _aliases(self) -> Iterator[Metric]:
        told = self._readings
        by_status = _summed(told.jobs, (1,))
        active = by_status.get((JobStatus.RUNNING.value,), 0)
        by_verdict = _summed(told.checkpoints, (1,))
        pending = by_verdict.get((Checkpoint.Status.PENDING.value,), 0)
        yield _gauges("agent_jobs_total", "Jobs by status; ended ones since counting began.", ("status",), by_status)
        yield _gauge("agent_checkpoints_pending", "Checkpoints that a person must decide.", pending)
        yield _gauges("agent_checkpoints_total", "Checkpoints by status.", ("status",), by_verdict)
        yield _gauge("agent_worker_active_jobs", "Jobs that run now.", active)
        total = _together(told.histograms, Measure.TOTAL)
        duration = HistogramMetricFamily("agent_jobs_duration_seconds", "From enqueued to completed.")
        duration.add_metric([], _buckets(total, ALIAS_UPPERS), total.seconds)
        yield duration

    def _histogram(self, name: str, about: str, measure: str) -> Metric:
        family = HistogramMetricFamily(name, about, labels=["worker"])
        for (each, worker), histogram in sorted(self._readings.histograms.items()):
            if each == measure:
                family.add_metric([worker], _buckets(histogram, UPPERS), histogram.seconds)
        return family


def _jobs(stands: queue.Queue, moves: Mapping[tuple[Any, ...], int]) -> dict[tuple[str, str], int]:
    """Return jobs by worker and status: live ones as they stand, ended ones as they came less those that left again."""
    found = dict(stands.live)
    for (worker, source, target, _), count in moves.items():
        if target in FINAL:
            found[worker, target] = found.get((worker, target), 0) + count
        if source in FINAL:
            found[worker, source] = found.get((worker, source), 0) - count
    return found


def _counted(rows: Any) -> dict[tuple[str, str], int]:
    return {(one, other): count for one, other, count in rows.order_by().annotate(total=Count("*"))}


def _summed(sums: Sums, positions: tuple[int, ...]) -> dict[Any, Any]:
    """Return the sums by some parts of their keys alone."""
    found: dict[tuple[Any, ...], float] = {}
    for key, count in sums.items():
        part = tuple(key[position] for position in positions)
        found[part] = found.get(part, 0) + count
    return found


def _together(histograms: Mapping[tuple[str, str], totals.Histogram], measure: str) -> totals.Histogram:
    """Return one histogram of what was measured so, whatever its worker."""
    meant = [histogram for (each, _), histogram in histograms.items() if each == measure]
    bars = {upper: sum(each.bars.get(upper, 0) for each in meant) for upper in UPPERS}
    return totals.Histogram(bars, sum(each.seconds for each in meant))


def _buckets(histogram: totals.Histogram, uppers: Iterable[float]) -> list[tuple[str, float]]:
    """Return the counts up to each bound, as Prometheus adds them up."""
    bounds = ((upper, "+Inf" if upper == UPPERS[-1] else str(upper)) for upper in uppers)
    return [(name, sum(count for each, count in histogram.bars.items() if each <= upper)) for upper, name in bounds]


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _counter(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(name, about, value=value)


def _gauges(name: str, about: str, labels: tuple[str, ...], sums: Sums) -> Metric:
    return _labeled(GaugeMetricFamily(name, about, labels=labels), sums)


def _counters(name: str, about: str, labels: tuple[str, ...], sums: Sums) -> Metric:
    return _labeled(CounterMetricFamily(name, about, labels=labels), sums)


def _labeled(family: GaugeMetricFamily | CounterMetricFamily, sums: Sums) -> Metric:
    for key, value in sorted(sums.items()):
        family.add_metric([str(part) for part in key], value)
    return family
