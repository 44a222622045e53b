"""What the house promises, and how far it keeps it: objectives are data, declared by the apps in `objectives.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef

from autopilot import clock
from autopilot.engine import registry
from autopilot.models import Checkpoint, DurationTally, Job, JobStatus
from autopilot.models.tallies import hour_of
from autopilot.reports.alerts import REJECTED
from autopilot.reports.totals import Bars, bars, moves
from autopilot.tallies import UPPERS

WINDOW = timedelta(days=7)
Measure = DurationTally.Measure
ENDED = (JobStatus.COMPLETED, JobStatus.FAILED)
Ended = Mapping[tuple[Any, ...], int]


@dataclass(frozen=True)
class Objective:
    """One promise.

    `kinds` are those it is about, every kind if empty. With `measure` and `within`, a job keeps it by taking no longer;
    without, by being completed and not failing. `target` is the share of jobs that must keep it.
    """

    name: str
    promise: str
    kinds: tuple[str, ...]
    target: float
    measure: str = ""
    within: timedelta = timedelta(0)


class State(StrEnum):
    """How an objective stands."""

    KEPT = "kept"
    MISSED = "missed"
    QUIET = "quiet"
    NO_WORK = "no_work"


@dataclass(frozen=True)
class Standing:
    """An objective, and how many of the jobs in its window kept it."""

    objective: Objective
    state: State
    kept: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        """The share of jobs that kept it; None without any."""
        return self.kept / self.of if self.of else None


_objectives: dict[str, Objective] = {}


def declare(objective: Objective) -> Objective:
    """Register a promise under its name, in place of one of the same name.

    Raises ValueError for a target that is no share, and for a time that no bar of the histograms ends at.
    """
    if not 0 < objective.target <= 1:
        raise ValueError(f"The target of {objective.name} must be above 0 and at most 1.")
    if objective.measure and objective.within.total_seconds() not in UPPERS:
        raise ValueError(f"{objective.name} must be within one of {', '.join(map(str, UPPERS[:-1]))} seconds.")
    _objectives[objective.name] = objective
    return objective


def declared() -> list[Objective]:
    """Return every objective, in the order in which they were declared."""
    return list(_objectives.values())


def standings(ended: Ended, objectives: Iterable[Objective] | None = None) -> list[Standing]:
    """Return how far each objective was kept within the window; `ended` says what ended in it, as `ended_since` does."""
    asked = declared() if objectives is None else list(objectives)
    since = window_start()
    lengths = _lengths([each for each in asked if each.measure], since)
    counts = _by_kind(ended)
    return [_standing(each, counts, lengths, since) for each in asked]


def window_start() -> datetime:
    """Return the beginning of the hour seven days ago."""
    return hour_of(clock.now() - WINDOW)


def ended_since(start: datetime) -> Ended:
    """Return how many jobs completed and failed since then, by hour, kind, status and why."""
    return moves("hour", "kind", "to_status", "why", since=start, targets=ENDED)


def _standing(
    objective: Objective,
    ended: Mapping[tuple[str, bool], int],
    lengths: Mapping[tuple[Any, ...], Bars],
    since: datetime,
) -> Standing:
    known = set(objective.kinds) & set(registry.kinds())
    if objective.kinds and not known:
        return Standing(objective, State.NO_WORK)
    kept, of = _timed(objective, lengths, since) if objective.measure else _completed(objective, ended)
    if not of:
        return Standing(objective, State.QUIET)
    return Standing(objective, State.KEPT if kept / of >= objective.target else State.MISSED, kept, of)


def _lengths(timed: Sequence[Objective], since: datetime) -> dict[tuple[Any, ...], Bars]:
    """Return the bars of what these objectives are about, by kind and measure."""
    meant: dict[str, Any] = {"measure__in": {each.measure for each in timed}}
    if all(each.kinds for each in timed):
        meant["kind__in"] = {kind for each in timed for kind in each.kinds}
    return bars("kind", "measure", since=since, **meant) if timed else {}


def _by_kind(ended: Ended) -> dict[tuple[str, bool], int]:
    """Return how many jobs ended by kind and whether they completed; those a person rejected are left out."""
    found: dict[tuple[str, bool], int] = {}
    for (_, kind, target, why), count in ended.items():
        if why != REJECTED:
            key = (kind, target == JobStatus.COMPLETED)
            found[key] = found.get(key, 0) + count
    return found


def _completed(objective: Objective, ended: Mapping[tuple[str, bool], int]) -> tuple[int, int]:
    meant = {key: count for key, count in ended.items() if not objective.kinds or key[0] in objective.kinds}
    return sum(count for (_, completed), count in meant.items() if completed), sum(meant.values())


def _timed(objective: Objective, lengths: Mapping[tuple[Any, ...], Bars], since: datetime) -> tuple[int, int]:
    """Count those that are through, and as missed those that are not although their time is up."""
    limit = objective.within.total_seconds()
    meant = [bars for (kind, measure), bars in lengths.items() if _is_meant(objective, kind, measure)]
    kept = sum(count for bars in meant for upper, count in bars.items() if upper <= limit)
    return kept, sum(sum(bars.values()) for bars in meant) + _late(objective, since)


def _is_meant(objective: Objective, kind: str, measure: str) -> bool:
    return measure == objective.measure and (not objective.kinds or kind in objective.kinds)


def _late(objective: Objective, since: datetime) -> int:
    late = Job.objects.live().filter(created_at__gte=since, created_at__lt=clock.now() - objective.within)
    if objective.kinds:
        late = late.filter(kind__in=objective.kinds)
    if objective.measure == Measure.HANDLING:
        asked = Checkpoint.objects.filter(job=OuterRef("pk"), kind=Checkpoint.Kind.APPROVAL_REQUIRED)
        late = late.exclude(Exists(asked))
    return late.count()
