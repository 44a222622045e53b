"""Statements add up, whatever happened."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from autopilot import clock
from autopilot.identifiers import uuid7
from programs import money
from programs.models import Invoice
from programs.services.invoices import cancel_invoice
from programs.services.payments import issue_credit_note, record_payment
from programs.services.statements import owed_by, statement_of
from tests.programs.billing.samples import sent
from tests.programs.samples import holder

START = date(2026, 1, 1)
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["send", "pay", "credit", "cancel"]),
        st.integers(min_value=1, max_value=20_000),
        st.integers(min_value=0, max_value=15),
    ),
    max_size=8,
)


def perform(school, deed, cents):
    amount, invoice = Decimal(cents) / 100, Invoice.objects.exclude(status__in=["paid", "cancelled"]).first()
    if deed == "send" or invoice is None:
        sent(school, str(amount))
    elif deed == "pay":
        record_payment(invoice, reference=str(uuid7()), amount=amount, received_on=clock.today(), by=None)
    elif deed == "credit":
        issue_credit_note(invoice, amount=amount, reason="Some of it.", by=None)
    else:
        cancel_invoice(invoice, by=None, reason="Not owed.")


class AddingUp(TestCase):
    """What always holds of statements."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(DEEDS)
    def test_it_adds_up_whatever_happened(self, deeds):
        """Opening and movements make the closing, periods join, and the last closing is what is owed."""
        school, begin, gone = holder(), clock.today(), 0
        for deed, cents, days in deeds:
            gone += days
            with clock.moved(timedelta(days=gone)):
                try:
                    perform(school, deed, cents)
                except ValidationError:
                    continue
        end = begin + timedelta(days=gone)
        middle = begin + timedelta(days=gone // 2)

        whole = statement_of(school, since=begin, until=end)
        first = statement_of(school, since=begin, until=middle)

        assert whole.closing == owed_by(school)
        assert whole.closing == whole.opening + money.total(each.amount for each in whole.movements)
        if middle < end:
            rest = statement_of(school, since=middle + timedelta(days=1), until=end)
            assert rest.opening == first.closing
            assert rest.closing == whole.closing
            assert len(first.movements) + len(rest.movements) == len(whole.movements)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 2, 1), date(2026, 1, 31)), (date(1, 1, 1), START), (START, date(9999, 12, 31))],
)
def test_it_refuses_a_period_that_is_none(school, since, until):
    with pytest.raises(ValidationError) as refusal:
        statement_of(school, since=since, until=until)

    assert refusal.value.code == "period"


@pytest.mark.django_db
def test_it_shows_another_holders_movements_to_nobody(school):
    sent(holder(ein="35-7654321"))

    assert statement_of(school, since=START, until=date(2030, 1, 1)).movements == ()
