"""The papers of billing: made of what is stored, archived once, and the same bytes whenever they are made again."""

from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from autopilot.documents import archive, pdf, provenance
from autopilot.models import Document
from programs import money
from programs.models import CreditNote, Holder, Invoice, Payout
from programs.services.statements import Statement

FOLDER = "programs/pdf"
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
    title = f"Statement of account, {statement.since:%B} {statement.since.day} to {statement.until:%B} {statement.until.day}"
    created = datetime.combine(statement.until, time.min, ZoneInfo(settings.TIME_ZONE))
    return _archived("statement", _of_statement(holder, statement), title, holder.pk, created)


def _kept(row: Any, slug: str, title: str, tenant_id: UUID, created: Any) -> Document:
    made = _archived(slug, CONTEXTS[slug](row), title, tenant_id, created)
    model: type[models.Model] = type(row)
    model._default_manager.filter(pk=row.pk, document=None).update(document=made)
    return made


def _archived(slug: str, context: Context, title: str, tenant_id: UUID, created: datetime) -> Document:
    template = f"{FOLDER}/{slug}.html"
    content = pdf.render(template, context, title=title, created=created)
    return archive.store(
        content,
        media_type="application/pdf",
        title=title,
        tenant_id=tenant_id,
        snapshot=context,
        provenance=provenance.of(template),
    )


def _of_invoice(invoice: Invoice) -> Context:
    return {
        "reference": invoice.number,
        "number": invoice.number,
        "bill_to": invoice.bill_to.splitlines(),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "lines": [
            {
                "description": each.description,
                "reference": each.reference,
                "quantity": f"{each.quantity.normalize():f}",
                "unit_price": money.written(each.unit_price),
                "amount": money.written(each.amount),
                "tax": money.written(money.tax_on(each.amount, invoice.tax_percent)) if each.taxable else "",
            }
            for each in invoice.charges.all()
        ],
        "tax_percent": f"{invoice.tax_percent.normalize():f}",
        "notes": invoice.notes,
    } | _written(invoice, "subtotal", "tax", "total")


def _of_credit_note(note: CreditNote) -> Context:
    invoice = note.invoice
    return {
        "reference": note.number,
        "number": note.number,
        "invoice_number": invoice.number,
        "bill_to": invoice.bill_to.splitlines(),
        "issued_on": note.issued_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        "reason": note.reason,
        "invoice_total": money.written(invoice.total),
    } | _written(note, "amount")


def _of_payout(payout: Payout) -> Context:
    return {
        "reference": payout.batch.number,
        "number": payout.batch.number,
        "pay_to": payout.holder.legal_name,
        "account": f"ending in {payout.bank_account.last_four}",
        "payment_reference": payout.batch.payment_reference,
        "paid_on": payout.batch.paid_at,
        "lines": [
            {"description": each.description, "earned_on": each.earned_on, "amount": money.written(each.amount)}
            for each in payout.earnings.all()
        ],
    } | _written(payout, "amount")


def _of_statement(holder: Holder, statement: Statement) -> Context:
    lines = [
        {
            "on": each.on,
            "what": each.what,
            "reference": each.reference,
            "amount": money.written(each.amount),
            "balance": money.written(each.balance),
        }
        for each in statement.movements
    ]
    return {"holder": holder.legal_name, "since": statement.since, "until": statement.until, "lines": lines} | _written(
        statement, "opening", "closing"
    )


def _written(row: Any, *names: str) -> dict[str, str]:
    amounts: Iterable[tuple[str, Decimal]] = ((name, getattr(row, name)) for name in names)
    return {name: money.written(amount) for name, amount in amounts}


CONTEXTS: dict[str, Any] = {"invoice": _of_invoice, "credit_note": _of_credit_note, "remittance": _of_payout}
