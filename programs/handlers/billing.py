"""The jobs of billing: papers to make, and what each day and each month bring."""

from typing import Any
from uuid import UUID

from autopilot.engine import JobContext, handler
from programs.services import billing_documents, invoices, payments


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
