"""Money in the office: charges become invoices, batches need two people, numbers are revealed once, lists are taken along."""

import csv
import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from autopilot import clock
from autopilot.models import AuditEntry
from programs.models import Charge, Invoice, InvoiceStatus, PayoutBatch, PayoutBatchStatus, Revenue
from tests.programs.billing.samples import banked, charged, drafted, earned, sent
from tests.programs.conftest import staff_member
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db
LISTS = ("charge", "invoice", "payment", "creditnote", "revenue", "earning", "payoutbatch", "payout", "bankaccount")


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.STAFF_MFA_REQUIRED = False


@pytest.fixture
def office(client, finance):
    """The office, as a person of Finance sees it."""
    client.force_login(finance)
    return client


def page_of(row):
    return reverse(f"admin:programs_{row._meta.model_name}_change", args=[row.pk])


def do(client, row, task, **said):
    return client.post(f"/admin/programs/{row._meta.model_name}/{row.pk}/{task}/", said)


def test_a_charge_is_entered_and_put_on_an_invoice(office, school):
    said = {
        "holder": school.pk, "reference": "fee-1", "description": "Network fee", "quantity": "2", "unit_price": "$1,250",
        "taxable": "on", "incurred_on": clock.today().isoformat(),
    }  # fmt: skip
    office.post("/admin/programs/charge/add/", said)
    made = Charge.objects.get()

    answer = office.post(
        f"/admin/programs/invoice/add/?holder={school.pk}", {"charges": [made.pk], "tax_percent": "7", "notes": ""}
    )

    invoice = Invoice.objects.get()
    assert answer["Location"] == page_of(invoice)
    assert made.amount == 2500
    assert invoice.total == 2675


@pytest.mark.parametrize("said", [{}, {"unit_price": "many"}, {"unit_price": "-1"}, {"reference": ""}])
def test_it_says_what_is_wrong_with_a_charge(office, school, said):
    good = {
        "holder": school.pk, "reference": "fee-1", "description": "Fee", "quantity": "1", "unit_price": "1",
        "incurred_on": "2026-01-01",
    }  # fmt: skip

    answer = office.post("/admin/programs/charge/add/", (good | said) if said else {"x": "y"})

    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not Charge.objects.exists()


def test_charges_of_two_holders_make_no_invoice(office, school):
    rows = [charged(school), charged(holder(ein="35-7654321"))]

    answer = office.post("/admin/programs/invoice/add/", {"charges": [row.pk for row in rows], "tax_percent": "0"})

    assert answer.status_code == 422
    assert "of one holder only" in answer.content.decode()


def test_an_invoice_is_sent_paid_and_credited_on_its_page(office, school):
    invoice = drafted(school)

    do(office, invoice, "send", due_on="")
    do(office, invoice, "pay", amount="40.00", reference="check-1", received_on=clock.today().isoformat())
    do(office, invoice, "credit", amount="10", reason="A day was cancelled.")

    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance) == (InvoiceStatus.SENT, Decimal("50.00"))
    shown = office.get(page_of(invoice)).content.decode()
    assert all(text in shown for text in (invoice.number, "check-1", "A day was cancelled.", "$50.00"))


def test_what_is_refused_stands_beside_its_form(office, school):
    invoice = sent(school)

    answer = do(office, invoice, "pay", amount="100.01", reference="check-1", received_on=clock.today().isoformat())

    assert answer.status_code == 422
    assert "Only $100.00 of this invoice is still open" in answer.content.decode()


def test_a_draft_is_cancelled_with_a_reason(office, school):
    invoice = drafted(school)

    assert do(office, invoice, "cancel", reason="").status_code == 422
    do(office, invoice, "cancel", reason="Wrong month.")

    invoice.refresh_from_db()
    assert invoice.status == InvoiceStatus.CANCELLED


def test_a_batch_needs_another_person(office, client, school, second):
    banked(school)
    earned(school, "250.00")
    unbanked = holder(ein="35-7654321", legal_name="No Bank", doing_business_as="")
    earned(unbanked)

    listed = office.post("/admin/programs/payoutbatch/add/", {"until": clock.today().isoformat()}, follow=True)
    batch = PayoutBatch.objects.get()
    mine = do(office, batch, "approve")
    client.force_login(second)
    do(client, batch, "approve")
    do(client, batch, "pay", reference="ACH-77")

    assert "Left out: No Bank" in listed.content.decode()
    assert mine.status_code == 422
    assert "Another person must approve it" in mine.content.decode()
    batch.refresh_from_db()
    assert (batch.status, batch.approved_by) == (PayoutBatchStatus.PAID, second)


def test_revenue_is_recorded(office, school):
    said = {
        "program": school.programs.get().pk, "reference": "ITA-1", "description": "ITA payment", "gross": "5,000",
        "costs": "500", "cleared_on": clock.today().isoformat(),
    }  # fmt: skip

    office.post("/admin/programs/revenue/add/", said)

    assert Revenue.objects.get().net == 4500


def test_numbers_are_shown_once_and_recorded(office, school):
    account = banked(school)
    assert "000123456789" not in office.get(page_of(account)).content.decode()

    answer = do(office, account, "reveal", reason="The bank asks.")

    assert "000123456789" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.filter(name="programs.bank_account.revealed").count() == 1
    assert "000123456789" not in office.get(page_of(account)).content.decode()


@pytest.mark.parametrize("group", ["Operator", "Reviewer", "Auditor"])
def test_others_do_nothing_with_money(client, school, group):
    client.force_login(staff_member("other", Group.objects.get(name=group)))
    rows = [(drafted(school), "send"), (banked(school), "reveal")]

    assert [do(client, row, task, reason="x").status_code for row, task in rows] == [403, 403]
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


def test_every_list_is_taken_along_without_formulas(office, school):
    charged(school, description="=HYPERLINK(1)", reference="+1")

    for name in LISTS:
        for extension in ("csv", "xlsx"):
            assert office.get(f"/admin/programs/{name}/export.{extension}").status_code == 200
    rows = list(csv.reader(io.StringIO(office.get("/admin/programs/charge/export.csv").content.decode())))
    assert rows[1][:3] == ["'+1", "Harbor Trades School, Inc.", "'=HYPERLINK(1)"]
    sheet = load_workbook(io.BytesIO(office.get("/admin/programs/charge/export.xlsx").content)).active
    assert [cell.data_type for cell in sheet[2]][:3] == ["s", "s", "s"]
    assert sheet["F2"].value == 100


def test_a_list_is_taken_along_as_pdf(office, school):
    sent(school)

    answer = office.get("/admin/programs/invoice/export.pdf?status__exact=sent")

    assert answer.content.startswith(b"%PDF-")
    assert office.get("/admin/programs/invoice/export.exe").status_code == 404


def test_the_lists_ask_as_often_for_many_as_for_one(office, school):
    def asked(name):
        with CaptureQueriesContext(connection) as queries:
            assert office.get(f"/admin/programs/{name}/").status_code == 200
        return len(queries)

    banked(school)
    sent(school)
    earned(school)
    few = {name: (asked(name), asked(name))[1] for name in LISTS}
    for number in range(3):
        other = holder(ein=f"35-765432{number}")
        banked(other)
        sent(other)
        earned(other)

    assert {name: asked(name) for name in LISTS} == few
