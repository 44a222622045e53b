"""What is wrong now: each alert says it in a sentence, and which rows are meant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet

from autopilot import clock
from autopilot.models import Checkpoint, Job, JobStatus, OutboxMessage, Worker
from autopilot.reports.lengths import spoken
from autopilot.reports.queue import Cluster, Queue, Running

REJECTED = "rejected"
# A person's rejection ends a job as it should; every other failure is one.
FAILURES = ("attempts_exhausted", "crash_loop", "deadline", "expired", "invalid", "start_by_passed")
DAY = timedelta(days=1)
MANY_ATTEMPTS = 3
MOST_NAMED = 20


@dataclass(frozen=True)
class Alert:
    """Something that is wrong.

    `level` is fail or warn, `label` its name in a list of several, `subject` the model and `query` the filters of what
    is meant.
    """

    name: str
    level: str
    label: str
    title: str
    advice: str
    subject: str
    query: dict[str, str] = field(default_factory=dict)


def find_alerts(queue: Queue, cluster: Cluster) -> list[Alert]:
    """Return what is wrong now, the worst first; every threshold is one that must be passed, not reached."""
    now, workers = clock.now(), list(Worker.objects.all())
    found = [
        *_silent(cluster, now),
        *_failed(workers, now),
        *_deep(queue.due, workers, now),
        *_long(queue.running, workers),
        *_crashed(now),
        *_overdue(now),
        *_unsent(now),
    ]
    return sorted(found, key=lambda alert: alert.level != "fail")


def _silent(cluster: Cluster, now: datetime) -> Iterator[Alert]:
    advice = "No job is run without one. Start it with “manage.py autopilot”, or look at its log."
    if cluster.seen_at is None:
        yield Alert(
            "cluster", "warn", "cluster", "No cluster has reported itself since yesterday.", advice, "clusterheartbeat"
        )
    elif now - cluster.seen_at > settings.ALERT_CLUSTER_SILENT:
        silence = spoken((now - cluster.seen_at).total_seconds())
        title = f"No cluster has given a sign of life for {silence}."
        yield Alert("cluster", "fail", "cluster", title, advice, "clusterheartbeat")


def _failed(workers: Sequence[Worker], now: datetime) -> Iterator[Alert]:
    since = now - settings.ALERT_FAILED_WINDOW
    rows = failed_since(since).order_by().values_list("worker").annotate(total=Count("*"))
    window = spoken(settings.ALERT_FAILED_WINDOW.total_seconds())
    for worker, count, limit in _passed(dict(rows), _own(workers, "alert_failed"), settings.ALERT_FAILED):
        title = f"{_jobs(count)}{_of(worker)} failed within {window}."
        query = {"status__exact": "failed", "reason__in": ",".join(FAILURES), "finished_at__gte": since.isoformat()}
        advice = f"More than {limit} is an alert. What do their errors have in common?"
        yield Alert("failed", "fail", "failures", title, advice, "job", query | _only(worker))


def _deep(due: Mapping[str, int], workers: Sequence[Worker], now: datetime) -> Iterator[Alert]:
    for worker, count, limit in _passed(due, _own(workers, "alert_depth"), settings.ALERT_DEPTH):
        title = f"{_jobs(count)}{_of(worker)} {'is' if count == 1 else 'are'} due and not started."
        query = {"status__exact": "pending", "held_at__isnull": "True", "scheduled_for__lte": now.isoformat()}
        advice = f"More than {limit} is an alert. Is a worker paused, or are there too few processes?"
        yield Alert("depth", "fail", "depth", title, advice, "job", query | _only(worker))


def _long(running: Sequence[Running], workers: Sequence[Worker]) -> Iterator[Alert]:
    own, general = _own(workers, "alert_run_seconds"), settings.ALERT_RUN.total_seconds()
    long = [each for each in running if each.seconds > own.get(each.worker, general)]
    if long:
        title = (
            f"{_jobs(len(long))} {'runs' if len(long) == 1 else 'run'} for longer than {_limits(long, own, general)}."
        )
        advice = f"{long[0].kind} has been running for {spoken(long[0].seconds)}."
        query = {"status__exact": "running", "id__in": ",".join(each.id for each in long[:MOST_NAMED])}
        yield Alert("run", "fail", "run time", title, advice, "job", query)


def _crashed(now: datetime) -> Iterator[Alert]:
    since = now - DAY
    count = failed_since(since).filter(reason="crash_loop").count()
    if count:
        title = (
            f"{_jobs(count)} {'was' if count == 1 else 'were'} set aside since yesterday: their processes kept dying."
        )
        query = {"status__exact": "failed", "reason__exact": "crash_loop", "finished_at__gte": since.isoformat()}
        advice = "Read what each was doing before it is requeued; it may end its process again."
        yield Alert("crashed", "warn", "crashes", title, advice, "job", query)


def _overdue(now: datetime) -> Iterator[Alert]:
    count = Checkpoint.objects.pending().filter(due_at__lt=now).count()
    if count:
        title = f"{count} {'review is' if count == 1 else 'reviews are'} overdue."
        advice = "Their jobs wait until somebody decides."
        yield Alert("overdue", "warn", "overdue reviews", title, advice, "checkpoint", {"due_at__lt": now.isoformat()})


def _unsent(now: datetime) -> Iterator[Alert]:
    waiting = OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING, attempts__gte=MANY_ATTEMPTS).count()
    if waiting:
        title = f"{waiting} {'message does' if waiting == 1 else 'messages do'} not leave, after {MANY_ATTEMPTS} attempts or more."
        query = {"status__exact": "pending", "attempts__gte": str(MANY_ATTEMPTS)}
        yield Alert("unsent", "warn", "unsent messages", title, "Does the mail server answer?", "outboxmessage", query)
    since = now - DAY
    lost = given_up_since(since).count()
    if lost:
        title = f"{lost} {'message was' if lost == 1 else 'messages were'} given up since yesterday."
        query = {"status__exact": "failed", "next_attempt_at__gte": since.isoformat()}
        yield Alert(
            "given_up",
            "warn",
            "messages given up",
            title,
            "They are not sent again by themselves.",
            "outboxmessage",
            query,
        )


def failed_since(since: datetime) -> QuerySet[Job]:
    """Return the jobs that have failed since then, and still stand there, other than by a person's rejection."""
    return Job.objects.filter(status=JobStatus.FAILED, finished_at__gte=since).exclude(reason=REJECTED)


