"""Earnings by the terms of the MOU: exact, and once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.testing import run_jobs
from programs.models import Cohort, Compensation, Earning, Mou, Revenue
from programs.services.earnings import Month, accrue_month, mou_in_force
from programs.services.revenue import record_revenue
from students.models import Enrollment, Student
from tests.programs.billing.samples import executed_mou

pytestmark = pytest.mark.django_db
SINCE, OCTOBER = date(2026, 9, 1), Month.read("2026-10")


@pytest.fixture(autouse=True)
def _in_november():
    with clock.moved(date(2026, 11, 20) - clock.today()):
        yield


def brought(school, gross, costs="0.00", on=date(2026, 10, 12), **changes):
    facts = {"reference": f"{gross} {on}", "description": "Tuition of the October cohort", "by": None}
    return record_revenue(
        school.programs.get(), gross=Decimal(gross), costs=Decimal(costs), cleared_on=on, **facts | changes
    )


def test_a_share_is_of_net_revenue_to_the_cent(school):
    executed_mou(school, since=SINCE, compensation=Compensation.SHARE, share=Decimal("33.30"))
    brought(school, "1000.55", "100.50")

    assert accrue_month(OCTOBER) == 1

    earning = Earning.objects.get()
    assert (earning.basis, earning.amount) == (Decimal("900.05"), Decimal("299.72"))  # 299.71665, half up
    assert earning.description.startswith("33.3% of $900.05")


def test_it_is_worked_out_once_however_often_the_job_runs(school):
    executed_mou(school, since=SINCE)
    brought(school, "1000.00")

    for _ in range(2):
        enqueue("billing.accrue", tenant_id=school.pk, month="2026-10")
        run_jobs()

    assert Earning.objects.count() == 1


def test_revenue_recorded_late_is_not_lost(school):
    executed_mou(school, since=SINCE)
    accrue_month(OCTOBER)
    brought(school, "50.00", on=date(2026, 9, 30))

    assert accrue_month(OCTOBER) == 1


def test_revenue_before_the_mou_is_not_shared(school):
    executed_mou(school, since=SINCE)
    brought(school, "50.00", on=date(2026, 8, 31))

    assert accrue_month(OCTOBER) == 0


def test_a_flat_amount_is_earned_for_each_month(school):
    executed_mou(school, since=date(2026, 10, 20), compensation=Compensation.FLAT, amount=Decimal("750.00"))

    assert [accrue_month(Month.read(month)) for month in ("2026-09", "2026-10", "2026-10")] == [0, 1, 0]
    assert Earning.objects.get().amount == 750


def test_an_amount_per_student_is_earned_once_for_each(school):
    executed_mou(school, since=SINCE, compensation=Compensation.PER_STUDENT, amount=Decimal("120.00"))
    cohort = Cohort.objects.create(
        program=school.programs.get(), name="Fall", starts_on=SINCE, ends_on=date(2026, 12, 1), capacity=10
    )
    for day in (date(2026, 10, 5), date(2026, 10, 6), date(2026, 11, 2), None):
        student = Student.objects.create(first_name="Ada", last_name="Moore")
        Enrollment.objects.create(student=student, cohort=cohort, holder=school, started_on=day)

    assert accrue_month(OCTOBER) == 2
    assert accrue_month(OCTOBER) == 0
    assert {each.amount for each in Earning.objects.all()} == {Decimal("120.00")}


def test_each_day_has_its_own_mou(school):
    first = executed_mou(school, since=SINCE)
    Mou.objects.filter(pk=first.pk).update(status="terminated", ended_at=clock.now() - timedelta(days=10))
    second = executed_mou(school, since=clock.today() - timedelta(days=10))
    mous = list(school.mous.all())

    assert mou_in_force(mous, SINCE) == first
    assert mou_in_force(mous, clock.today() - timedelta(days=10)) == second
    assert mou_in_force(mous, SINCE - timedelta(days=1)) is None


def test_a_month_that_is_not_over_waits():
    with pytest.raises(ValidationError, match="not over"):
        accrue_month(Month.read("2026-11"))


@pytest.mark.parametrize("text", ["", "2026-13", "November", "2026-1-1"])
def test_it_says_what_a_month_looks_like(text):
    with pytest.raises(ValidationError, match="such as 2026-11"):
        Month.read(text)


def test_the_month_before_january_is_december():
    assert str(Month.before(date(2027, 1, 5))) == "2026-12"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gross": Decimal(0)}, "amount"),
        ({"costs": Decimal("1000.01")}, "costs"),
        ({"costs": Decimal(-1)}, "costs"),
        ({"cleared_on": date(2030, 1, 1)}, "cleared_on"),
        ({"reference": " "}, "reference"),
    ],
)
def test_it_refuses_revenue_that_is_none(school, changes, code):
    facts = {"reference": "grant-1", "description": "A grant", "gross": Decimal(1000), "cleared_on": SINCE, "by": None}

    with pytest.raises(ValidationError) as refusal:
        record_revenue(school.programs.get(), **facts | changes)

    assert refusal.value.code == code


def test_revenue_counts_once_under_its_reference(school):
    assert brought(school, "10.00", reference="r") == brought(school, "10.00", reference="r")

    with pytest.raises(ValidationError) as refusal:
        brought(school, "11.00", reference="r")

    assert refusal.value.code == "reference_reused"


def test_the_database_keeps_revenue_and_earnings_as_they_are(school):
    executed_mou(school, since=SINCE)
    brought(school, "1000.00")
    accrue_month(OCTOBER)

    for model, column in ((Revenue, {"gross": 1, "costs": 0}), (Earning, {"amount": 1})):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**column)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
