"""Invoices and payouts over the API: what was sent and approved, of the holders a token may reach."""

import pytest
from django.contrib.auth.models import User

from autopilot import clock
from autopilot.tokens import create_token
from programs.services.payouts import approve_batch, prepare_batch
from tests.autopilot.api.conftest import Caller
from tests.programs.billing.samples import banked, drafted, earned, sent
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
SCOPES = ["invoices:read", "payouts:read"]


def caller(user, **changes):
    return Caller(create_token(name="test", user=user, by=None, **{"scopes": SCOPES} | changes)[1])


@pytest.fixture
def other(db):
    return holder(ein="35-7654321", legal_name="Lake School")


def test_a_member_reads_what_was_sent_to_the_holder(school, other):
    invoice, theirs = sent(school, "250.00"), sent(other)
    drafted(school)
    member = caller(member_of(school))

    listed = member.get("invoices").json()["results"]

    assert [each["number"] for each in listed] == [invoice.number]
    assert (listed[0]["balance"], listed[0]["lines"][0]["amount"]) == ("250.00", "250.00")
    assert member.get(f"invoices/{invoice.pk}").json()["tenant_id"] == str(school.pk)
    assert member.get(f"invoices/{theirs.pk}").status_code == 404


def test_a_tenants_token_reads_the_tenants_alone(school, other, finance):
    sent(school)
    sent(other)

    listed = caller(finance, tenant_id=other.pk).get("invoices").json()["results"]

    assert [each["tenant_id"] for each in listed] == [str(other.pk)]


def test_finance_reads_all_and_asks_for_some(school, other, finance):
    sent(school)
    sent(other)
    staff = caller(finance)

    assert len(staff.get("invoices").json()["results"]) == 2
    assert len(staff.get(f"invoices?holder={other.pk}&status=sent").json()["results"]) == 1
    assert staff.get("invoices?status=overdue").json()["results"] == []
    assert staff.get("invoices?status=draft").status_code == 400


def test_payouts_are_told_once_they_are_approved(school, finance, second):
    banked(school)
    earned(school, "80.00")
    batch, _ = prepare_batch(until=clock.today(), by=finance)
    member = caller(member_of(school, username="reader"))
    assert member.get("payouts").json()["results"] == []

    approve_batch(batch, by=second)

    (payout,) = member.get("payouts").json()["results"]
    assert (payout["number"], payout["amount"], payout["status"]) == (batch.number, "80.00", "approved")
    assert member.get(f"payouts/{payout['id']}").json() == payout


def test_it_needs_its_scope_and_a_holder(school):
    sent(school)

    assert caller(member_of(school), scopes=["jobs:read"]).get("invoices").status_code == 403
    assert caller(User.objects.create_user("nobody")).get("invoices").json()["results"] == []
