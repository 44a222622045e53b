"""Billing in the portal: every page, for the holder's own people, by their role, with a bounded number of queries."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.models import OutboxMessage
from autopilot.outbox import build
from autopilot.testing import run_jobs
from programs.models import BankAccount, MemberRole, Payout
from programs.portal import stages
from programs.services.invoices import mark_overdue
from programs.services.payments import issue_credit_note, record_payment
from programs.services.payouts import approve_batch, pay_batch, prepare_batch
from tests.programs.billing.samples import banked, drafted, earned, sent
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
PAGES = ("", "payments/", "statement/", "payouts/", "bank/")
BANK = {
    "account_holder": "Harbor Trades", "routing_number": "021000021", "account_number": "000123456789",
    "account_number_again": "000123456789",
}  # fmt: skip


@pytest.fixture
def owner(client, school):
    """An owner who is signed in, just now."""
    user = member_of(school)
    client.force_login(user)
    return user


def page(client, school, path="", **parameters):
    return client.get(f"/portal/{school.pk}/billing/{path}", parameters)


def paid_out(school, finance, second):
    banked(school)
    earned(school)
    batch, _ = prepare_batch(until=clock.today(), by=finance)
    approve_batch(batch, by=second)
    pay_batch(batch, reference="ACH-1", by=finance)
    return Payout.objects.get()


def test_it_shows_what_was_sent_and_no_draft(client, school, owner):
    invoice = sent(school, "1234.50")
    drafted(school, "77.77")

    shown = page(client, school).content.decode()

    assert invoice.number in shown
    assert "$1,234.50" in shown
    assert "77.77" not in shown


def test_an_invoice_shows_what_was_paid_and_credited_of_it(client, school, owner):
    invoice = sent(school)
    record_payment(invoice, reference="check 17", amount=Decimal(30), received_on=clock.today(), by=None)
    note = issue_credit_note(invoice, amount=Decimal(20), reason="A week was cancelled.", by=None)

    shown = page(client, school, f"invoices/{invoice.pk}/").content.decode()

    assert "$50.00" in shown
    assert all(text in shown for text in ("check 17", note.number, "A week was cancelled."))


def test_the_papers_are_made_by_jobs_and_handed_out_as_files(client, school, owner, finance, second):
    invoice = sent(school)
    note = issue_credit_note(invoice, amount=Decimal(20), reason="A week was cancelled.", by=None)
    payout = paid_out(school, finance, second)
    paths = [f"invoices/{invoice.pk}/file/", f"credit-notes/{note.pk}/file/", f"payouts/{payout.pk}/file/"]
    assert [page(client, school, path).status_code for path in paths] == [404] * 3

    run_jobs()

    for path in paths:
        answer = page(client, school, path)
        assert answer.content.startswith(b"%PDF-")
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_statement_is_shown_and_archived_as_a_pdf(client, school, owner):
    invoice = sent(school)
    today = clock.today().isoformat()

    shown = page(client, school, "statement/").content.decode()
    file = client.post(f"/portal/{school.pk}/billing/statement/", {"since": today, "until": today})

    assert invoice.number in shown
    assert file.content.startswith(b"%PDF-")


@pytest.mark.parametrize("period", [{"since": "x", "until": ""}, {"since": "2026-02-01", "until": "2026-01-01"}])
def test_it_says_what_is_wrong_with_a_period(client, school, owner, period):
    assert "error-summary" in page(client, school, "statement/", **period).content.decode()
    assert client.post(f"/portal/{school.pk}/billing/statement/", period).status_code == 422


def test_a_payout_shows_once_it_is_approved(client, school, owner, finance, second):
    banked(school)
    earned(school, "70.00")
    batch, _ = prepare_batch(until=clock.today(), by=finance)
    assert batch.number not in page(client, school, "payouts/").content.decode()

    approve_batch(batch, by=second)

    assert batch.number in page(client, school, "payouts/").content.decode()
    shown = page(client, school, f"payouts/{batch.payouts.get().pk}/").content.decode()
    assert "ending in 6789" in shown
    assert "$70.00" in shown


def test_an_owner_enters_bank_details_and_sees_their_end_alone(client, school, owner):
    answer = client.post(f"/portal/{school.pk}/billing/bank/edit/", BANK)

    assert answer["Location"] == f"/portal/{school.pk}/billing/bank/"
    shown = page(client, school, "bank/").content.decode()
    assert "6789" in shown
    assert BANK["account_number"] not in shown


def test_an_old_sign_in_is_asked_who_it_is_and_nothing_is_kept(client, school, owner):
    with clock.moved(timedelta(minutes=20)):
        answers = [
            page(client, school, "bank/edit/"),
            client.post(f"/portal/{school.pk}/billing/bank/edit/", BANK),
        ]

    assert all(answer["Location"].startswith("/accounts/reauthenticate/") for answer in answers)
    assert not BankAccount.objects.exists()
    assert BANK["account_number"] not in str(dict(client.session))


def test_what_is_wrong_with_bank_details_stands_beside_the_field(client, school, owner):
    answer = client.post(f"/portal/{school.pk}/billing/bank/edit/", BANK | {"routing_number": "021000022"})

    shown = answer.content.decode()
    assert "Enter the nine digits" in shown
    assert "021000022" not in shown
    assert BANK["account_number"] not in shown


@pytest.mark.parametrize("role", [MemberRole.COORDINATOR, MemberRole.READ_ONLY])
def test_the_others_read_and_enter_nothing(client, school, role):
    client.force_login(member_of(school, role))

    assert [page(client, school, path).status_code for path in PAGES] == [200] * len(PAGES)
    assert client.post(f"/portal/{school.pk}/billing/bank/edit/", BANK).status_code == 403
    assert page(client, school, "bank/edit/").status_code == 403


def test_another_holders_rows_are_not_there(client, school, owner, finance, second):
    other = holder(ein="35-7654321")
    invoice = sent(other)
    payout = paid_out(other, finance, second)
    run_jobs()

    paths = [f"invoices/{invoice.pk}/", f"invoices/{invoice.pk}/file/", f"payouts/{payout.pk}/"]
    assert [page(client, school, path).status_code for path in paths] == [404] * 3
    assert invoice.number not in page(client, school).content.decode()


def test_the_lists_ask_as_often_for_many_as_for_one(client, school, owner):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            page(client, school)
        return len(queries)

    sent(school)
    asked()
    one = asked()
    for _ in range(5):
        sent(school)

    assert asked() == one


def test_the_overview_tells_how_billing_stands(school, finance, second):
    def told():
        return {each.title: (each.state, each.line) for each in stages(school) if each.title in ("Invoices", "Payouts")}

    assert told() == {
        "Invoices": ("pending", "No invoice was sent yet."),
        "Payouts": ("pending", "What you earn by your MOU is paid here."),
    }
    sent(school, due_on=clock.today())
    earned(school)
    with clock.moved(timedelta(days=1)):
        mark_overdue()
    assert told()["Invoices"] == ("due", "You owe $100.00, and some of it is overdue.")
    assert told()["Payouts"][0] == "due"
    paid_out(school, finance, second)
    assert told()["Payouts"] == ("done", "All that you have earned is paid.")


def test_every_mail_of_billing_can_be_built(school, finance, second):
    invoice = sent(school, due_on=clock.today())
    issue_credit_note(invoice, amount=Decimal(20), reason="Some of it.", by=None)
    with clock.moved(timedelta(days=1)):
        mark_overdue()
    invoice.refresh_from_db()
    record_payment(invoice, reference="check", amount=Decimal(80), received_on=clock.today(), by=None)
    paid_out(school, finance, second)

    mails = {each.topic: build(each) for each in OutboxMessage.objects.filter(topic__startswith="programs.")}

    told = {topic for topic in mails if topic.split(".")[1] in ("invoice", "payment", "payout")}
    assert told == {
        "programs.invoice.sent", "programs.invoice.credited", "programs.invoice.overdue", "programs.invoice.paid",
        "programs.payment.received", "programs.payout.approved", "programs.payout.paid",
    }  # fmt: skip
    assert all("6789" not in mails[topic].body and "/portal/" in mails[topic].body for topic in told)
