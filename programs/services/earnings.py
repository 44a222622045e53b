"""What the network owes holders, worked out by the terms of their MOUs: month by month, and once only.

A share is of net program revenue that has cleared, each by the MOU in force on the day it cleared. A flat amount is
earned for every month on whose last day the MOU was in force. An amount per student is earned once for each enrollment,
by the MOU in force on the day it began.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from autopilot import audit, clock
from programs import money
from programs.models import Compensation, Earning, Holder, Mou, Revenue

Starts = Iterable[tuple[UUID, date]]
_starts: list[Callable[[Holder, date], Starts]] = []


@dataclass(frozen=True)
class Month:
    """A calendar month, written as `2026-11`."""

    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> "Month":
        """Return the month that a text names; raises ValidationError with the code `month`."""
        try:
            first = datetime.strptime(text.strip(), "%Y-%m").date()  # noqa: DTZ007 (a month has no zone)
        except ValueError as error:
            raise ValidationError("Enter a month such as 2026-11.", code="month") from error
        return cls(first, first.replace(day=monthrange(first.year, first.month)[1]))

    @classmethod
    def before(cls, day: date) -> "Month":
        """Return the month before that of a day."""
        year, month = (day.year - 1, 12) if day.month == 1 else (day.year, day.month - 1)
        return cls.read(f"{year}-{month:02}")

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def brings_students(function: Callable[[Holder, date], Starts]) -> Callable[[Holder, date], Starts]:
    """Register the function that tells which enrollments of a holder began until a day: each one's id, and its day."""
    if function not in _starts:
        _starts.append(function)
    return function


def accrue_month(month: Month) -> int:
    """Keep what every holder has earned until the end of a month; returns how many earnings are new. Safe to repeat.

    Raises ValidationError with the code `month` for one that is not over.
    """
    if month.last >= clock.today():
        raise ValidationError(f"{month} is not over. What is earned is worked out once it is.", code="month")
    holders = Holder.objects.filter(mous__executed_at__isnull=False).distinct().order_by("pk")
    return sum(accrue(holder, month) for holder in holders.iterator(chunk_size=200))


@transaction.atomic
def accrue(holder: Holder, month: Month) -> int:
    """Keep what one holder has earned until the end of a month; returns how many earnings are new."""
    mous = list(holder.mous.filter(executed_at__isnull=False).order_by("version"))
    earned = [*_shares(holder, mous, month), *_flats(mous, month), *_per_student(holder, mous, month)]
    return sum(map(_keep, earned))


def mou_in_force(mous: Iterable[Mou], day: date) -> Mou | None:
    """Return which of a holder's MOUs was in force on a day; where one replaced another on that day, the newer."""
    return max((mou for mou in mous if _is_in_force(mou, day)), key=lambda mou: mou.version, default=None)


def _is_in_force(mou: Mou, day: date) -> bool:
    begun = mou.effective_on is not None and mou.effective_on <= day
    expired = mou.expires_on is not None and mou.expires_on < day
    ended = mou.ended_at is not None and mou.ended_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() <= day
    return begun and not expired and not ended


def _shares(holder: Holder, mous: list[Mou], month: Month) -> Iterable[Earning]:
    for revenue in Revenue.objects.filter(holder=holder, cleared_on__lte=month.last).order_by("cleared_on", "pk"):
        mou = mou_in_force(mous, revenue.cleared_on)
        if mou and mou.compensation == Compensation.SHARE and mou.share:
            what = f"{mou.share.normalize():f}% of {money.written(revenue.net)}: {revenue.description}"
            amount = money.to_cents(revenue.net * mou.share / 100)
            yield _earning(mou, f"revenue:{revenue.pk}", what, revenue.net, amount, revenue.cleared_on)


def _flats(mous: list[Mou], month: Month) -> Iterable[Earning]:
    mou = mou_in_force(mous, month.last)
    if mou and mou.compensation == Compensation.FLAT and mou.amount:
        what, reference = f"Flat amount for {month.first:%B %Y}", f"flat:{mou.holder_id}:{month}"
        yield _earning(mou, reference, what, Decimal(1), mou.amount, month.last)


def _per_student(holder: Holder, mous: list[Mou], month: Month) -> Iterable[Earning]:
    begun = sorted((day, enrollment) for starts in _starts for enrollment, day in starts(holder, month.last))
    for day, enrollment in begun:
        mou = mou_in_force(mous, day)
        if mou and mou.compensation == Compensation.PER_STUDENT and mou.amount:
            what = f"A student who began on {day:%B} {day.day}, {day.year}"
            yield _earning(mou, f"student:{enrollment}", what, Decimal(1), mou.amount, day)


def _earning(mou: Mou, reference: str, what: str, basis: Decimal, amount: Decimal, on: date) -> Earning:
    longest = Earning._meta.get_field("description").max_length
    return Earning(
        holder_id=mou.holder_id, mou=mou, reference=reference, description=what[:longest], basis=basis, amount=amount,
        earned_on=on,
    )  # fmt: skip


def _keep(earning: Earning) -> bool:
    facts = {
        name: getattr(earning, name) for name in ("holder_id", "mou", "description", "basis", "amount", "earned_on")
    }
    kept, is_new = Earning.objects.get_or_create(reference=earning.reference, defaults=facts)
    if is_new:
        audit.record(None, "programs.earning.kept", kept, holder_id=kept.holder_id, amount=kept.amount)
    return is_new


def unpaid(holder: Holder, until: date) -> Q:
    """Return the condition of a holder's earnings until a day that no payout pays."""
    return Q(holder=holder, earned_on__lte=until, payout__isnull=True, amount__gt=0)
