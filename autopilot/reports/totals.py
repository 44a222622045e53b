"""How often what happened: the tallies, and the events that are not in them yet, as of one moment."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncHour

from autopilot.models import DurationTally, Event, EventTally, TallyCursor
from autopilot.models.tallies import BEFORE
from autopilot.tallies import CURSOR

# What two minutes bring at forty events a second. Beyond, figures are behind by minutes instead of becoming slow.
LONGEST_TAIL = 5_000

Bars = dict[float, int]


@dataclass(frozen=True)
class Histogram:
    """Counts by the upper bounds of their bars, and all durations added up."""

    bars: Bars
    seconds: float


def moves(*by: str, since: datetime = BEFORE, targets: Collection[str] = ()) -> Counter[tuple[Any, ...]]:
    """Return how many jobs moved, by what they are to be told apart by.

    `by` names some of hour, worker, kind, from_status, to_status and why; `since` is the beginning of an hour;
    `targets` are the statuses moved to, all of them if empty. Tallies and tail are read in one statement, so that no
    event is missing or there twice while the counting goes on.
    """
    narrowed: dict[str, Any] = {"to_status__in": tuple(targets)} if targets else {}
    tallied = EventTally.objects.filter(hour__gte=since, **narrowed).exclude(to_status="")
    counted = tallied.order_by().values(*by).annotate(total=Sum("count"))
    recent = _tail().filter(at__gte=since, **narrowed).order_by().values(*by).annotate(total=Count("*"))
    found: Counter[tuple[Any, ...]] = Counter()
    for row in counted.union(recent, all=True):
        found[tuple(row[name] for name in by)] += row["total"]
    return found


def notes() -> Mapping[str, int]:
    """Return how often what leaves no event was noted."""
    rows = EventTally.objects.filter(to_status="").order_by().values_list("why")
    return dict(rows.annotate(Sum("count")))


def bars(*by: str, since: datetime = BEFORE, **where: Any) -> dict[tuple[Any, ...], Bars]:
    """Return the bars of durations, by what they are to be told apart by: hour, worker, kind, measure."""
    rows = DurationTally.objects.filter(hour__gte=since, **where).order_by().values_list(*by, "upper")
    found: dict[tuple[Any, ...], Bars] = {}
    for *key, upper, count in rows.annotate(Sum("count")):
        found.setdefault(tuple(key), {})[upper] = count
    return found


def histograms() -> dict[tuple[str, str], Histogram]:
    """Return every duration ever counted, by measure and worker."""
    rows = DurationTally.objects.order_by().values_list("measure", "worker", "upper")
    found: dict[tuple[str, str], Histogram] = {}
    for measure, worker, upper, count, seconds in rows.annotate(Sum("count"), Sum("seconds")):
        histogram = found.setdefault((measure, worker), Histogram({}, 0.0))
        found[measure, worker] = Histogram(histogram.bars | {upper: count}, histogram.seconds + seconds)
    return found


def _tail() -> QuerySet[Event]:
    """Return the moves that no tally holds yet."""
    position = Coalesce(Subquery(TallyCursor.objects.filter(name=CURSOR).values("position")[:1]), 0)
    later = Event.objects.filter(pk__gt=position)
    # Numbers have gaps, so the events are counted, not their numbers.
    end = Subquery(later.order_by("pk").values("pk")[LONGEST_TAIL - 1 : LONGEST_TAIL])
    later = later.filter(pk__lte=Coalesce(end, BigIntegerField.MAX_BIGINT))
    told = {"hour": TruncHour("at", tzinfo=UTC), "worker": F("job__worker"), "kind": F("job__kind")}
    return later.exclude(from_status=F("to_status")).annotate(**told)
