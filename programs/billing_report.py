"""What every holder owed, was billed, paid and earned in a month; a few queries, however many holders there are."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet, Sum

from programs import money
from programs.models import CreditNote, Earning, Holder, Invoice, InvoiceStatus, Payment, Payout, PayoutBatchStatus
from programs.services.earnings import Month

Sums = dict[UUID, Decimal]
ALL = "All holders"


@dataclass(frozen=True)
class BillingLine:
    """A holder's month: opening + invoiced - cancelled - credited - paid is always closing; then what it earned."""

    holder: str
    holder_id: str
    opening: Decimal
    invoiced: Decimal
    cancelled: Decimal
    credited: Decimal
    paid: Decimal
    closing: Decimal
    overdue: Decimal
    earned: Decimal
    paid_out: Decimal
    to_pay_out: Decimal


AMOUNTS = tuple(field.name for field in fields(BillingLine) if field.name not in ("holder", "holder_id"))


def billing_report(month: Month) -> list[BillingLine]:
    """Return a line for each holder with anything to tell, by name, and a last line that adds them up."""
    begin, end = month.first, month.last + timedelta(days=1)
    sums = _moved(begin, end) | _earned(begin, end)
    before = _moved(date.min, begin)
    known = {holder_id for each in (*sums.values(), *before.values()) for holder_id, amount in each.items() if amount}
    holders = Holder.objects.filter(pk__in=known).order_by("legal_name", "pk").only("legal_name")
    lines = [_line(holder, before, sums) for holder in holders]
    totals = {name: money.total(getattr(each, name) for each in lines) for name in AMOUNTS}
    return [*lines, BillingLine(ALL, "", **totals)]


def as_rows(lines: Iterable[BillingLine]) -> list[dict[str, str]]:
    """Return lines as rows of text, amounts with two decimals."""
    return [{field.name: str(getattr(line, field.name)) for field in fields(BillingLine)} for line in lines]


def _line(holder: Holder, before: dict[str, Sums], sums: dict[str, Sums]) -> BillingLine:
    def of(name: str) -> Decimal:
        return sums[name].get(holder.pk, money.ZERO)

    opening = _balance({name: amounts.get(holder.pk, money.ZERO) for name, amounts in before.items()})
    moved = {name: of(name) for name in ("invoiced", "cancelled", "credited", "paid")}
    others = {name: of(name) for name in ("overdue", "earned", "paid_out", "to_pay_out")}
    closing = opening + _balance(moved)
    return BillingLine(holder.legal_name, str(holder.pk), opening=opening, closing=closing, **moved, **others)


def _balance(moved: dict[str, Decimal]) -> Decimal:
    return moved["invoiced"] - moved["cancelled"] - moved["credited"] - moved["paid"]


def _moved(begin: date, end: date) -> dict[str, Sums]:
    first, last = _moment(begin), _moment(end)
    numbered = Invoice.objects.exclude(number="")
    notes = CreditNote.objects.filter(issued_at__gte=first, issued_at__lt=last)
    payments = Payment.objects.filter(received_on__gte=begin, received_on__lt=end)
    return {
        "invoiced": _sums(numbered.filter(issued_on__gte=begin, issued_on__lt=end), "total", "holder"),
        "cancelled": _sums(numbered.filter(cancelled_at__gte=first, cancelled_at__lt=last), "total", "holder"),
        "credited": _sums(notes, "amount", "invoice__holder"),
        "paid": _sums(payments, "amount", "invoice__holder"),
    }


def _earned(begin: date, end: date) -> dict[str, Sums]:
    """What was earned and paid in the month; what is overdue and still to be paid out is so today."""
    late = Invoice.objects.filter(status=InvoiceStatus.OVERDUE)
    total, settled = _sums(late, "total", "holder"), _sums(late, "settled", "holder")
    done = Payout.objects.filter(batch__status=PayoutBatchStatus.PAID)
    paid = done.filter(batch__paid_at__gte=_moment(begin), batch__paid_at__lt=_moment(end))
    coming = Earning.objects.exclude(payout__batch__status=PayoutBatchStatus.PAID)
    return {
        "overdue": {holder_id: amount - settled[holder_id] for holder_id, amount in total.items()},
        "earned": _sums(Earning.objects.filter(earned_on__gte=begin, earned_on__lt=end), "amount", "holder"),
        "paid_out": _sums(paid, "amount", "holder"),
        "to_pay_out": _sums(coming, "amount", "holder"),
    }


def _sums(rows: "QuerySet[Any]", amount: str, holder: str) -> Sums:
    """Return the sum by holder, exact to the cent: SQLite adds decimals up as floats."""
    grouped = rows.order_by().values_list(holder).annotate(sum=Sum(amount))
    return {holder_id: money.to_cents(Decimal(found)) for holder_id, found in grouped}


def _moment(day: date) -> datetime:
    earliest = max(day, date(1900, 1, 1))
    return datetime.combine(earliest, time.min, ZoneInfo(settings.TIME_ZONE))
