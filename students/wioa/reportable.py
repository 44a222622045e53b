"""Reportable individuals: periods of self-service and information of somebody who was no participant then.

Source: TEGL 10-16, Change 3, Attachment IX. What lies within 90 days before an entry or after an exit belongs to that
participation and to no record of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from students.wioa.participation import IDLE, Period


@dataclass(frozen=True)
class ReportablePeriod:
    """A stretch of such activity; ended on the day of its last, or still going on."""

    began_on: date
    last_activity_on: date
    ended_on: date | None


def reportable_periods(
    activity: Iterable[date], participation: Sequence[Period], *, on: date
) -> list[ReportablePeriod]:
    """Return the periods that need records of their own, as they are known on a day, the earliest first.

    A period ends after more than 90 days without activity, and before a participation that follows.
    """
    days = sorted({each for each in activity if each <= on and not _folded(each, participation)})
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] <= IDLE:
            found[-1].append(day)
        else:
            found.append([day])
    return [_period(stretch, participation, on) for stretch in found]


def _folded(day: date, participation: Iterable[Period]) -> bool:
    return any(
        each.entered_on - IDLE <= day and (each.exited_on is None or day <= each.exited_on + IDLE)
        for each in participation
    )


def _period(stretch: Sequence[date], participation: Iterable[Period], on: date) -> ReportablePeriod:
    last = stretch[-1]
    over = on - last > IDLE or any(each.entered_on > last for each in participation)
    return ReportablePeriod(stretch[0], last, last if over else None)
