"""Charges: exact to the cent, and once under a reference."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from programs import money
from programs.models import Charge
from tests.programs.billing.samples import charged
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


def test_it_charges_quantity_times_price_to_the_cent(school):
    made = charged(school, "33.33", quantity=Decimal("2.50"))

    assert made.amount == Decimal("83.33")  # 83.325, rounded half up


def test_it_charges_once_under_a_reference(school):
    first = charged(school, "25.00", reference="fee-2026")

    again = charged(school, "25.00", reference="fee-2026")

    assert again == first
    assert Charge.objects.count() == 1


@pytest.mark.parametrize("other", ["amount", "holder"])
def test_it_refuses_a_reference_that_stands_for_something_else(school, other):
    charged(school, "25.00", reference="fee-2026")

    with pytest.raises(ValidationError) as refusal:
        if other == "amount":
            charged(school, "26.00", reference="fee-2026")
        else:
            charged(holder(ein="35-7654321"), "25.00", reference="fee-2026")

    assert refusal.value.code == "reference_reused"


@pytest.mark.parametrize("price", ["0", "-1", "1.001", "NaN", "Infinity", "99999999999"])
def test_it_refuses_an_amount_that_is_none(school, price):
    with pytest.raises(ValidationError) as refusal:
        charged(school, price)

    assert refusal.value.code == "amount"
    assert not Charge.objects.exists()


def test_it_is_for_those_who_may_bill(school):
    with pytest.raises(PermissionDenied):
        charged(school, by=User.objects.create_user("stranger", is_staff=True))


def test_the_database_keeps_a_charge_as_it_is(school):
    made = charged(school)

    with pytest.raises(DatabaseError), transaction.atomic():
        Charge.objects.filter(pk=made.pk).update(amount=Decimal(1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Charge.objects.filter(pk=made.pk).delete()


@pytest.mark.parametrize(
    ("amount", "percent", "tax"), [("0.50", "1.000", "0.01"), ("10.00", "7.250", "0.73"), ("0.49", "1.000", "0.00")]
)
def test_tax_is_rounded_half_up_line_by_line(amount, percent, tax):
    assert money.tax_on(Decimal(amount), Decimal(percent)) == Decimal(tax)


@pytest.mark.parametrize("text", ["$1,250.00", " 1250 ", "1250.0"])
def test_it_reads_amounts_as_people_write_them(text):
    assert money.read(text) == 1250


@pytest.mark.parametrize("text", ["", "ten", "1.2.3", "$"])
def test_it_says_what_an_amount_looks_like(text):
    with pytest.raises(ValidationError, match=r"such as 125\.00"):
        money.read(text)
