"""Money about a student: an ITA whose sums never cross, supportive services, and refunds by the school's rules."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from autopilot import clock
from programs.models import Charge, CreditNote
from programs.services.invoices import draft_invoice, send_invoice
from students.models import CostEntry, RefundRule, SupportiveService, TrainingAccount
from students.services import refunds
from students.services.costs import Spent, enter_cost, enter_support, open_account
from students.services.enrollments import withdraw
from tests.programs.conftest import permissions, staff_member
from tests.students.samples import active, cohort, coordinator, school, session

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


@pytest.fixture
def clerk():
    user = staff_member("clerk")
    user.user_permissions.set(permissions("manage_trainingaccount", "manage_invoice"))
    return user


@pytest.fixture
def ann():
    return active(cohort(school()))


@pytest.fixture
def account(ann, clerk):
    return open_account(ann, number="ITA-1", limit=Decimal(5000), by=clerk)


def refused(code, deed, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        deed(*args, **kwargs)
    assert refusal.value.code == code


def spend(account, clerk, kind, amount, reference="R"):
    return enter_cost(account, Spent(kind, Decimal(amount), f"{reference}-{kind}", TODAY), by=clerk)


def sums(account):
    account.refresh_from_db()
    return tuple(int(each) for each in (account.obligated, account.vouchered, account.paid, account.refunded))


# --- An ITA -----------------------------------------------------------------------------------------------------------


def test_it_goes_from_obligation_to_refund(account, clerk):
    for kind, amount in (("obligation", 4000), ("voucher", 3000), ("payment", 3000), ("refund", 500)):
        spend(account, clerk, kind, amount)

    assert sums(account) == (4000, 3000, 3000, 500)
    assert CostEntry.objects.count() == 4


@pytest.mark.parametrize(
    ("kind", "amount"), [("obligation", "1000.01"), ("voucher", "1000.01"), ("payment", "0.01"), ("refund", "0.01")]
)
def test_nothing_passes_what_it_stands_on(account, clerk, kind, amount):
    spend(account, clerk, "obligation", 4000)
    spend(account, clerk, "voucher", 3000)
    spend(account, clerk, "payment", 3000)
    spend(account, clerk, "refund", 3000)

    refused("beyond", spend, account, clerk, kind, amount, "again")

    assert sums(account) == (4000, 3000, 3000, 3000)


def test_the_database_holds_it_as_well(account):
    for columns in ({"vouchered": 1}, {"obligated": 6000}, {"obligated": 2, "vouchered": 1, "paid": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrainingAccount.objects.filter(pk=account.pk).update(**columns)


def test_the_same_reference_is_the_same_step(account, clerk):
    first = spend(account, clerk, "obligation", 100)

    assert spend(account, clerk, "obligation", "100.00") == first
    refused("reference_reused", spend, account, clerk, "obligation", 200)
    assert sums(account)[0] == 100


def test_without_a_known_limit_any_obligation_stands(ann, clerk):
    account = open_account(ann, number="ITA-2", by=clerk)

    spend(account, clerk, "obligation", 99_999)
    refused("opened", open_account, ann, number="ITA-3", by=clerk)


@pytest.mark.parametrize(
    ("spent", "code"),
    [(Spent("gift", Decimal(1), "R", TODAY), "kind"), (Spent("voucher", Decimal(0), "R", TODAY), "amount"),
     (Spent("voucher", Decimal("NaN"), "R", TODAY), "amount"), (Spent("voucher", Decimal(1), " ", TODAY), "reference"),
     (Spent("voucher", Decimal(1), "R", date(2999, 1, 1)), "on")],
)  # fmt: skip
def test_it_refuses_what_does_not_fit(account, clerk, spent, code):
    refused(code, enter_cost, account, spent, by=clerk)


def test_what_was_spent_stands(account, clerk):
    spend(account, clerk, "obligation", 100)

    for deed in (CostEntry.objects.all().delete, lambda: CostEntry.objects.update(amount=1)):
        with pytest.raises(DatabaseError, match=r"never (changed|deleted)"), transaction.atomic():
            deed()


def test_only_who_may_spends(account, ann):
    with pytest.raises(PermissionDenied):
        spend(account, coordinator(ann.holder), "obligation", 1)


# --- Help -------------------------------------------------------------------------------------------------------------


def test_help_is_entered_once(ann, clerk):
    facts: dict[str, Any] = {
        "kind": "transportation",
        "description": "Bus pass",
        "amount": Decimal(40),
        "provided_on": TODAY,
    }
    first = enter_support(ann.student, **facts, reference="S-1", by=clerk)

    assert enter_support(ann.student, **facts, reference="S-1", by=clerk) == first
    for changes, code in (
        ({"kind": "car"}, "kind"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"description": ""}, "description"),
    ):
        refused(code, enter_support, ann.student, **facts | changes, reference="S-2", by=clerk)
    refused(
        "reference_reused", enter_support, ann.student, **facts | {"amount": Decimal(41)}, reference="S-1", by=clerk
    )
    assert SupportiveService.objects.count() == 1


# --- Refunds ----------------------------------------------------------------------------------------------------------


def rule(of, basis, up_to, percent, **changes):
    facts = {"effective_from": date(2020, 1, 1), "source": "Catalog, page 4"} | changes
    return RefundRule.objects.create(
        program=of.cohort.program, basis=basis, up_to=Decimal(up_to), refund_percent=Decimal(percent), **facts
    )


def left(enrollment, days, tuition="1000.05"):
    """End a training some days after it began."""
    program = enrollment.cohort.program
    type(program).objects.filter(pk=program.pk).update(tuition=Decimal(tuition), clock_hours=100)
    withdraw(enrollment, reason="x", by=coordinator(enrollment.holder), on=enrollment.started_on + timedelta(days=days))
    enrollment.refresh_from_db()
    return type(enrollment).objects.select_related("cohort__program").get(pk=enrollment.pk)


@pytest.mark.parametrize(
    ("days", "taught", "amount"),
    [(3, 4, "1000.05"), (4, 8, "500.03"), (30, 52, "100.01"), (30, 64, "0.00")],
)
def test_the_first_rule_that_fits_counts(ann, days, taught, amount):
    rule(ann, "percent", 10, 50)
    rule(ann, "days", 3, 100)
    rule(ann, "percent", 60, 10)
    for number in range(taught // 4):
        session(ann.cohort, 60 - min(number, days), starts_at=f"{number % 12:02}:00", ends_at=f"{number % 12:02}:59")

    found = refunds.reckon(left(ann, days))

    assert found.amount == Decimal(amount)
    assert str(days) in found.explanation


def test_rules_count_from_their_day_to_their_last(ann):
    rule(ann, "days", 10, 100, effective_from=clock.today() + timedelta(days=1))
    rule(ann, "days", 11, 100, effective_to=clock.today() - timedelta(days=1))

    found = refunds.reckon(left(ann, 1))

    assert found.rule is None
    assert found.amount == 0


def test_it_is_granted_once_as_a_credit_note(ann, clerk):
    rule(ann, "days", 10, 25)
    ended, invoice = left(ann, 1), sent_invoice(ann.holder, clerk)
    refused("other_holder", refunds.grant_refund, ended, sent_invoice(school(ein="35-7654321"), clerk, "2"), by=clerk)

    made = refunds.grant_refund(ended, invoice, by=clerk)

    assert (made.amount, made.credit_note.amount) == (Decimal("250.01"), Decimal("250.01"))
    assert "Catalog, page 4" in CreditNote.objects.get().reason
    refused("refunded", refunds.grant_refund, ended, invoice, by=clerk)


def test_it_gives_nothing_where_nothing_is_due(ann, clerk):
    refused("not_left", refunds.reckon, ann)
    refused("nothing", refunds.grant_refund, left(ann, 1), sent_invoice(ann.holder, clerk), by=clerk)
    assert not CreditNote.objects.exists()


def sent_invoice(holder, clerk, reference="1"):
    charge = Charge.objects.create(
        holder=holder, reference=f"c-{reference}", description="Seats", unit_price=5000, amount=5000, incurred_on=TODAY
    )
    invoice = draft_invoice(holder, [charge], by=clerk)
    send_invoice(invoice, by=clerk)
    return invoice
