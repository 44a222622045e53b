"""Count each event once: a cursor moves over the events, in one transaction with the sums it adds to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from autopilot import clock
from autopilot.models import DurationTally, Event, EventTally, TallyCursor
from autopilot.models.tallies import BEFORE, hour_of
from autopilot.tallies.measures import measured, with_previous

CURSOR = "events"
BATCH = 500
LAG = timedelta(seconds=60)
HOURS_KEPT = timedelta(days=8)
FOLDED_AT_ONCE = 1000

Sums = dict[tuple[Any, ...], list[float]]
KEYS: dict[type[Model], tuple[str, ...]] = {
    EventTally: ("hour", "worker", "kind", "from_status", "to_status", "why"),
    DurationTally: ("hour", "worker", "kind", "measure", "upper"),
}
AMOUNTS: dict[type[Model], tuple[str, ...]] = {EventTally: ("count",), DurationTally: ("count", "seconds")}

# A transaction that writes has a number; one that only reads, as a backup, holds nothing up, nor does the server's own.
OLDEST_WRITER = """SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()"""


def position() -> int:
    """Return the number of the last event that is counted."""
    return TallyCursor.objects.get_or_create(name=CURSOR)[0].position


def count_events() -> int:
    """Count the next batch of events and durations; returns how many events: fewer than BATCH if no more are ripe.

    An event is counted once, whoever counts at the same time and wherever they die: the cursor moves from where it was
    read, or nothing is added. An event is ripe a minute after it happened, and on PostgreSQL not before every
    transaction has ended that may still bring one with a lower number.
    """
    with transaction.atomic():
        start = position()
        horizon = _horizon()
        rows = with_previous(Event.objects.filter(pk__gt=start)).order_by("pk")[:BATCH]
        events = list(takewhile(lambda event: event.at <= horizon, rows))
        if not events or not _advance(start, events[-1].pk):
            return 0
        _add(EventTally, _moves(events))
        _add(DurationTally, _durations(events))
    return len(events)


def fold_old_hours() -> int:
    """Add up, under one hour long ago, what is older than eight days; returns how many rows went into it.

    So totals never shrink, and the tables stay as small as eight days of hours.
    """
    with transaction.atomic():
        # Whoever holds the cursor's row is the only one who adds to tallies.
        if not TallyCursor.objects.filter(name=CURSOR).update(at=clock.now()):
            return 0
        return sum(_fold(model) for model in KEYS)


def _horizon() -> datetime:
    """Return up to when events are ripe."""
    now = clock.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(OLDEST_WRITER)
            oldest = cursor.fetchone()[0]
        now = now if oldest is None else min(now, oldest + clock.shift())
    return now - LAG


def _advance(start: int, end: int) -> bool:
    """Move the cursor if nobody else has meanwhile; its row is locked then until the transaction ends."""
    return bool(TallyCursor.objects.filter(name=CURSOR, position=start).update(position=end, at=clock.now()))


def _moves(events: Sequence[Event]) -> Sums:
    keys = (
        (hour_of(each.at), each.job.worker, each.job.kind, each.from_status, each.to_status, each.why)
        for each in events
        if each.from_status != each.to_status
    )
    return _summed((key, (1,)) for key in keys)


def _durations(events: Sequence[Event]) -> Sums:
    return _summed(
        (
            (hour_of(each.event.at), each.event.job.worker, each.event.job.kind, each.measure, each.upper),
            (1, each.seconds),
        )
        for each in measured(events)
    )


def _summed(amounts: Iterable[tuple[tuple[Any, ...], Sequence[float]]]) -> Sums:
    sums: Sums = {}
    for key, added in amounts:
        so_far = sums.get(key, [0] * len(added))
        sums[key] = [one + other for one, other in zip(so_far, added, strict=True)]
    return sums


def _add(model: type[Model], sums: Mapping[tuple[Any, ...], list[float]]) -> None:
    """Add to the rows of these keys, and make those that are missing."""
    names, amounts = KEYS[model], AMOUNTS[model]
    hours = {key[0] for key in sums}
    stored = model._default_manager.filter(hour__in=hours).values_list(*names, *amounts)
    known = {tuple(row[: len(names)]): row[len(names) :] for row in stored}
    rows = [
        model(**dict(zip(names, key, strict=True)), **dict(zip(amounts, _plus(added, known.get(key)), strict=True)))
        for key, added in sums.items()
    ]
    model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=names, update_fields=amounts)


def _plus(added: list[float], known: Sequence[float] | None) -> list[float]:
    return added if known is None else [one + other for one, other in zip(added, known, strict=True)]


def _fold(model: type[Model]) -> int:
    names, amounts = KEYS[model], AMOUNTS[model]
    old = model._default_manager.filter(hour__gt=BEFORE, hour__lt=hour_of(clock.now() - HOURS_KEPT))
    rows = list(old.values_list("pk", *names, *amounts)[:FOLDED_AT_ONCE])
    kept = len(names) + 1
    _add(model, _summed(((BEFORE, *row[2:kept]), row[kept:]) for row in rows))
    model._default_manager.filter(pk__in=[row[0] for row in rows]).delete()
    return len(rows)
