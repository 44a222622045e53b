"""The duties of billing stand in the calendar from the beginning, and their jobs do what they say."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.models import Job, Schedule
from autopilot.schedules import check
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from programs.models import InvoiceStatus
from tests.programs.billing.samples import sent

pytestmark = pytest.mark.django_db


def test_the_migration_lays_both_and_they_can_be_enqueued():
    import_module("programs.migrations.0013_billing_schedules").lay(apps, None)

    laid = Schedule.objects.filter(kind__startswith="billing.")
    assert {each.kind: each.cron for each in laid} == {"billing.overdue": "20 0 * * *", "billing.accrue": "40 0 1 * *"}
    for each in laid:
        check(each.kind, each.payload)


def test_the_daily_job_marks_what_is_overdue(school):
    invoice = sent(school, due_on=clock.today())
    with clock.moved(timedelta(days=1)):
        enqueue("billing.overdue", tenant_id=NETWORK)
        run_jobs()

    invoice.refresh_from_db()
    assert invoice.status == InvoiceStatus.OVERDUE
    assert Job.objects.get(kind="billing.overdue").result == {"marked": 1}


def test_the_monthly_job_takes_the_last_month(school):
    enqueue("billing.accrue", tenant_id=NETWORK)
    run_jobs()

    assert Job.objects.get(kind="billing.accrue").status == "completed"
