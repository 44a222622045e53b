"""Cohorts: planned, opened behind the gates, started by their day."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from autopilot import clock
from autopilot.models import OutboxMessage
from programs.models import Cohort, CohortStatus, MouStatus
from programs.services.cohorts import (
    cancel_cohort,
    edit_cohort,
    move_cohort,
    open_cohort,
    plan_cohort,
    start_due_cohorts,
)
from programs.services.programs import retire_program
from tests.programs.mous.samples import mou_of
from tests.programs.offers import active_holder, approved, clerk, cohort_of, draft, in_days
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    return clerk()


@pytest.fixture
def program(db):
    """An approved program of an active holder with an MOU."""
    found = approved()
    mou_of(found.holder, MouStatus.EXECUTED)
    return found


@pytest.mark.parametrize(("field", "value"), [
    ("capacity", 0), ("time_zone", "Mars/Olympus"), ("name", ""), ("ends_on", in_days(2000)),
])  # fmt: skip
def test_it_refuses_what_does_not_fit(program, field, value):
    with pytest.raises(ValidationError) as refusal:
        cohort_of(program, **{field: value})

    assert field in refusal.value.error_dict
    assert not Cohort.objects.exists()


def test_it_ends_after_it_starts(program):
    with pytest.raises(ValidationError):
        cohort_of(program, ends_on=in_days(6))


def test_it_meets_at_its_holders_own_site(program):
    with pytest.raises(ValidationError, match="your own sites"):
        cohort_of(program, site=holder(ein="35-7654321").sites.get())


def test_a_retired_program_takes_none(program, by):
    retire_program(program, by=by)

    with pytest.raises(ValidationError, match="no new cohorts"):
        cohort_of(program)


def test_it_opens_and_tells(program, by):
    cohort = cohort_of(program)

    open_cohort(cohort, by=by)

    assert cohort.status == CohortStatus.OPEN
    assert OutboxMessage.objects.filter(topic="programs.cohort.opened", tenant_id=program.holder_id).exists()


def test_it_does_not_open_without_an_executed_mou(by):
    cohort = cohort_of(approved())

    with pytest.raises(ValidationError) as refusal:
        open_cohort(cohort, by=by)

    assert refusal.value.code == "mou_not_executed"
    cohort.refresh_from_db()
    assert cohort.status == CohortStatus.PLANNED


def test_it_does_not_open_before_program_and_holder_are_ready(by):
    with pytest.raises(ValidationError) as refusal:
        open_cohort(cohort_of(draft(active_holder())), by=by)
    assert refusal.value.code == "not_approved"

    with pytest.raises(ValidationError) as refusal:
        open_cohort(cohort_of(approved(holder(ein="35-7654321"))), by=by)
    assert refusal.value.code == "not_active"


def test_it_does_not_open_after_its_end(program, by):
    cohort = cohort_of(program)

    with clock.moved(timedelta(days=40)), pytest.raises(ValidationError) as refusal:
        open_cohort(cohort, by=by)

    assert refusal.value.code == "begun"


def test_it_starts_by_its_day_once(program, by):
    cohort = cohort_of(program)
    open_cohort(cohort, by=by)

    assert start_due_cohorts(in_days(6)) == 0
    assert start_due_cohorts(in_days(7)) == 1
    assert start_due_cohorts(in_days(7)) == 0
    cohort.refresh_from_db()
    assert cohort.status == CohortStatus.RUNNING


def test_it_is_cancelled_with_a_reason_and_then_over(program, by):
    cohort = cohort_of(program)
    with pytest.raises(ValidationError, match="Say why"):
        cancel_cohort(cohort, by=by, reason=" ")

    cancel_cohort(cohort, by=by, reason="Nobody came.")

    with pytest.raises(ValidationError, match="over"):
        edit_cohort(cohort, said={"capacity": 3}, by=by)
    with pytest.raises(ValidationError, match="cannot become"):
        open_cohort(cohort, by=by)


def test_who_comes_second_moves_nothing(program, by):
    cohort = cohort_of(program)
    late = Cohort.objects.get(pk=cohort.pk)
    move_cohort(cohort, CohortStatus.OPEN, by=by)

    with pytest.raises(ValidationError) as refusal:
        move_cohort(late, CohortStatus.OPEN, by=by)

    assert refusal.value.code == "moved_meanwhile"


def test_its_name_is_its_own(program, by):
    cohort_of(program)

    with pytest.raises(ValidationError):
        plan_cohort(
            program,
            said={"name": "Winter", "starts_on": in_days(1), "ends_on": in_days(2), "capacity": 1},
            by=by,
        )
