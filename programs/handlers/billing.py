"""The jobs of billing: papers to make, and what each day and each month bring."""

from typing import Any
from uuid import UUID

from autopilot import clock
from autopilot.engine import JobContext, handler
from programs.services import billing_documents, earnings, invoices, payments, payouts
from programs.services.earnings import Month


@handler(invoices.DOCUMENT_JOB)
def invoice_document(job: JobContext, invoice_id: UUID) -> dict[str, Any]:
    """Make and archive the PDF of a sent invoice."""
    return {"document_id": job.call("render", lambda key: str(billing_documents.invoice_document(invoice_id).pk))}


@handler(payments.CREDIT_JOB)
def credit_note_document(job: JobContext, credit_note_id: UUID) -> dict[str, Any]:
    """Make and archive the PDF of a credit note."""
    made = job.call("render", lambda key: str(billing_documents.credit_note_document(credit_note_id).pk))
    return {"document_id": made}


@handler("billing.overdue")
def overdue(job: JobContext) -> dict[str, Any]:
    """Mark the invoices whose day has passed, and remind their holders: for a schedule that runs it daily."""
    return {"marked": job.tx("mark", invoices.mark_overdue)}


@handler(payouts.DOCUMENT_JOB)
def remittance(job: JobContext, payout_id: UUID) -> dict[str, Any]:
    """Make and archive the PDF that tells a holder what a payout is made of."""
    return {"document_id": job.call("render", lambda key: str(billing_documents.remittance_document(payout_id).pk))}


@handler("billing.accrue")
def accrue(job: JobContext, month: str = "") -> dict[str, Any]:
    """Keep what holders have earned until the end of a month, as `2026-11`; without one, of the last: for a schedule."""
    asked = month or str(job.tx("month", lambda: str(Month.before(clock.today()))))
    # Each holder has a transaction of its own, and every earning its reference: to be repeated is harmless.
    return {"month": asked, "new": job.call("accrue", lambda key: earnings.accrue_month(Month.read(asked)))}
