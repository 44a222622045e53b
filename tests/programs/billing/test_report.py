"""The month's report: adds up, agrees with the statements, and asks as often for many holders as for one."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from programs.billing_report import ALL, billing_report
from programs.services.earnings import Month
from programs.services.invoices import cancel_invoice
from programs.services.payments import issue_credit_note, record_payment
from programs.services.statements import statement_of
from tests.programs.billing.samples import earned, sent
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def month():
    return Month.read(f"{clock.today():%Y-%m}")


@pytest.fixture
def busy(school):
    """A holder with a bit of everything, and another with an invoice."""
    invoice = sent(school, "300.10")
    record_payment(invoice, reference="check", amount=Decimal("100.03"), received_on=clock.today(), by=None)
    issue_credit_note(invoice, amount=Decimal("50.07"), reason="x", by=None)
    cancel_invoice(sent(school, "10.00"), by=None, reason="x")
    earned(school, "75.55")
    sent(holder(ein="35-7654321", legal_name="Lake School"), "20.00")
    return school


def told(**options):
    out = io.StringIO()
    call_command("report_billing", stdout=out, **options)
    return out.getvalue()


def test_it_adds_up_and_agrees_with_the_statement(busy, month):
    lines = {line.holder: line for line in billing_report(month)}

    line, statement = lines[busy.legal_name], statement_of(busy, since=month.first, until=month.last)
    assert line.opening + line.invoiced - line.cancelled - line.credited - line.paid == line.closing
    assert (line.opening, line.closing) == (statement.opening, statement.closing)
    assert (line.invoiced, line.cancelled, line.earned) == (Decimal("310.10"), Decimal("10.00"), Decimal("75.55"))
    assert lines[ALL].closing == Decimal("170.00")


def test_what_stood_at_the_end_stands_at_the_beginning_of_the_next(busy, month):
    following = Month.read(f"{month.last + timedelta(days=1):%Y-%m}")

    assert billing_report(following)[-1].opening == billing_report(month)[-1].closing


def test_the_command_prints_it_in_every_format(busy, month):
    rows = json.loads(told(format="json", month=str(month)))
    lines = list(csv.DictReader(io.StringIO(told(format="csv"))))

    assert rows == lines
    assert rows[-1]["holder"] == ALL
    assert "Lake School" in told()


def test_the_command_says_what_a_month_looks_like():
    with pytest.raises(CommandError, match="such as 2026-11") as refusal:
        told(month="November")

    assert refusal.value.returncode == 2


def test_it_asks_as_often_for_many_holders_as_for_one(busy, month):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            billing_report(month)
        return len(queries)

    before = asked()
    for number in range(3):
        sent(holder(ein=f"35-111111{number}"))

    assert asked() == before


def test_the_office_shows_the_same(client, finance, busy, month, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(finance)

    shown = client.get(f"/admin/programs/invoice/report/?month={month}").content.decode()
    file = client.get(f"/admin/programs/invoice/report/?month={month}&format=csv").content.decode()

    assert "$170.00" in shown
    assert "Lake School" in shown
    assert file == told(format="csv", month=str(month))
    assert "such as 2026-11" in client.get("/admin/programs/invoice/report/?month=x").content.decode()
