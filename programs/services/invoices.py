"""Invoices: drafted from charges, sent under a number, settled, cancelled; `move_invoice` alone writes their status."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from programs import money
from programs.models import Charge, Holder, Invoice, InvoiceStatus
from programs.services.numbers import next_number
from programs.services.rights import BILL, require

SENT, PAID, OVERDUE, CANCELLED = (f"programs.invoice.{name}" for name in ("sent", "paid", "overdue", "cancelled"))
DOCUMENT_JOB = "billing.invoice_document"
SERIES = "INV"
MOST_LINES = 200
MOST_TAX = Decimal(100)
AT_A_TIME = 500

LEGAL_MOVES: dict[str, frozenset[str]] = {
    InvoiceStatus.DRAFT: frozenset({InvoiceStatus.SENT, InvoiceStatus.CANCELLED}),
    InvoiceStatus.SENT: frozenset({InvoiceStatus.PAID, InvoiceStatus.OVERDUE, InvoiceStatus.CANCELLED}),
    InvoiceStatus.OVERDUE: frozenset({InvoiceStatus.PAID, InvoiceStatus.CANCELLED}),
    InvoiceStatus.PAID: frozenset(),
    InvoiceStatus.CANCELLED: frozenset(),
}


def move_invoice(invoice: Invoice, to: str, *, by: User | None, reason: str = "", **columns: Any) -> None:
    """Move an invoice on from where this object says it stands, with audit, and with what else that changes of it.

    Raises ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody was first.
    """
    origin = invoice.status
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"An invoice that is {origin} cannot become {to}.", code="illegal_move")
    if not Invoice.objects.filter(pk=invoice.pk, status=origin).update(status=to, **columns):
        raise ValidationError(
            "Somebody else has moved this invoice meanwhile. Load the page again.", code="moved_meanwhile"
        )
    invoice.refresh_from_db()
    audit.record(by, f"programs.invoice.{to}", invoice, reason=reason)


@transaction.atomic
def draft_invoice(
    holder: Holder,
    charges: Sequence[Charge],
    *,
    by: User | None,
    tax_percent: Decimal = Decimal(0),
    notes: str = "",
) -> Invoice:
    """Return a draft with some of a holder's charges on it, each of which stands on no other invoice.

    Raises PermissionDenied, and ValidationError with the code `no_charges`, `too_many_charges`, `billed_already`, or
    `tax` for a percentage that is not from 0 to 100.
    """
    require(by, BILL)
    _check_draft(charges, tax_percent)
    invoice = Invoice.objects.create(holder=holder, notes=notes.strip(), **_sums(charges, tax_percent))
    free = Charge.objects.filter(pk__in=[each.pk for each in charges], holder=holder, invoice=None)
    if free.update(invoice=invoice) != len(charges):
        told = "Some of these charges stand on an invoice already. Load the page again, and choose among those that do not."
        raise ValidationError(told, code="billed_already")
    audit.record(by, "programs.invoice.drafted", invoice, charges=len(charges))
    return invoice


@transaction.atomic
def send_invoice(invoice: Invoice, *, by: User | None, due_on: date | None = None) -> None:
    """Give a draft its number, freeze it, and tell the holder; its PDF is made by a job.

    It is due after INVOICE_DUE_DAYS unless another day is given. Raises PermissionDenied, and ValidationError with the
    code `due_on` for a day that has passed, or as `move_invoice` does.
    """
    require(by, BILL)
    today = clock.today()
    due = due_on or today + timedelta(days=settings.INVOICE_DUE_DAYS)
    if due < today:
        raise ValidationError("Choose a day that has not passed for it to be due.", code="due_on")
    charges = list(Charge.objects.filter(invoice=invoice))
    columns: dict[str, Any] = _sums(charges, invoice.tax_percent) | {
        "issued_on": today,
        "due_on": due,
        "sent_at": clock.now(),
    }
    number = next_number(SERIES, today)
    move_invoice(invoice, InvoiceStatus.SENT, by=by, number=number, bill_to=_bill_to(invoice.holder), **columns)
    enqueue(DOCUMENT_JOB, tenant_id=invoice.holder_id, unique_key=f"invoice:{invoice.pk}", invoice_id=invoice.pk)
    emit(SENT, tenant_id=invoice.holder_id, invoice_id=invoice.pk)


@transaction.atomic
def cancel_invoice(invoice: Invoice, *, by: User | None, reason: str) -> None:
    """Cancel an invoice of which nothing is settled. A draft gives its charges back; what was sent keeps them.

    Raises PermissionDenied, and ValidationError with the code `no_reason`, `settled`, or as `move_invoice` does.
    """
    require(by, BILL)
    if not reason.strip():
        raise ValidationError("Give a reason; it stands on the invoice.", code="no_reason")
    standing = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if standing.settled:
        told = "Something was paid or credited on this invoice. Issue a credit note for what is still open."
        raise ValidationError(told, code="settled")
    if standing.status == InvoiceStatus.DRAFT:
        Charge.objects.filter(invoice=invoice).update(invoice=None)
    move_invoice(invoice, InvoiceStatus.CANCELLED, by=by, reason=reason, cancel_reason=reason, cancelled_at=clock.now())
    if invoice.number:
        emit(CANCELLED, tenant_id=invoice.holder_id, invoice_id=invoice.pk)


def settle(invoice: Invoice, amount: Decimal, *, by: User | None) -> None:
    """Count an amount as paid or credited, never beyond the total; what is settled whole is paid. In a transaction.

    Raises ValidationError with the code `not_open` for an invoice that is not sent, or `beyond_balance`.
    """
    stands = Invoice.objects.filter(pk=invoice.pk, status__in=[InvoiceStatus.SENT, InvoiceStatus.OVERDUE])
    counted = stands.filter(settled__lte=F("total") - amount).update(settled=F("settled") + amount)
    invoice.refresh_from_db()
    if not counted:
        raise _not_settled(invoice)
    if invoice.balance == 0:
        move_invoice(invoice, InvoiceStatus.PAID, by=by, paid_at=clock.now())
        emit(PAID, tenant_id=invoice.holder_id, invoice_id=invoice.pk)


def mark_overdue() -> int:
    """Mark the sent invoices whose day has passed, and remind their holders; returns how many. Safe to repeat."""
    due = Invoice.objects.filter(status=InvoiceStatus.SENT, due_on__lt=clock.today()).order_by("due_on")
    return sum(_marked(invoice_id) for invoice_id in due.values_list("pk", flat=True)[:AT_A_TIME])


@transaction.atomic
def _marked(invoice_id: UUID) -> bool:
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    if invoice.status != InvoiceStatus.SENT:  # paid or cancelled since it was found
        return False
    move_invoice(invoice, InvoiceStatus.OVERDUE, by=None)
    emit(OVERDUE, tenant_id=invoice.holder_id, invoice_id=invoice.pk)
    return True


def _check_draft(charges: Sequence[Charge], tax_percent: Decimal) -> None:
    if not charges:
        raise ValidationError("Choose at least one charge.", code="no_charges")
    if len(charges) > MOST_LINES:
        raise ValidationError(f"Choose at most {MOST_LINES} charges for one invoice.", code="too_many_charges")
    if not tax_percent.is_finite() or not 0 <= tax_percent <= MOST_TAX:
        raise ValidationError("Enter the tax as a percentage from 0 to 100.", code="tax")


def _sums(charges: Sequence[Charge], tax_percent: Decimal) -> dict[str, Any]:
    subtotal = money.total(each.amount for each in charges)
    tax = money.total(money.tax_on(each.amount, tax_percent) for each in charges if each.taxable)
    return {"tax_percent": tax_percent, "subtotal": subtotal, "tax": tax, "total": subtotal + tax}


def _bill_to(holder: Holder) -> str:
    site = holder.sites.order_by("pk").first()
    address = [site.street, f"{site.city}, {site.state} {site.zip}"] if site else []
    return "\n".join([holder.legal_name, *address])


def _not_settled(invoice: Invoice) -> ValidationError:
    if invoice.balance > 0:
        told = f"Only {money.written(invoice.balance)} of this invoice is still open. Enter at most that."
        return ValidationError(told, code="beyond_balance")
    told = f"This invoice is {invoice.status}. Only one that is sent and still open can be paid or credited."
    return ValidationError(told, code="not_open")
