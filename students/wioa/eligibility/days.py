"""Ages and spans of months as the law counts them."""

import calendar
from datetime import date

MONTHS = 12


def birthday(born: date, years: int) -> date:
    """Return the day on which somebody reaches an age; who is born on February 29 reaches it on March 1 if need be."""
    year = born.year + years
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return born.replace(year=year)


def has_reached(born: date, years: int, on: date) -> bool:
    """Return whether somebody is of an age on a day, the birthday itself included."""
    return birthday(born, years) <= on


def months_before(day: date, months: int) -> date:
    """Return the day so many months earlier, or the last one of that month if it has no such day."""
    year, index = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    month = index + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
