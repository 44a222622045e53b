"""The mails of billing, to the people of a holder; none of them names a bank account."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.engine import message
from programs import money
from programs.models import CreditNote, Holder, Invoice, Member, MemberRole, Payment
from programs.services import invoices, payments

TEMPLATE = "programs/emails/billing"


@message(invoices.SENT, webhook=True)
def invoice_sent(invoice_id: str) -> EmailMultiAlternatives:
    """Send a holder its invoice."""
    invoice = _invoice(invoice_id)
    due = f"{invoice.due_on:%B} {invoice.due_on.day}, {invoice.due_on.year}" if invoice.due_on else ""
    told = f"We have sent you invoice {invoice.number} over {money.written(invoice.total)}. Please pay it by {due}."
    return _about(invoice, f"Invoice {invoice.number}", told)


@message(invoices.OVERDUE, webhook=True)
def invoice_overdue(invoice_id: str) -> EmailMultiAlternatives:
    """Remind a holder of an invoice whose day has passed."""
    invoice = _invoice(invoice_id)
    told = f"Invoice {invoice.number} was due. {money.written(invoice.balance)} of it is still open. Please pay it now."
    return _about(invoice, f"Invoice {invoice.number} is overdue", told)


@message(invoices.PAID, webhook=True)
def invoice_paid(invoice_id: str) -> EmailMultiAlternatives:
    """Tell a holder that nothing of an invoice is open any more."""
    invoice = _invoice(invoice_id)
    return _about(
        invoice, f"Invoice {invoice.number} is settled", f"Nothing of invoice {invoice.number} is open any more."
    )


@message(invoices.CANCELLED, webhook=True)
def invoice_cancelled(invoice_id: str) -> EmailMultiAlternatives:
    """Tell a holder that an invoice need not be paid."""
    invoice = _invoice(invoice_id)
    told = f"We have cancelled invoice {invoice.number}. You need not pay it. Our reason: {invoice.cancel_reason}"
    return _about(invoice, f"Invoice {invoice.number} is cancelled", told)


@message(payments.CREDITED, webhook=True)
def invoice_credited(credit_note_id: str) -> EmailMultiAlternatives:
    """Send a holder a credit note."""
    note = CreditNote.objects.select_related("invoice__holder").get(pk=credit_note_id)
    told = f"Credit note {note.number} takes {money.written(note.amount)} back of invoice {note.invoice.number}."
    return _about(note.invoice, f"Credit note {note.number}", told)


@message(payments.RECEIVED, webhook=True)
def payment_received(payment_id: str) -> EmailMultiAlternatives:
    """Thank a holder for a payment."""
    payment = Payment.objects.select_related("invoice__holder").get(pk=payment_id)
    told = f"We have received {money.written(payment.amount)} for invoice {payment.invoice.number}. Thank you."
    return _about(payment.invoice, f"Payment for invoice {payment.invoice.number}", told)


def _invoice(invoice_id: str) -> Invoice:
    return Invoice.objects.select_related("holder").get(pk=invoice_id)


def _about(invoice: Invoice, subject: str, told: str) -> EmailMultiAlternatives:
    page = reverse("portal:invoice", args=[invoice.holder_id, invoice.pk])
    return to_people(invoice.holder, subject, told, page)


def to_people(holder: Holder, subject: str, told: str, page: str) -> EmailMultiAlternatives:
    """Return a mail to the owners and coordinators of a holder, or to its contact where there is none yet."""
    people = Member.objects.filter(
        holder=holder, left_at=None, role__in=[MemberRole.OWNER, MemberRole.COORDINATOR], user__is_active=True
    ).exclude(user__email="")
    addresses = list(people.values_list("user__email", flat=True)) or [holder.contact_email]
    return letter(addresses, subject, told, page)


def letter(addresses: list[str], subject: str, told: str, page: str) -> EmailMultiAlternatives:
    """Return a mail with one thing to tell and a page to read on; its readers do not see each other."""
    context = {"subject": subject, "told": told, "page": f"{settings.BASE_URL}{page}"}
    made = EmailMultiAlternatives(subject, render_to_string(f"{TEMPLATE}.txt", context), bcc=addresses)
    made.attach_alternative(render_to_string(f"{TEMPLATE}.html", context), "text/html")
    return made
