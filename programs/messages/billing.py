"""The mails of billing, to the people of a holder; none of them names a bank account."""

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs import money
from programs.messages.mails import address
from programs.models import BankAccount, CreditNote, Invoice, Payment, Payout
from programs.services import bank_accounts, invoices, payments, payouts
from programs.services.people import add_notice, letter, mail_to

TEMPLATE = "programs/emails/notice"
READ = "Read it in the portal"

add_notice(invoices.SENT, "An invoice was sent")
add_notice(invoices.OVERDUE, "An invoice is overdue")
add_notice(invoices.PAID, "An invoice is settled")
add_notice(invoices.CANCELLED, "An invoice was cancelled")
add_notice(payments.CREDITED, "A credit note was issued")
add_notice(payments.RECEIVED, "A payment was received")
add_notice(payouts.APPROVED, "A payout was approved")
add_notice(payouts.PAID, "A payout was paid")
add_notice(payouts.CANCELLED, "A payout comes later")


@message(invoices.SENT, webhook=True)
def invoice_sent(invoice_id: str) -> EmailMultiAlternatives:
    """Send a holder its invoice."""
    invoice = _invoice(invoice_id)
    due = f"{invoice.due_on:%B} {invoice.due_on.day}, {invoice.due_on.year}" if invoice.due_on else ""
    text = f"We have sent you invoice {invoice.number} over {money.written(invoice.total)}. Please pay it by {due}."
    return _about(invoice, invoices.SENT, f"Invoice {invoice.number}", text)


@message(invoices.OVERDUE, webhook=True)
def invoice_overdue(invoice_id: str) -> EmailMultiAlternatives:
    """Remind a holder of an invoice whose day has passed."""
    invoice = _invoice(invoice_id)
    text = f"Invoice {invoice.number} was due. {money.written(invoice.balance)} of it is still open. Please pay it now."
    return _about(invoice, invoices.OVERDUE, f"Invoice {invoice.number} is overdue", text)


@message(invoices.PAID, webhook=True)
def invoice_paid(invoice_id: str) -> EmailMultiAlternatives:
    """Tell a holder that nothing of an invoice is open any more."""
    invoice = _invoice(invoice_id)
    return _about(
        invoice,
        invoices.PAID,
        f"Invoice {invoice.number} is settled",
        f"Nothing of invoice {invoice.number} is open any more.",
    )


@message(invoices.CANCELLED, webhook=True)
def invoice_cancelled(invoice_id: str) -> EmailMultiAlternatives:
    """Tell a holder that an invoice need not be paid."""
    invoice = _invoice(invoice_id)
    text = f"We have cancelled invoice {invoice.number}. You need not pay it. Our reason: {invoice.cancel_reason}"
    return _about(invoice, invoices.CANCELLED, f"Invoice {invoice.number} is cancelled", text)


@message(payments.CREDITED, webhook=True)
def invoice_credited(credit_note_id: str) -> EmailMultiAlternatives:
    """Send a holder a credit note."""
    note = CreditNote.objects.select_related("invoice__holder").get(pk=credit_note_id)
    text = f"Credit note {note.number} takes {money.written(note.amount)} back of invoice {note.invoice.number}."
    return _about(note.invoice, payments.CREDITED, f"Credit note {note.number}", text)


@message(payments.RECEIVED, webhook=True)
def payment_received(payment_id: str) -> EmailMultiAlternatives:
    """Thank a holder for a payment."""
    payment = Payment.objects.select_related("invoice__holder").get(pk=payment_id)
    text = f"We have received {money.written(payment.amount)} for invoice {payment.invoice.number}. Thank you."
    return _about(payment.invoice, payments.RECEIVED, f"Payment for invoice {payment.invoice.number}", text)


@message(payouts.APPROVED, webhook=True)
def payout_approved(payout_id: str) -> EmailMultiAlternatives:
    """Tell a holder that a payout is on its way."""
    payout = _payout(payout_id)
    return _of_payout(
        payout,
        payouts.APPROVED,
        "A payout is on its way",
        f"We pay you {money.written(payout.amount)} in the next days.",
    )


@message(payouts.PAID, webhook=True)
def payout_paid(payout_id: str) -> EmailMultiAlternatives:
    """Tell a holder that it was paid."""
    payout = _payout(payout_id)
    text = f"We have paid you {money.written(payout.amount)}. The bank's reference is {payout.batch.payment_reference}."
    return _of_payout(payout, payouts.PAID, "We have paid you", text)


@message(payouts.CANCELLED, webhook=True)
def payout_cancelled(payout_id: str) -> EmailMultiAlternatives:
    """Tell a holder that an announced payout does not come yet."""
    payout = _payout(payout_id)
    text = f"The payout of {money.written(payout.amount)} does not come yet. It stays owed, and comes with a later one."
    return _of_payout(payout, payouts.CANCELLED, "A payout comes later", text)


@message(bank_accounts.CHANGED, webhook=True)
def bank_account_changed(bank_account_id: str, former_id: str) -> EmailMultiAlternatives:
    """Warn the contact as it was before, whoever entered the former account, and the contact of now."""
    accounts = BankAccount.objects.select_related("holder", "entered_by")
    account, former = accounts.get(pk=bank_account_id), accounts.get(pk=former_id)
    holder = account.holder
    entered_by = former.entered_by.email if former.entered_by else ""
    addresses = dict.fromkeys(filter(None, (former.contact_email, entered_by, holder.contact_email)))
    text = (
        f"The bank details of {holder} in Provost have changed. If you did not expect this, call the network today: "
        "until the hold is over, nothing is paid to the new account."
    )
    link = address("portal:bank", holder.pk)
    return letter(addresses, TEMPLATE, subject="Your bank details have changed", text=text, link=link, action=READ)


def _payout(payout_id: str) -> Payout:
    return Payout.objects.select_related("holder", "batch").get(pk=payout_id)


def _of_payout(payout: Payout, topic: str, subject: str, text: str) -> EmailMultiAlternatives:
    link = address("portal:payout", payout.holder_id, payout.pk)
    return mail_to(payout.holder, topic, TEMPLATE, subject=subject, text=text, link=link, action=READ, or_contact=True)


def _invoice(invoice_id: str) -> Invoice:
    return Invoice.objects.select_related("holder").get(pk=invoice_id)


def _about(invoice: Invoice, topic: str, subject: str, text: str) -> EmailMultiAlternatives:
    link = address("portal:invoice", invoice.holder_id, invoice.pk)
    return mail_to(invoice.holder, topic, TEMPLATE, subject=subject, text=text, link=link, action=READ, or_contact=True)
