"""Sessions: made of the weekly rules of a cohort, and added, moved or cancelled one by one.

A session that the rules made remembers the day and hour they named. So they can be applied again at any time: what was
moved or cancelled is not made a second time. Where students were recorded, nothing is changed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from autopilot import audit, clock
from programs import calendars
from programs.models import Closure, Cohort, CohortStatus, Holder, Session, SessionRule

MOST_RULES = 21
MOST_CLOSURES = 500
Held = Callable[[Collection[UUID]], set[UUID]]
_held: list[Held] = []


@dataclass(frozen=True, order=True)
class Slot:
    """When a cohort meets every week: the day (0 is Monday) and its hours, in the cohort's time zone."""

    weekday: int
    starts_at: time
    ends_at: time


@dataclass(frozen=True)
class Generated:
    """What applying the rules has changed: numbers of sessions."""

    made: int
    removed: int
    adjusted: int


def keep_held(tell: Held) -> Held:
    """Register a function that returns which of some sessions (ids) nobody may change, since students were recorded."""
    _held.append(tell)
    return tell


def held_among(ids: Collection[UUID]) -> set[UUID]:
    """Return which of some sessions nobody may change: they are locked, or students were recorded."""
    locked = set(Session.objects.filter(pk__in=ids, locked_at__isnull=False).values_list("pk", flat=True))
    return locked.union(*(tell(ids) for tell in _held))


@transaction.atomic
def set_rules(cohort: Cohort, *, slots: Sequence[Slot], by: User) -> Generated:
    """Let a cohort meet at these slots, and make its sessions of them; raises ValidationError for slots that overlap."""
    _require_running(cohort)
    slots = sorted(set(slots))
    _check_slots(slots)
    SessionRule.objects.filter(cohort=cohort).delete()
    SessionRule.objects.bulk_create(
        SessionRule(cohort=cohort, weekday=slot.weekday, starts_at=slot.starts_at, ends_at=slot.ends_at)
        for slot in slots
    )
    audit.record(by, "programs.cohort.rules_set", cohort, slots=len(slots))
    return generate_sessions(cohort)


@transaction.atomic
def generate_sessions(cohort: Cohort) -> Generated:
    """Apply a cohort's rules: make what they name and is not there, remove what they name no more.

    Left out are the days on which the holder does not teach. Left alone are sessions with recorded students, and those
    that were added, moved or cancelled by hand. To do it again changes nothing.
    """
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    wanted = _wanted(cohort)
    made_before = {
        (each.rule_date, each.rule_starts_at): each for each in cohort.sessions.filter(rule_date__isnull=False)
    }
    held = held_among([each.pk for each in made_before.values()])
    free = {
        slot: each
        for slot, each in made_before.items()
        if each.pk not in held and each.cancelled_at is None and not each.is_moved
    }
    gone = [each.pk for slot, each in free.items() if slot not in wanted]
    Session.objects.filter(pk__in=gone).delete()
    adjusted = [_adjust(each, wanted[slot]) for slot, each in free.items() if slot in wanted]
    taken = _Taken(cohort)
    new = [each for slot, each in wanted.items() if slot not in made_before and taken.has_room_for(each)]
    Session.objects.bulk_create(new)
    return Generated(len(new), len(gone), sum(adjusted))


@transaction.atomic
def add_session(cohort: Cohort, *, day: date, starts_at: time, ends_at: time, by: User, topic: str = "") -> Session:
    """Add a meeting beside the rules; raises ValidationError where it overlaps another one of the cohort."""
    _require_running(cohort)
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    session = _session(cohort, day, starts_at, ends_at)
    session.topic = topic
    _check(session)
    session.save(force_insert=True)
    audit.record(by, "programs.session.added", session)
    return session


@transaction.atomic
def move_session(
    session: Session, *, day: date, starts_at: time, ends_at: time, by: User, topic: str | None = None
) -> None:
    """Hold a meeting at another time; raises ValidationError where it overlaps, is cancelled or has recorded students."""
    Cohort.objects.select_for_update().get(pk=session.cohort_id)
    _require_free(session)
    session.date, session.starts_at, session.ends_at = day, starts_at, ends_at
    session.hours = _hours(session.cohort, day, starts_at, ends_at)
    session.topic = session.topic if topic is None else topic
    _check(session)
    session.save(update_fields=["date", "starts_at", "ends_at", "hours", "topic"])
    audit.record(by, "programs.session.moved", session)


@transaction.atomic
def cancel_session(session: Session, *, by: User) -> None:
    """Cancel a meeting; it is not made again. Raises ValidationError where it has recorded students."""
    _require_free(session)
    Session.objects.filter(pk=session.pk, cancelled_at=None).update(cancelled_at=clock.now())
    session.refresh_from_db()
    audit.record(by, "programs.session.cancelled", session)


@transaction.atomic
def close_day(holder: Holder, *, day: date, name: str, by: User) -> Closure:
    """Note a day on which a holder does not teach, and take its sessions away; raises ValidationError by field."""
    if holder.closures.count() >= MOST_CLOSURES:
        raise ValidationError(f"Keep at most {MOST_CLOSURES} days; remove old ones.", code="too_many")
    closure = Closure(holder=holder, date=day, name=name)
    closure.full_clean()
    closure.save()
    audit.record(by, "programs.closure.added", closure)
    _generate_around(holder, day)
    return closure


