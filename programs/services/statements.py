"""A holder's statement of account: what it owed at the beginning, what moved it, and what it owes at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q

from programs import money
from programs.models import CreditNote, Holder, Invoice, InvoiceStatus, Payment

MOST_MOVEMENTS = 2_000
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Movement:
    """One line of a statement: what raised (above zero) or lowered (below) what the holder owes, and what it owed then."""

    on: date
    what: str
    reference: str
    amount: Decimal
    balance: Decimal = money.ZERO


@dataclass(frozen=True)
class Statement:
    """A period of a holder's account; `closing` is always `opening` and all movements added up."""

    since: date
    until: date
    opening: Decimal
    movements: tuple[Movement, ...]
    closing: Decimal


def statement_of(holder: Holder, *, since: date, until: date) -> Statement:
    """Return the statement of a period, both days included.

    Raises ValidationError with the code `period` for one that ends before it begins, or has too many movements.
    """
    if not EARLIEST < since <= until < LATEST:
        raise ValidationError("Choose a first day, and a last day that is not before it.", code="period")
    opening = money.total(each.amount for each in _movements(holder, EARLIEST, since - timedelta(days=1)))
    found = sorted(_movements(holder, since, until), key=lambda each: (each.on, each.amount < 0, each.reference))
    if len(found) > MOST_MOVEMENTS:
        raise ValidationError("Choose a shorter period: this one has too many movements.", code="period")
    moved = tuple(_running(opening, found))
    return Statement(since, until, opening, moved, moved[-1].balance if moved else opening)


def owed_by(holder: Holder) -> Decimal:
    """Return what a holder owes now: the open part of all that was sent to it."""
    sent = Invoice.objects.filter(holder=holder, status__in=[InvoiceStatus.SENT, InvoiceStatus.OVERDUE])
    return money.total(each.balance for each in sent.only("status", "total", "settled"))


def _running(balance: Decimal, movements: list[Movement]) -> Iterator[Movement]:
    for each in movements:
        balance += each.amount
        yield Movement(each.on, each.what, each.reference, each.amount, balance)


def _movements(holder: Holder, since: date, until: date) -> Iterator[Movement]:
    sent = Invoice.objects.filter(~Q(number=""), holder=holder).only("number", "total", "issued_on", "cancelled_at")
    for invoice in sent.filter(issued_on__gte=since, issued_on__lte=until):
        issued_on: Any = invoice.issued_on  # the database holds it to a day once it has a number
        yield Movement(issued_on, "Invoice", invoice.number, invoice.total)
    for invoice in sent.filter(cancelled_at__gte=_begin(since), cancelled_at__lt=_begin(until + timedelta(days=1))):
        cancelled_at: Any = invoice.cancelled_at  # it has one, as the filter says
        yield Movement(_day(cancelled_at), "Invoice cancelled", invoice.number, -invoice.total)
    yield from _settlements(holder, since, until)


def _settlements(holder: Holder, since: date, until: date) -> Iterator[Movement]:
    notes = CreditNote.objects.filter(invoice__holder=holder)
    for note in notes.filter(issued_at__gte=_begin(since), issued_at__lt=_begin(until + timedelta(days=1))):
        yield Movement(_day(note.issued_at), "Credit note", note.number, -note.amount)
    payments = Payment.objects.filter(invoice__holder=holder, received_on__gte=since, received_on__lte=until)
    for payment in payments:
        yield Movement(payment.received_on, "Payment", payment.reference, -payment.amount)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))
