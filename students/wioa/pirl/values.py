"""What the texts of a record stand for: days, amounts of money, and whether an element may hold a text."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from students.wioa.pirl.schema import Element, Kind

UNKNOWN_WAGES = 99_999_999  # cents: “not yet available”
MOST_AMOUNTS = 20_000
DAY = re.compile(r"[0-9]{8}")
MONEY = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?")
Accepts = Callable[[str], Any]


class Days(dict[str, int]):
    """Texts as the days they name, numbered as `date.toordinal` does; what names no day of the calendar is 0.

    Each text is read once. There are no more days than fit in memory, and what is none of them is not kept.
    """

    def __missing__(self, text: str) -> int:
        if not DAY.fullmatch(text):
            return 0
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal()
        except ValueError:
            return 0
        self[text] = day
        return day


class Amounts(dict[str, int]):
    """Texts as the cents they say; what says no money is 0. It remembers a bounded number of them."""

    def __missing__(self, text: str) -> int:
        if len(self) >= MOST_AMOUNTS:
            self.clear()
        self[text] = amount = _cents(text)
        return amount


def _cents(text: str) -> int:
    if not MONEY.fullmatch(text):
        return 0
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(f"{part:0<2}")


def accepts(element: Element, days: Days) -> Accepts:
    """Return what tells, of a text that is not blank, whether the element may hold it."""
    if element.kind is Kind.DATE:
        return days.__getitem__
    if element.kind is Kind.MONEY:
        return MONEY.fullmatch
    if element.codes:
        return frozenset(element.codes).__contains__
    if element.kind is Kind.TEXT:
        return str.isascii
    letters = "0-9" if element.kind is Kind.INTEGER else "0-9A-Za-z"
    return re.compile(f"[{letters}]{{1,{element.length or ''}}}").fullmatch


def years(born: str, day: str) -> int:
    """Return the age on a day, both written YYYYMMDD; a person born on February 29 is a year older on March 1."""
    return (int(day) - int(born)) // 10_000


def quarter(day: str) -> int:
    """Return the quarter of a day written YYYYMMDD, counted from the year 0, so that quarters can be subtracted."""
    return int(day[:4]) * 4 + (int(day[4:6]) - 1) // 3


def digits(text: str) -> int:
    """Return how many digits a text has."""
    return sum(map(str.isdigit, text))


def whole(text: str) -> int:
    """Return the number that the digits of a text make, 0 if it has none."""
    return int("".join(filter(str.isdigit, text)) or 0)
