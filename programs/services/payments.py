"""What settles an invoice: payments that came in, and credit notes that take some of it back."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit, enqueue
from programs import money
from programs.models import CreditNote, Invoice, Payment
from programs.services.charges import LONGEST_REFERENCE, checked_text, reused
from programs.services.invoices import settle
from programs.services.numbers import next_number
from programs.services.rights import BILL, require

RECEIVED, CREDITED = "programs.payment.received", "programs.invoice.credited"
CREDIT_JOB = "billing.credit_note_document"
SERIES = "CRN"
LONGEST_REASON = 1000


@transaction.atomic
def record_payment(invoice: Invoice, *, reference: str, amount: Decimal, received_on: date, by: User | None) -> Payment:
    """Record money that came in on an invoice; the same payment under the same reference changes nothing.

    Raises PermissionDenied, and ValidationError with the code `reference`, `amount`, `received_on`,
    `reference_reused`, `not_open`, or `overpayment`, which says what to do with the rest.
    """
    require(by, BILL)
    amount, reference = money.checked(amount), checked_text(reference, "reference", LONGEST_REFERENCE)
    if received_on > clock.today():
        raise ValidationError("Enter the day on which the money came in; it cannot lie ahead.", code="received_on")
    facts = {"invoice": invoice, "amount": amount, "received_on": received_on, "recorded_by": by}
    payment, is_new = Payment.objects.get_or_create(reference=reference, defaults=facts)
    if not is_new:
        return _repeated(payment, invoice, amount)
    _settle_payment(invoice, amount, by)
    audit.record(by, "programs.payment.recorded", payment, invoice_id=invoice.pk, amount=amount)
    emit(RECEIVED, tenant_id=invoice.holder_id, payment_id=payment.pk)
    return payment


@transaction.atomic
def issue_credit_note(invoice: Invoice, *, amount: Decimal, reason: str, by: User | None) -> CreditNote:
    """Take back part or all of what is still open of a sent invoice, under a number of its own; its PDF is made by a job.

    Raises PermissionDenied, and ValidationError with the code `amount`, `reason`, `not_open` or `beyond_balance`.
    """
    require(by, BILL)
    amount, reason = money.checked(amount), checked_text(reason, "reason", LONGEST_REASON)
    settle(invoice, amount, by=by)
    number = next_number(SERIES, clock.today())
    note = CreditNote.objects.create(invoice=invoice, number=number, amount=amount, reason=reason, issued_by=by)
    audit.record(by, "programs.credit_note.issued", note, invoice_id=invoice.pk, amount=amount, reason=reason)
    enqueue(CREDIT_JOB, tenant_id=invoice.holder_id, unique_key=f"credit:{note.pk}", credit_note_id=note.pk)
    emit(CREDITED, tenant_id=invoice.holder_id, credit_note_id=note.pk)
    return note


def _repeated(payment: Payment, invoice: Invoice, amount: Decimal) -> Payment:
    if (payment.invoice_id, payment.amount) != (invoice.pk, amount):
        raise reused(payment.reference)
    return payment


def _settle_payment(invoice: Invoice, amount: Decimal, by: User | None) -> None:
    try:
        settle(invoice, amount, by=by)
    except ValidationError as refusal:
        if refusal.code != "beyond_balance":
            raise
        left = money.written(invoice.balance)
        told = (
            f"Only {left} of this invoice is still open. Record {left} here; record the rest on another invoice of "
            "the same holder, or send it back."
        )
        raise ValidationError(told, code="overpayment") from refusal
