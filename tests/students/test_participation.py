"""Services recorded, periods reckoned from them, the nightly job, and what it says has changed."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, Job, Schedule
from autopilot.testing import run_jobs
from students.models import ParticipationChange, ParticipationPeriod, ServiceReceived, Student
from students.services import participation
from students.services.participation import (
    make_ready,
    reckon,
    reckon_batch,
    record_hindrance,
    record_service,
    withdraw_service,
)
from students.services.pirl_export import records
from students.wioa.calendar import Quarter
from students.wioa.indicators.reckoning import reckon as reckon_figures
from students.wioa.indicators.rules import Indicator
from students.wioa.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(settings):
    settings.WIOA_COMMON_EXIT = ["none"]


@pytest.fixture
def manager():
    user = User.objects.create_user("manager", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="record_servicereceived"))
    return user


@pytest.fixture
def ann(manager):
    student = Student.objects.create(first_name="Ann", last_name="Lee")
    make_ready(student, program="adult", eligible_on=ago(400), by=manager)
    return student


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def served(student, days_ago, by, service="training", program="adult", **more) -> ServiceReceived:
    return record_service(student, program=program, service=service, day=ago(days_ago), by=by, **more)


def codes_of(refusal: ValidationError) -> set[str]:
    by_field = getattr(refusal, "error_dict", {"": refusal.error_list if hasattr(refusal, "error_list") else []})
    return {str(error.code) for errors in by_field.values() for error in errors}


def spans(student):
    return [(row.entered_on, row.exited_on) for row in student.participation.order_by("entered_on")]


def test_it_opens_a_period_with_the_first_qualifying_service(ann, manager):
    served(ann, 50, manager, "self_directed_job_search")
    served(ann, 40, manager)

    (period,) = ann.participation.all()
    assert (period.programs, period.entered_on, period.exited_on, period.open_until) == (
        "adult", ago(40), None, ago(-50),
    )  # fmt: skip
    assert [each["element"] for each in period.because] == ["900", "901", "901"]
    assert ParticipationChange.objects.get().told == f"New: adult, entered {ago(40)}, open."


def test_it_records_who_recorded_a_service_without_who_received_it(ann, manager):
    row = served(ann, 40, manager)

    entry = AuditEntry.objects.get(name="students.service.recorded")
    assert (entry.actor, entry.data["student_id"], row.documented_on) == (manager, str(ann.pk), clock.today())
    assert "Ann" not in str(entry.data)


def test_it_refuses_who_may_not_record(ann):
    stranger = User.objects.create_user("stranger", is_staff=True)

    with pytest.raises(PermissionDenied):
        served(ann, 40, stranger)
    assert not ServiceReceived.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service": "massage"}, "service_unknown"),
        ({"service": "youth_tutoring"}, "service_of_other_program"),
        ({"program": "youth"}, "service_of_other_program"),
        ({"day": -1}, "future"),
        ({"day": 0, "planned": True}, "past"),
        ({"day": 30}, "recorded_already"),
    ],
)
def test_it_refuses_a_service_that_does_not_fit(ann, manager, changes, code):
    served(ann, 30, manager)
    given = {"program": "adult", "service": "training", "day": 10, "planned": False} | changes

    with pytest.raises(ValidationError) as refusal:
        record_service(ann, by=manager, **given | {"day": ago(given["day"])})

    assert codes_of(refusal.value) == {code}
    assert ServiceReceived.objects.count() == 1


def test_it_ends_a_period_when_a_planned_service_did_not_come(ann, manager):
    served(ann, 80, manager)
    record_service(ann, program="adult", service="training", day=ago(-60), planned=True, by=manager)

    with clock.moved(timedelta(days=60)):
        reckon(ann)
        assert spans(ann) == [(ago(140), None)]
    with clock.moved(timedelta(days=61)):
        reckon(ann)
        assert spans(ann) == [(ago(141), ago(141))]


def test_it_takes_back_a_service_that_was_a_mistake(ann, manager):
    first, second = served(ann, 60, manager), served(ann, 10, manager)

    withdraw_service(first, reason="Another student.", by=manager)

    assert spans(ann) == [(ago(10), None)]
    assert [each.told[:20] for each in ParticipationChange.objects.order_by("id")][-2:] == [
        "No longer there: adu"[:20], "New: adult, entered ",
    ]  # fmt: skip
    for row, reason, code in [
        (first, "Again.", "withdrawn"),
        (second, " ", "no_reason"),
        (second, "x" * 301, "reason"),
    ]:
        with pytest.raises(ValidationError) as refusal:
            withdraw_service(row, reason=reason, by=manager)
        assert refusal.value.code == code


def test_it_makes_youth_a_participant_once_assessed_and_with_a_plan(manager):
    kim = Student.objects.create(first_name="Kim", last_name="Ray")
    make_ready(kim, program="youth", eligible_on=ago(90), assessed_on=ago(80), by=manager)
    served(kim, 40, manager, "youth_tutoring", "youth")
    assert spans(kim) == []

    make_ready(kim, program="youth", eligible_on=ago(1), planned_on=ago(60), by=manager)
    reckon(kim)

    assert spans(kim) == [(ago(40), None)]


def test_it_leaves_out_an_exit_for_what_ended_it(ann, manager):
    served(ann, 200, manager)

    record_hindrance(ann, since=ago(150), code="02", by=manager)

    assert ann.participation.get().exclusion == "02"
    assert ParticipationChange.objects.first().told.endswith("code 02.")


def test_it_refuses_a_hindrance_that_is_none(ann, manager):
    for since, code in ((ago(5), "06"), (ago(-1), "02")):
        with pytest.raises(ValidationError):
            record_hindrance(ann, by=manager, since=since, code=code)


def test_it_says_nothing_where_nothing_changed(ann, manager):
    served(ann, 10, manager)
    before = ann.participation.get()

    assert reckon(ann) == []
    assert ParticipationPeriod.objects.get().pk == before.pk
    assert ParticipationChange.objects.count() == 1


def test_it_ends_programs_together_where_the_state_says_so(ann, manager, settings):
    make_ready(ann, program="dislocated_worker", eligible_on=ago(400), by=manager)
    served(ann, 200, manager)
    served(ann, 120, manager, program="dislocated_worker")
    served(ann, 40, manager)
    assert len(spans(ann)) == 3

    settings.WIOA_COMMON_EXIT = ["adult", "dislocated_worker"]
    reckon(ann)

    assert spans(ann) == [(ago(200), None)]
    assert ann.participation.get().programs == "adult dislocated_worker"


def test_it_reckons_the_records_of_one_person_together(ann, manager):
    again = Student.objects.create(first_name="Ann", last_name="Lee", number=ann.number)
    served(ann, 120, manager)
    served(again, 40, manager)

    assert (spans(ann), spans(again)) == ([(ago(120), None)], [])


def test_it_moves_periods_to_the_first_record_when_two_turn_out_to_be_one_person(ann, manager):
    other = Student.objects.create(first_name="Ann", last_name="Leigh")
    make_ready(other, program="adult", eligible_on=ago(400), by=manager)
    served(ann, 80, manager)
    served(other, 40, manager)

    Student.objects.filter(pk=other.pk).update(number=ann.number)
    reckon(Student.objects.get(pk=other.pk))

    assert (spans(ann), spans(other)) == ([(ago(80), None)], [])


# The state's policy


@pytest.mark.parametrize(("words", "code"), [([], "common_exit_unset"), (["seniors"], "common_exit_unknown")])
def test_it_guesses_no_policy(ann, settings, words, code):
    settings.WIOA_COMMON_EXIT = words

    with pytest.raises(ValidationError) as refusal:
        reckon(ann)

    assert refusal.value.code == code


def test_it_keeps_services_where_no_policy_is_set(ann, manager, settings):
    settings.WIOA_COMMON_EXIT = []

    served(ann, 10, manager)

    assert (ServiceReceived.objects.count(), spans(ann)) == (1, [])


# The nightly job


def test_it_reckons_everybody_every_night(ann, manager, monkeypatch):
    monkeypatch.setattr(participation, "BATCH", 2)
    others = [Student.objects.create(first_name="Bo", last_name=f"No {number}") for number in range(4)]
    for each in others:
        make_ready(each, program="adult", eligible_on=ago(400), by=manager)
    for each in [ann, *others]:
        served(each, 50, manager)

    with clock.moved(timedelta(days=41)):
        job = enqueue("participation.reckon", tenant_id=uuid7())
        run_jobs()

    assert Job.objects.get(pk=job.pk).result == {"students": 5, "changes": 5}
    assert ParticipationPeriod.objects.filter(exited_on=ago(50)).count() == 5


def test_it_tells_the_operator_to_set_the_policy(ann, manager, settings):
    served(ann, 10, manager)
    settings.WIOA_COMMON_EXIT = []

    job = enqueue("participation.reckon", tenant_id=uuid7())
    run_jobs()

    failed = Job.objects.get(pk=job.pk)
    assert (failed.status, "Set WIOA_COMMON_EXIT" in str(failed.error)) == ("failed", True)


def test_it_is_content_without_a_policy_where_nobody_was_served(settings):
    settings.WIOA_COMMON_EXIT = []

    job = enqueue("participation.reckon", tenant_id=uuid7())
    run_jobs()

    assert Job.objects.get(pk=job.pk).result == {"students": 0, "changes": 0}


def test_it_runs_by_a_schedule():
    assert Schedule.objects.get(kind="participation.reckon").cron == "0 2 * * *"


def test_it_asks_the_same_number_of_queries_for_each_student(ann, manager):
    served(ann, 50, manager)
    with CaptureQueriesContext(connection) as few:
        reckon_batch(ann.pk)
    for days in range(1, 40):
        served(ann, days, manager)

    with CaptureQueriesContext(connection) as many:
        reckon_batch(ann.pk)

    assert len(many) <= len(few) + 1


# What the tables hold to


def test_it_keeps_what_was_received_and_what_changed(ann, manager):
    row = served(ann, 50, manager)

    for change in (
        lambda: ServiceReceived.objects.filter(pk=row.pk).update(day=ago(1)),
        lambda: ServiceReceived.objects.filter(pk=row.pk).delete(),
        lambda: ParticipationChange.objects.update(told=""),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_its_periods_are_records_that_the_indicators_count(ann, manager):
    served(ann, 200, manager)
    served(ann, 20, manager)

    report = reckon_figures(records(Quarter.of(clock.today()).end), ends=Quarter.of(clock.today()))

    served_figure = next(
        each for each in report.figures if (each.program, each.indicator) == (Program.ADULT, Indicator.SERVED)
    )
    assert (report.bad, served_figure.denominator, served_figure.unique) == (0, 2, 1)
