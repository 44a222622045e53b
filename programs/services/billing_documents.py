"""The papers of billing: made of what is stored, archived once, and the same bytes whenever they are made again."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from autopilot import clock
from autopilot.document_types import produce
from autopilot.models import Document
from programs import money
from programs.models import CreditNote, Holder, Invoice, Payout
from programs.services.statements import Statement

Context = dict[str, Any]


def invoice_document(invoice_id: UUID) -> Document:
    """Return the PDF of a sent invoice, made and archived when nobody has asked for it before. Not in a transaction."""
    invoice = Invoice.objects.select_related("document", "holder").exclude(number="").get(pk=invoice_id)
    return invoice.document or _kept(
        invoice, "invoice", f"Invoice {invoice.number}", invoice.holder_id, invoice.sent_at
    )


def credit_note_document(credit_note_id: UUID) -> Document:
    """Return the PDF of a credit note, as `invoice_document` does."""
    note = CreditNote.objects.select_related("document", "invoice").get(pk=credit_note_id)
    title = f"Credit note {note.number}"
    return note.document or _kept(note, "credit_note", title, note.invoice.holder_id, note.issued_at)


def remittance_document(payout_id: UUID) -> Document:
    """Return the PDF that tells a holder what a payout that was paid is made of, as `invoice_document` does."""
    paid = Payout.objects.select_related("document", "batch", "holder", "bank_account").filter(batch__status="paid")
    payout = paid.get(pk=payout_id)
    title = f"Remittance {payout.batch.number}"
    return payout.document or _kept(payout, "remittance", title, payout.holder_id, payout.batch.paid_at)


def statement_document(holder: Holder, statement: Statement) -> Document:
    """Return the PDF of a statement of account, archived."""
    title = f"Statement of account, {statement.since:%B} {statement.since.day} to {statement.until:%B} {statement.until.day}, {statement.until.year}"
    created = datetime.combine(statement.until, time.min, ZoneInfo(settings.TIME_ZONE))
    context = _of_statement(holder, statement)
    return produce("statement", context, title=title, tenant_id=holder.pk, created=created)


def _kept(row: Any, slug: str, title: str, tenant_id: UUID, created: Any) -> Document:
    made = produce(slug, CONTEXTS[slug](row), title=title, tenant_id=tenant_id, created=created)
    model: type[models.Model] = type(row)
    model._default_manager.filter(pk=row.pk, document=None).update(document=made)
    return made


def _of_invoice(invoice: Invoice) -> Context:
    lines = [
        {
            "description": each.description,
            "reference": each.reference,
            "quantity": each.quantity,
            "unit_price": each.unit_price,
            "tax": money.tax_on(each.amount, invoice.tax_percent) if each.taxable else None,
            "amount": each.amount,
        }
        for each in invoice.charges.all()
    ]
    names = ("bill_to", "issued_on", "due_on", "tax_percent", "subtotal", "tax", "total", "notes")
    return {"reference": invoice.number, "lines": lines} | {name: getattr(invoice, name) for name in names}


def _of_credit_note(note: CreditNote) -> Context:
    return {
        "reference": note.number,
        "invoice_number": note.invoice.number,
        "invoice_total": note.invoice.total,
        "bill_to": note.invoice.bill_to,
        "issued_on": clock.day_of(note.issued_at),
        "reason": note.reason,
        "amount": note.amount,
    }


def _of_payout(payout: Payout) -> Context:
    return {
        "reference": payout.batch.number,
        "pay_to": payout.holder.legal_name,
        "account": f"ending in {payout.bank_account.last_four}",
        "payment_reference": payout.batch.payment_reference,
        "paid_on": clock.day_of(payout.batch.paid_at or clock.now()),
        "lines": list(payout.earnings.values("earned_on", "description", "amount")),
        "amount": payout.amount,
    }


def _of_statement(holder: Holder, statement: Statement) -> Context:
    names = ("since", "until", "opening", "closing")
    known = {"reference": None, "holder": holder.legal_name, "lines": [asdict(each) for each in statement.movements]}
    return known | {name: getattr(statement, name) for name in names}


CONTEXTS: dict[str, Any] = {"invoice": _of_invoice, "credit_note": _of_credit_note, "remittance": _of_payout}
