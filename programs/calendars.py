"""Time as cohorts have it: local days and hours, what they last, and the holidays of a year. Pure functions."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

HOUR = Decimal(3600)
CENT = Decimal("0.01")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6

# IANA names of the time zones that the states and territories use, the most frequent first.
TIME_ZONES = {
    "America/New_York": "Eastern",
    "America/Indiana/Indianapolis": "Eastern (Indiana)",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Mountain (Arizona)",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic (Puerto Rico)",
    "Pacific/Guam": "Guam",
    "Pacific/Pago_Pago": "American Samoa",
}


def is_time_zone(name: str) -> bool:
    """Return whether there is a time zone of this name."""
    return name in available_timezones()


def hours_between(day: date, starts_at: time, ends_at: time, zone: str) -> Decimal:
    """Return the hours that really pass between two local times of a day, on which the clocks may be set.

    Where the hour that is left out swallows all of it, the hours are those of the clock on the wall.
    """
    first, last = (datetime.combine(day, at, ZoneInfo(zone)) for at in (starts_at, ends_at))
    elapsed = last.timestamp() - first.timestamp()
    seconds = elapsed if elapsed > 0 else (last.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds()
    return (Decimal(int(seconds)) / HOUR).quantize(CENT)


def days_between(first: date, last: date) -> list[date]:
    """Return every day from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def federal_holidays(year: int) -> dict[date, str]:
    """Return the legal public holidays of a year (5 U.S.C. 6103(a)), each on the day it is observed.

    One on a Saturday is observed on the Friday before (6103(b)), on a Sunday on the Monday after (Executive Order 11582).
    """
    fixed = {
        date(year, 1, 1): "New Year’s Day",
        date(year, 6, 19): "Juneteenth",
        date(year, 7, 4): "Independence Day",
        date(year, 11, 11): "Veterans Day",
        date(year, 12, 25): "Christmas Day",
    }
    floating = {
        _nth(year, 1, MONDAY, 3): "Birthday of Martin Luther King, Jr.",
        _nth(year, 2, MONDAY, 3): "Washington’s Birthday",
        _nth(year, 6, MONDAY, 1) - timedelta(weeks=1): "Memorial Day",
        _nth(year, 9, MONDAY, 1): "Labor Day",
        _nth(year, 10, MONDAY, 2): "Columbus Day",
        _nth(year, 11, THURSDAY, 4): "Thanksgiving Day",
    }
    return dict(sorted({_observed(day): name for day, name in fixed.items()}.items() | floating.items()))


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)


def _observed(day: date) -> date:
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))
