"""The calendar of performance: program years, quarters, and the windows of exits that each report counts.

Sources: 20 CFR 677.150 to 677.160 and TEGL 10-16, Change 3. A program year begins on July 1; quarters are calendar
quarters, and the n-th quarter after exit is counted from the quarter that contains the exit, which is none of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Self

MONTHS = 3
QUARTERS = 4
FIRST_MONTH = 7
SATURDAY = 5


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, numbered 1 to 4 within its year."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= QUARTERS:
            raise ValueError(f"A quarter is 1 to {QUARTERS}, not {self.number}.")

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter that contains a day."""
        return cls(day.year, (day.month - 1) // MONTHS + 1)

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, MONTHS * self.number - 2, 1)

    @property
    def end(self) -> date:
        """Its last day."""
        return self.plus(1).start - timedelta(days=1)

    def plus(self, quarters: int) -> Self:
        """Return the quarter so many later; a negative number leads back."""
        year, index = divmod(self.year * QUARTERS + self.number - 1 + quarters, QUARTERS)
        return type(self)(year, index + 1)

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"


@dataclass(frozen=True)
class Window:
    """Days from the first to the last, both of them in it."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def overlaps(self, start: date, end: date | None) -> bool:
        """Return whether a span of days has any day in common with it; one without an end goes on."""
        return start <= self.end and (end is None or end >= self.start)


class Population(Enum):
    """Whom an indicator counts, by how many quarters its window lies before the end of the report."""

    SERVED = 0  # and measurable skill gains
    EXITED = 1
    SECOND_QUARTER = 4  # employment and median earnings in the second quarter after exit
    FOURTH_QUARTER = 6  # employment in the fourth quarter, credential attainment, retention with the same employer

    @property
    def lag(self) -> int:
        """How many quarters its window ends before the report does."""
        return self.value


def program_year(day: date) -> int:
    """Return the program year that contains a day: 2026 is the one from July 1, 2026 to June 30, 2027."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def year_window(year: int) -> Window:
    """Return the days of a program year."""
    return Window(date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1) - timedelta(days=1))


def quarter_after_exit(exited_on: date, number: int) -> Quarter:
    """Return the n-th quarter after an exit. Source: TEGL 10-16, Change 3, employment rate."""
    return Quarter.of(exited_on).plus(number)


def report_window(ends: Quarter, population: Population) -> Window:
    """Return the four quarters of entries or exits that a report counts whose period ends with a quarter.

    It holds for the quarterly report, which rolls over four quarters, and for the annual one, which ends in June.
    """
    last = ends.plus(-population.lag)
    return Window(last.plus(1 - QUARTERS).start, last.end)


def annual_window(year: int, population: Population) -> Window:
    """Return the window of a population in the annual report of a program year."""
    return report_window(Quarter.of(year_window(year).end), population)


def annual_report_due(year: int) -> date:
    """Return the day on which the annual report of a program year is due: October 1, or the business day after it.

    Source: ETA-9169 and ETA-9171 instructions.
    """
    due = date(year + 1, 10, 1)
    return due + timedelta(days=max(0, 7 - due.weekday()) if due.weekday() >= SATURDAY else 0)