def given_up_since(since: datetime) -> QuerySet[OutboxMessage]:
    """Return the messages that nobody tries to send any more, and that were tried last since then."""
    return OutboxMessage.objects.filter(status=OutboxMessage.Status.FAILED, next_attempt_at__gte=since)


def _passed(counts: Mapping[str, int], own: Mapping[str, int], general: int) -> Iterator[tuple[str, int, int]]:
    """Yield worker, count and threshold where one is passed; those without their own are counted together as ""."""
    together = sum(count for worker, count in counts.items() if worker not in own)
    each = [("", together, general), *((worker, counts.get(worker, 0), limit) for worker, limit in own.items())]
    return ((worker, count, limit) for worker, count, limit in each if count > limit)


def _own(workers: Sequence[Worker], threshold: str) -> dict[str, int]:
    return {each.name: getattr(each, threshold) for each in workers if getattr(each, threshold) is not None}


def _limits(long: Sequence[Running], own: Mapping[str, int], general: float) -> str:
    limits = {own.get(each.worker, general) for each in long}
    return spoken(limits.pop()) if len(limits) == 1 else "their workers allow"


def _only(worker: str) -> dict[str, str]:
    return {"worker": worker} if worker else {}


def _of(worker: str) -> str:
    return f" of the worker {worker}" if worker else ""


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"
