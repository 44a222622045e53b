"""What the events of jobs tell about durations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from autopilot.models import FINAL, Attempt, Checkpoint, DurationTally, Event, JobStatus
from autopilot.tallies.bars import upper_of

Measure = DurationTally.Measure
# After these the job may have been due later than they happened, and only its row knows.
DELAYING = {"enqueue", "snooze", "retry", "deadline"}
# Attempts carry the database's time, checkpoints that of a host.
SKEW = timedelta(seconds=2)


@dataclass(frozen=True)
class Measured:
    """One duration that ended with an event."""

    event: Event
    measure: str
    seconds: float
    upper: float


def with_previous(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return the events, each with its job and with what its job's event before it said."""
    before = Event.objects.filter(job=OuterRef("job"), seq=OuterRef("seq") - 1)
    told = {f"previous_{name}": Subquery(before.values(name)[:1]) for name in ("at", "why", "detail")}
    return events.select_related("job").annotate(**told)


def measured(events: Sequence[Event]) -> list[Measured]:
    """Return every duration that ends with one of these events, which come from `with_previous`."""
    facts = Facts(events)
    return [each for event in events for each in _of(event, facts)]


class Facts:
    """What is known about the jobs of some events beyond the events."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.attempts = _attempts(events)
        self.asked = _asked(events)
        self.decided = _decided(events)
        self.ended = _ended(events)


def _of(event: Event, facts: Facts) -> Iterator[Measured]:
    attempt = facts.attempts.get((event.job_id, event.epoch))
    if event.why == "claim" and (due := _due(event)) is not None:
        yield _measured(event, Measure.WAIT, event.at - due)
    if _leaves_running(event) and attempt is not None and attempt.finished_at is not None:
        yield _measured(event, Measure.RUN, attempt.finished_at - attempt.started_at)
    if event.to_status == JobStatus.COMPLETED:
        yield _measured(event, Measure.TOTAL, event.at - event.job.created_at)
    if event.why == "decision" and (decided := _last_decided(event, facts)) is not None:
        yield _measured(event, Measure.DECISION, (decided.decided_at or event.at) - decided.created_at)
    yield from _handled(event, facts, attempt)


def _handled(event: Event, facts: Facts, attempt: Attempt | None) -> Iterator[Measured]:
    """Yield how long a job took to ask a person for the first time, or to end without; failed before, it never did."""
    asked = facts.asked.get(event.job_id)
    if asked is not None and asked <= event.at:
        if event.why == "suspend" and attempt is not None and attempt.started_at <= asked + SKEW:
            yield _measured(event, Measure.HANDLING, asked - event.job.created_at)
    elif facts.ended.get(event.job_id) == event.seq:
        if event.to_status == JobStatus.COMPLETED:
            yield _measured(event, Measure.HANDLING, event.at - event.job.created_at)
        elif event.to_status == JobStatus.FAILED:
            yield Measured(event, Measure.HANDLING, (event.at - event.job.created_at).total_seconds(), inf)


def _measured(event: Event, measure: str, length: timedelta) -> Measured:
    # Two hosts' clocks may differ by more than something took.
    seconds = max(0.0, length.total_seconds())
    return Measured(event, measure, seconds, upper_of(seconds))


def _due(claim: Event) -> datetime | None:
    """Return since when a claimed job could have been claimed; None if that is not known any more."""
    told: dict[str, Any] = vars(claim)
    before: datetime | None = told["previous_at"]
    scheduled = claim.job.scheduled_for
    if before is None:
        return None
    if scheduled <= claim.at:
        # Later changes put it later than the claim: this is what it was then.
        return max(before, scheduled)
    delay = (told["previous_detail"] or {}).get("delay_seconds")
    if delay is not None:
        return before + timedelta(seconds=float(delay))
    return None if told["previous_why"] in DELAYING else before


def _leaves_running(event: Event) -> bool:
    return event.from_status == JobStatus.RUNNING and event.to_status != JobStatus.RUNNING


def _last_decided(event: Event, facts: Facts) -> Checkpoint | None:
    earlier = [each for each in facts.decided.get(event.job_id, []) if (each.decided_at or event.at) <= event.at]
    return max(earlier, key=lambda each: each.decided_at or event.at, default=None)


def _attempts(events: Sequence[Event]) -> dict[tuple[UUID, int], Attempt]:
    jobs = {event.job_id for event in events if _leaves_running(event)}
    rows = Attempt.objects.filter(job_id__in=jobs).only("job_id", "epoch", "started_at", "finished_at")
    return {(row.job_id, row.epoch): row for row in rows}


def _asked(events: Sequence[Event]) -> dict[UUID, datetime]:
    """Return when a person was first asked to approve something of a job."""
    jobs = {event.job_id for event in events if event.why == "suspend" or event.to_status in FINAL}
    asked = Checkpoint.objects.filter(job_id__in=jobs, kind=Checkpoint.Kind.APPROVAL_REQUIRED)
    return dict(asked.order_by().values_list("job_id").annotate(Min("created_at")))


def _decided(events: Sequence[Event]) -> dict[UUID, list[Checkpoint]]:
    jobs = {event.job_id for event in events if event.why == "decision"}
    found: dict[UUID, list[Checkpoint]] = {}
    rows = Checkpoint.objects.filter(job_id__in=jobs, decided_at__isnull=False).exclude(kind=Checkpoint.Kind.INFO)
    for row in rows.order_by().only("job_id", "created_at", "decided_at"):
        found.setdefault(row.job_id, []).append(row)
    return found


def _ended(events: Sequence[Event]) -> dict[UUID, int]:
    """Return the number of the event with which a job ended for the first time."""
    jobs = {event.job_id for event in events if event.to_status in FINAL}
    ends = Event.objects.filter(job_id__in=jobs, to_status__in=FINAL).exclude(from_status=F("to_status"))
    return dict(ends.order_by().values_list("job_id").annotate(Min("seq")))
