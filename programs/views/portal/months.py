"""A month of sessions as a calendar shows it."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from programs.models import Session

SUNDAY_FIRST = calendar.Calendar(firstweekday=6)
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Day:
    """One day of a month's sheet; `is_of_month` tells it from its neighbors'."""

    date: date
    is_of_month: bool
    sessions: list[Session]


@dataclass(frozen=True)
class Month:
    """One month: its weeks from Sunday to Saturday, and the months before and after as `2026-11`."""

    first: date
    weeks: list[list[Day]]
    before: str
    after: str


def month_of(asked: str, otherwise: date) -> date:
    """Return the first day of the month that was asked for as `2026-11`; of another day's month where it is none."""
    found = MONTH.fullmatch(asked)
    return date(int(found[1]), int(found[2]), 1) if found else otherwise.replace(day=1)


def last_of(first: date) -> date:
    """Return the last day of a month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def sheet(first: date, sessions: Iterable[Session]) -> Month:
    """Arrange sessions on the sheet of a month."""
    by_day: dict[date, list[Session]] = {}
    for session in sessions:
        by_day.setdefault(session.date, []).append(session)
    weeks = [
        [Day(day, day.month == first.month, by_day.get(day, [])) for day in week]
        for week in SUNDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    before, after = first - timedelta(days=1), last_of(first) + timedelta(days=1)
    return Month(first, weeks, f"{before:%Y-%m}", f"{after:%Y-%m}")
