"""When a schedule runs: cron on the wall clock of an IANA time zone, safe across every change of that clock.

The library `cronsim` reads the expression and walks the calendar, on bare wall-clock times only: given a zone it loses
slots where clocks change by half an hour (Australia/Lord_Howe) and can walk in a circle for ever (Pacific/Chatham).
How a wall-clock time becomes a moment is decided here, as Debian's cron does it:

* **Fixed times** (neither minute nor hour begins with a star): every matching wall-clock time runs once. A time that
  the spring change skips runs at the end of the gap (02:30 at 03:00); if that is the next date already, in the last
  minute before the gap, so that each date keeps its run; a date that the zone skips as a whole has none. A time that
  the autumn change repeats runs the first time.
* **Every so often** (minute or hour begins with a star): it runs whenever the wall clock shows a matching time, so twice
  in a repeated hour and never in a skipped one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
# Shorter than any offset lasted in any zone, so that no two changes hide between two looks.
GLANCE = timedelta(hours=6)
HOW_TO = 'Write minute, hour, day of month, month, day of week, as "30 2 * * *" (02:30 every day) or "0 6 L * *".'


def next_slot(cron: str, zone: str, after: datetime) -> datetime:
    """Return the first moment, in UTC, at which the schedule runs and which is later than `after`.

    `cron`: five fields. `zone`: an IANA name. `after`: aware. Raises ValueError, which says what to write.
    """
    find = _next_fixed if _is_fixed(cron) else _next_recurring
    slot = find(cron, _zone(zone), _aware(after).astimezone(UTC).replace(microsecond=0))
    if slot is None:
        raise ValueError(f"{cron!r} never comes: no date of fifty years fits it. {HOW_TO}")
    return slot


def latest_missed(cron: str, zone: str, *, since: datetime, until: datetime) -> datetime | None:
    """Return the last slot later than `since` and not later than `until`, in UTC; None if there was none.

    However many slots passed while nobody looked, this is the one to catch up with; finding it takes some forty looks.
    Raises ValueError as `next_slot` does.
    """
    slot, end = next_slot(cron, zone, since), _aware(until)
    if slot > end:
        return None
    while end - slot > SECOND:
        middle = slot + (end - slot) / 2
        later = next_slot(cron, zone, middle)
        slot, end = (later, end) if later <= end else (slot, middle)
    return slot


def check_cron(cron: str, zone: str) -> None:
    """Raise ValueError, which says what to write, unless the schedule and the zone can be read and the schedule comes."""
    next_slot(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))


def _next_fixed(cron: str, zone: ZoneInfo, start: datetime) -> datetime | None:
    moments = (_moment(wall, zone) for wall in _walls(cron, _shown(start, zone)))
    return next((moment for moment in moments if moment and moment > start), None)


def _next_recurring(cron: str, zone: ZoneInfo, start: datetime) -> datetime | None:
    """Look for the next matching wall-clock time under one offset after the other."""
    while True:
        offset = _offset(start + SECOND, zone)
        wall = next(_walls(cron, (start + offset).replace(tzinfo=None)), None)
        if wall is None:
            return None
        slot = wall.replace(tzinfo=UTC) - offset
        change = _change(zone, start + SECOND, slot)
        if change is None:
            return slot
        start = change - SECOND


def _moment(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment at which a fixed time runs; None if the zone skips its whole date."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if _shown(moment, zone) == wall:
        return moment
    # A skipped time, read with the offset before the gap, lies after the change; with the offset after it, before.
    end_of_gap = _change(zone, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment) or moment
    candidates = (end_of_gap, end_of_gap - MINUTE)
    return next((each for each in candidates if _shown(each, zone).date() == wall.date()), None)


def _change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime | None:
    """Return the first moment after `start`, up to `end`, with another offset than at `start`; None if there is none."""
    offset = _offset(start, zone)
    while start < end:
        glance = min(start + GLANCE, end)
        if _offset(glance, zone) != offset:
            return _bisected(zone, start, glance)
        start = glance
    return None


def _bisected(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second of the offset that holds at `after`, given another one at `before`."""
    offset = _offset(before, zone)
    while after - before > SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _walls(cron: str, after: datetime) -> Iterator[datetime]:
    """Yield the matching wall-clock times later than `after`."""
    if len(cron.split()) != 5:
        raise ValueError(f"{cron!r} is no schedule of five fields. {HOW_TO}")
    try:
        simulation = CronSim(cron, after)
    except (CronSimError, ValueError) as error:
        raise ValueError(f"{cron!r} cannot be read: {error}. {HOW_TO}") from error
    return iter(simulation)


def _is_fixed(cron: str) -> bool:
    return not any(field.startswith("*") for field in cron.split()[:2])


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the wall clock shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("Slots are looked for between aware datetimes; this one has no time zone.")
    return moment


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'{zone!r} is no time zone. Write an IANA name, as "America/New_York" or "UTC".') from error
