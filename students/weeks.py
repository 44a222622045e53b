"""Weeks as holders report them: Monday to Sunday, named by the Sunday."""

from datetime import date, timedelta

WEEK = timedelta(days=7)
FIRST_YEAR, LAST_YEAR = 2000, 2100


def week_ending(day: date) -> date:
    """Return the Sunday on which the week of a day ends."""
    return day + timedelta(days=6 - day.weekday())


def first_day(ending: date) -> date:
    """Return the Monday on which a week begins."""
    return ending - timedelta(days=6)


def as_week(written: str, otherwise: date) -> date:
    """Return the Sunday of the week of a day written as year-month-day, or another where it is none of this age."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return otherwise
    return week_ending(day) if FIRST_YEAR <= day.year <= LAST_YEAR else otherwise