@transaction.atomic
def close_holidays(holder: Holder, *, year: int, by: User) -> int:
    """Note the federal holidays of a year that a holder has not noted yet; returns how many."""
    known = set(holder.closures.values_list("date", flat=True))
    new = [(day, name) for day, name in calendars.federal_holidays(year).items() if day not in known]
    for day, name in new:
        close_day(holder, day=day, name=name, by=by)
    return len(new)


@transaction.atomic
def reopen_day(closure: Closure, *, by: User) -> None:
    """Teach on a day after all; its sessions are made again."""
    holder, day = closure.holder, closure.date
    audit.record(by, "programs.closure.removed", closure)
    closure.delete()
    _generate_around(holder, day)


class _Taken:
    """The hours of a cohort that sessions have already."""

    def __init__(self, cohort: Cohort) -> None:
        self._spans: dict[date, list[tuple[time, time]]] = {}
        self._starts = set(cohort.sessions.values_list("date", "starts_at"))
        for day, starts_at, ends_at in cohort.sessions.filter(cancelled_at=None).values_list(
            "date", "starts_at", "ends_at"
        ):
            self._spans.setdefault(day, []).append((starts_at, ends_at))

    def has_room_for(self, session: Session) -> bool:
        if (session.date, session.starts_at) in self._starts:
            return False
        spans = self._spans.get(session.date, [])
        return not any(session.starts_at < ends and starts < session.ends_at for starts, ends in spans)


def _wanted(cohort: Cohort) -> dict[tuple[date | None, time | None], Session]:
    closed = set(
        Closure.objects.filter(
            holder=cohort.program.holder_id, date__gte=cohort.starts_on, date__lte=cohort.ends_on
        ).values_list("date", flat=True)
    )
    rules = list(cohort.rules.all())
    found: dict[tuple[date | None, time | None], Session] = {}
    for day in calendars.days_between(cohort.starts_on, cohort.ends_on):
        for rule in rules:
            if rule.weekday == day.weekday() and day not in closed:
                session = _session(cohort, day, rule.starts_at, rule.ends_at)
                session.rule_date, session.rule_starts_at = day, rule.starts_at
                found[day, rule.starts_at] = session
    return found


def _session(cohort: Cohort, day: date, starts_at: time, ends_at: time) -> Session:
    hours = _hours(cohort, day, starts_at, ends_at)
    return Session(cohort=cohort, date=day, starts_at=starts_at, ends_at=ends_at, hours=hours)


def _hours(cohort: Cohort, day: date, starts_at: time, ends_at: time) -> Decimal:
    hours = calendars.hours_between(day, starts_at, ends_at, cohort.time_zone)
    if hours <= 0:
        raise ValidationError({"ends_at": ValidationError("It must end after it starts, on the same day.", code="end")})
    return hours


def _adjust(session: Session, wanted: Session) -> bool:
    if (session.ends_at, session.hours) == (wanted.ends_at, wanted.hours):
        return False
    Session.objects.filter(pk=session.pk).update(ends_at=wanted.ends_at, hours=wanted.hours)
    return True


def _check(session: Session) -> None:
    cohort = session.cohort
    if not cohort.starts_on <= session.date <= cohort.ends_on:
        text = f"Choose a day from {cohort.starts_on:%m/%d/%Y} to {cohort.ends_on:%m/%d/%Y}, when the cohort meets."
        raise ValidationError({"date": ValidationError(text, code="outside")})
    others = Session.objects.filter(cohort=cohort, date=session.date).exclude(pk=session.pk)
    overlapping = Q(cancelled_at=None, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    if others.filter(overlapping | Q(starts_at=session.starts_at)).exists():
        text = "The cohort has another session at this time, or a cancelled one that began then."
        raise ValidationError({"starts_at": ValidationError(text, code="overlap")})


def _check_slots(slots: Sequence[Slot]) -> None:
    if len(slots) > MOST_RULES:
        raise ValidationError(f"Let it meet at most {MOST_RULES} times a week.", code="too_many")
    for slot in slots:
        if not 0 <= slot.weekday <= 6 or slot.ends_at <= slot.starts_at:
            raise ValidationError("Each meeting must end after it starts, on the same day.", code="end")
    for first, second in pairwise(slots):
        if first.weekday == second.weekday and second.starts_at < first.ends_at:
            day = calendars.WEEKDAYS[first.weekday]
            raise ValidationError(f"Two meetings on {day} overlap.", code="overlap")


def _require_running(cohort: Cohort) -> None:
    if cohort.status in (CohortStatus.COMPLETED, CohortStatus.CANCELLED):
        raise ValidationError("This cohort is over; its sessions stay as they are.", code="over")


def _require_free(session: Session) -> None:
    _require_running(session.cohort)
    session.refresh_from_db(fields=["cancelled_at", "locked_at"])
    if session.cancelled_at is not None:
        raise ValidationError("This session is cancelled already.", code="cancelled")
    if held_among([session.pk]):
        raise ValidationError("Attendance was recorded, so the session stays as it is.", code="held")


def _generate_around(holder: Holder, day: date) -> None:
    over = [CohortStatus.COMPLETED, CohortStatus.CANCELLED]
    meeting = Cohort.objects.select_related("program").filter(
        program__holder=holder, starts_on__lte=day, ends_on__gte=day
    )
    for cohort in meeting.exclude(status__in=over):
        generate_sessions(cohort)
