"""Invoices: drafted, numbered without a gap, settled, overdue, cancelled; and what is sent stands."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.models import AuditEntry, Job, OutboxMessage
from programs.models import Charge, Invoice, InvoiceStatus
from programs.services.invoices import cancel_invoice, draft_invoice, mark_overdue, send_invoice
from programs.services.numbers import next_number
from programs.services.payments import issue_credit_note, record_payment
from tests.programs.billing.samples import at_once, charged, drafted, sent
from tests.programs.conftest import staff_member
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db
AT_ONCE = 20


def paid(invoice, amount="100.00", reference="check-1", **changes):
    facts = {"received_on": clock.today(), "by": None}
    return record_payment(invoice, reference=reference, amount=Decimal(amount), **facts | changes)


def refused(deed):
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed()
    return refusal.value.code


def test_it_adds_up_tax_line_by_line(school):
    charges = [charged(school, "10.10", taxable=True), charged(school, "10.10", taxable=True), charged(school, "5.00")]

    invoice = draft_invoice(school, charges, by=None, tax_percent=Decimal("7.500"))

    # 7.5 % of 10.10 is 0.7575, rounded to 0.76 on each line; of both together it would be 1.52 as well, of three not.
    assert (invoice.subtotal, invoice.tax, invoice.total) == (Decimal("25.20"), Decimal("1.52"), Decimal("26.72"))


def test_a_charge_stands_on_one_invoice(school):
    one = charged(school)
    draft_invoice(school, [one], by=None)

    assert refused(lambda: draft_invoice(school, [one, charged(school)], by=None)) == "billed_already"
    assert Invoice.objects.count() == 1


def test_a_charge_of_another_holder_is_refused(school):
    theirs = charged(holder(ein="35-7654321"))

    assert refused(lambda: draft_invoice(school, [theirs], by=None)) == "billed_already"


@pytest.mark.parametrize("percent", ["-1", "101", "NaN"])
def test_it_refuses_a_tax_that_is_none(school, percent):
    assert refused(lambda: drafted(school, tax_percent=Decimal(percent))) == "tax"


def test_sending_gives_a_number_a_day_and_an_address(school, finance):
    invoice = drafted(school)
    day = clock.today()

    send_invoice(invoice, by=finance)

    assert invoice.number == f"INV-{day:%Y%m}-0001"
    assert (invoice.status, invoice.issued_on, invoice.due_on) == (InvoiceStatus.SENT, day, day + timedelta(days=30))
    assert invoice.bill_to.splitlines() == ["Harbor Trades School, Inc.", "40 Dock Road", "Gary, IN 46402"]
    assert Job.objects.filter(kind="billing.invoice_document").count() == 1
    assert OutboxMessage.objects.filter(topic="programs.invoice.sent").exists()
    assert AuditEntry.objects.get(name="programs.invoice.sent").actor == finance


def test_it_is_sent_once(school):
    invoice = drafted(school)
    same = Invoice.objects.get(pk=invoice.pk)
    send_invoice(invoice, by=None)

    assert refused(lambda: send_invoice(same, by=None)) == "moved_meanwhile"
    assert refused(lambda: send_invoice(invoice, by=None)) == "illegal_move"
    assert sent(school).number.endswith("-0002")


def test_a_day_that_has_passed_is_no_due_day(school):
    assert refused(lambda: sent(school, due_on=clock.today() - timedelta(days=1))) == "due_on"


def test_it_is_for_those_who_may_bill(school):
    stranger, invoice = staff_member("stranger"), drafted(school)

    for deed in (
        lambda: send_invoice(invoice, by=stranger),
        lambda: cancel_invoice(invoice, by=stranger, reason="x"),
        lambda: paid(invoice, by=stranger),
        lambda: issue_credit_note(invoice, amount=Decimal(1), reason="x", by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            deed()


@pytest.mark.parametrize(
    "column", [{"number": "INV-202601-0001"}, {"total": 1, "subtotal": 1}, {"bill_to": "x"}, {"notes": "x"}]
)
def test_the_database_keeps_a_sent_invoice_as_it_is(school, column):
    invoice = sent(school)

    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**column)


def test_the_database_keeps_the_charges_of_a_sent_invoice(school):
    invoice, other = sent(school), drafted(school)
    standing, loose = invoice.charges.get(), charged(school)

    with pytest.raises(DatabaseError), transaction.atomic():
        Charge.objects.filter(pk=standing.pk).update(invoice=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Charge.objects.filter(pk=loose.pk).update(invoice=invoice)
    assert Charge.objects.filter(pk=loose.pk).update(invoice=other) == 1


def test_a_payment_in_parts_makes_it_paid_in_the_end(school):
    invoice = sent(school)

    paid(invoice, "40.00")
    assert (invoice.status, invoice.balance) == (InvoiceStatus.SENT, Decimal("60.00"))
    paid(invoice, "60.00", "check-2")

    assert invoice.status == InvoiceStatus.PAID
    assert invoice.paid_at is not None
    assert OutboxMessage.objects.filter(topic="programs.invoice.paid").exists()


def test_a_payment_counts_once_under_its_reference(school):
    invoice = sent(school)

    assert paid(invoice, "40.00") == paid(invoice, "40.00")

    assert invoice.balance == 60
    assert refused(lambda: paid(invoice, "41.00")) == "reference_reused"


def test_an_overpayment_is_refused_with_what_to_do(school):
    invoice = sent(school)

    with pytest.raises(ValidationError, match=r"Only \$100\.00 of this invoice is still open.*send it back") as refusal:
        paid(invoice, "100.01")

    assert refusal.value.code == "overpayment"
    assert not invoice.payments.exists()


@pytest.mark.parametrize("status", ["draft", "paid", "cancelled"])
def test_what_is_not_open_is_neither_paid_nor_credited(school, status):
    invoice = drafted(school)
    if status != "draft":
        send_invoice(invoice, by=None)
    if status == "paid":
        paid(invoice, reference="first")
    if status == "cancelled":
        cancel_invoice(invoice, by=None, reason="Sent twice.")

    assert refused(lambda: paid(invoice, "1.00")) == "not_open"
    assert refused(lambda: issue_credit_note(invoice, amount=Decimal(1), reason="x", by=None)) == "not_open"


def test_money_does_not_come_in_tomorrow(school):
    invoice = sent(school)

    assert refused(lambda: paid(invoice, received_on=clock.today() + timedelta(days=1))) == "received_on"


def test_a_credit_note_takes_back_never_more_than_stands(school):
    invoice = sent(school)
    paid(invoice, "30.00")

    note = issue_credit_note(invoice, amount=Decimal("50.00"), reason="A week was cancelled.", by=None)

    assert note.number == f"CRN-{clock.today():%Y%m}-0001"
    assert invoice.balance == 20
    assert refused(lambda: issue_credit_note(invoice, amount=Decimal("20.01"), reason="x", by=None)) == "beyond_balance"
    issue_credit_note(invoice, amount=Decimal("20.00"), reason="The rest.", by=None)
    assert invoice.status == InvoiceStatus.PAID


def test_a_cancelled_draft_gives_its_charges_back(school):
    invoice = drafted(school)

    cancel_invoice(invoice, by=None, reason="Wrong month.")

    assert (invoice.status, invoice.cancel_reason) == (InvoiceStatus.CANCELLED, "Wrong month.")
    assert Charge.objects.get().invoice is None


def test_what_was_sent_is_cancelled_with_its_charges_and_number(school):
    invoice = sent(school)

    cancel_invoice(invoice, by=None, reason="Sent to the wrong school.")

    assert invoice.charges.count() == 1
    assert invoice.balance == 0
    assert invoice.number


def test_what_is_settled_in_part_is_not_cancelled(school):
    invoice = sent(school)
    paid(invoice, "1.00")

    assert refused(lambda: cancel_invoice(invoice, by=None, reason="x")) == "settled"
    assert refused(lambda: cancel_invoice(sent(school), by=None, reason=" ")) == "no_reason"


def test_it_is_overdue_the_day_after_it_was_due(school):
    invoice = sent(school, due_on=clock.today())
    assert mark_overdue() == 0

    with clock.moved(timedelta(days=1)):
        assert (mark_overdue(), mark_overdue()) == (1, 0)

    invoice.refresh_from_db()
    assert invoice.status == InvoiceStatus.OVERDUE
    paid(invoice)
    assert invoice.status == InvoiceStatus.PAID


def test_a_number_needs_a_transaction_to_stand_in(shared_database):
    with pytest.raises(RuntimeError):
        next_number("INV", clock.today())


class _TakenBack(Exception):
    """A transaction that did not hold."""


def test_numbers_have_no_gap_however_many_send_at_once(shared_database):
    school = holder()
    drafts = [drafted(school) for _ in range(AT_ONCE)]

    def send(number):
        try:
            with transaction.atomic():
                send_invoice(Invoice.objects.get(pk=drafts[number].pk), by=None)
                if number % 3 == 0:
                    raise _TakenBack
        except _TakenBack:
            return

    at_once(send, AT_ONCE)

    given = sorted(Invoice.objects.exclude(number="").values_list("number", flat=True))
    assert given == [f"INV-{clock.today():%Y%m}-{place:04}" for place in range(1, len(given) + 1)]
    assert len(given) == AT_ONCE - len(range(0, AT_ONCE, 3))


def test_one_draft_is_sent_once_however_many_send_it(shared_database):
    invoice = drafted(holder())

    answers = at_once(lambda number: send_invoice(Invoice.objects.get(pk=invoice.pk), by=None), 6)

    assert answers.count(None) == 1
    assert set(answers) <= {None, "moved_meanwhile", "illegal_move"}
    assert sent(invoice.holder).number.endswith("-0002")


def test_it_is_never_overpaid_however_many_pay_at_once(shared_database):
    invoice = sent(holder())

    answers = at_once(lambda number: paid(Invoice.objects.get(pk=invoice.pk), "30.00", f"check-{number}"), 8)

    invoice.refresh_from_db()
    assert answers.count("overpayment") == 5
    assert invoice.balance == 10
