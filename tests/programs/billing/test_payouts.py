"""Payouts: prepared by one person, approved by another, never above what is owed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.models import Job, OutboxMessage
from programs import money
from programs.models import Earning, Payout, PayoutBatch, PayoutBatchStatus
from programs.services.payouts import approve_batch, cancel_batch, pay_batch, prepare_batch
from tests.programs.billing.samples import at_once, banked, earned, finance_person
from tests.programs.conftest import staff_member
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


def prepared(by):
    return prepare_batch(until=clock.today(), by=by)[0]


def refused(deed):
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed()
    return refusal.value.code


@pytest.fixture
def ready(school):
    """A holder with a bank account that has earned 150 dollars."""
    banked(school)
    earned(school, "100.00")
    earned(school, "50.00")
    return school


def test_a_batch_pays_all_that_is_owed(ready, finance):
    batch = prepared(finance)

    payout = batch.payouts.get()
    assert (payout.amount, payout.earnings.count()) == (Decimal("150.00"), 2)
    assert batch.number == f"PAY-{clock.today():%Y%m}-0001"


def test_it_leaves_out_who_cannot_be_paid_and_says_why(ready, finance):
    unbanked, held = holder(ein="35-7654321", legal_name="No Bank"), holder(ein="35-1111111", legal_name="Held")
    earned(unbanked)
    earned(held)
    banked(held)
    banked(held, "99887766")

    _, left_out = prepare_batch(until=clock.today(), by=finance)

    reasons = {each.holder.legal_name: each.reason for each in left_out}
    assert "bank details" in reasons["No Bank"]
    assert "have changed" in reasons["Held"]


def test_nothing_owed_makes_no_batch(school, finance):
    assert refused(lambda: prepared(finance)) == "nothing_to_pay"
    assert not PayoutBatch.objects.exists()


def test_whoever_prepared_it_does_not_approve_it(ready, finance, second):
    batch = prepared(finance)

    assert refused(lambda: approve_batch(batch, by=finance)) == "four_eyes"
    approve_batch(batch, by=second)

    assert (batch.status, batch.approved_by) == (PayoutBatchStatus.APPROVED, second)


def test_the_database_wants_two_people_too(ready, finance):
    batch = prepared(finance)
    mine = {"approved_by": finance, "approved_at": clock.now()}

    for columns in (mine, mine | {"status": "approved"}, {"status": "approved"}, {"prepared_by": finance.pk + 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            PayoutBatch.objects.filter(pk=batch.pk).update(**columns)


def test_it_is_paid_once_under_the_banks_reference(ready, finance, second):
    batch = prepared(finance)
    assert refused(lambda: pay_batch(batch, reference="ACH-1", by=finance)) == "illegal_move"
    approve_batch(batch, by=second)

    pay_batch(batch, reference="ACH-1", by=finance)

    assert (batch.status, batch.payment_reference) == (PayoutBatchStatus.PAID, "ACH-1")
    assert Job.objects.filter(kind="billing.remittance").count() == 1
    assert refused(lambda: pay_batch(batch, reference="ACH-2", by=finance)) == "illegal_move"
    assert refused(lambda: cancel_batch(batch, reason="x", by=finance)) == "illegal_move"
    assert refused(lambda: prepared(finance)) == "nothing_to_pay"


def test_a_cancelled_batch_owes_its_earnings_again(ready, finance, second):
    batch = prepared(finance)
    approve_batch(batch, by=second)

    cancel_batch(batch, reason="The bank was closed.", by=second)

    assert Payout.objects.get().cancelled_at is not None
    assert prepared(finance).payouts.get().amount == 150


def test_details_that_changed_meanwhile_stop_a_batch(ready, finance, second):
    batch = prepared(finance)
    banked(ready, "5544332211")

    assert refused(lambda: approve_batch(batch, by=second)) == "account_changed"


def test_a_change_after_the_approval_stops_the_payment(ready, finance, second):
    batch = prepared(finance)
    approve_batch(batch, by=second)
    banked(ready, "5544332211")

    assert refused(lambda: pay_batch(batch, reference="ACH-1", by=finance)) == "account_changed"


def test_it_is_for_those_who_may(ready, finance):
    stranger, batch = staff_member("stranger"), prepared(finance)

    for deed in (
        lambda: prepared(stranger),
        lambda: approve_batch(batch, by=stranger),
        lambda: pay_batch(batch, reference="x", by=stranger),
        lambda: cancel_batch(batch, reason="x", by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_a_day_that_lies_ahead_is_refused(ready, finance):
    assert refused(lambda: prepare_batch(until=clock.today() + timedelta(days=1), by=finance)) == "until"


def test_two_batches_at_once_never_pay_more_than_is_owed(shared_database):
    users = [finance_person(f"finance-{number}") for number in range(4)]
    for number in range(3):
        school = holder(ein=f"35-765432{number}")
        banked(school)
        earned(school, "70.00")
        earned(school, "30.00")

    answers = at_once(lambda number: prepared(User.objects.get(pk=users[number].pk)).pk, 4)

    assert answers.count("nothing_to_pay") == 3
    assert money.total(each.amount for each in Payout.objects.all()) == 300
    assert not Earning.objects.filter(payout=None).exists()


def test_a_batch_is_approved_once_however_many_approve(shared_database):
    maker, others = finance_person("maker"), [finance_person(f"checker-{number}") for number in range(4)]
    school = holder()
    banked(school)
    earned(school)
    batch = prepared(maker)

    answers = at_once(lambda number: approve_batch(PayoutBatch.objects.get(pk=batch.pk), by=others[number]), 4)

    assert answers.count(None) == 1
    assert set(answers) <= {None, "moved_meanwhile", "illegal_move"}
    assert OutboxMessage.objects.filter(topic="programs.payout.approved").count() == 1
