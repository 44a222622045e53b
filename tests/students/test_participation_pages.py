"""Services and periods as staff see them: recorded on a page, explained on another, listed cheaply."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from autopilot import clock
from students.models import (
    ParticipationChange,
    ParticipationPeriod,
    PerformanceTarget,
    ServiceReceived,
    Student,
)
from students.services.participation import make_ready, record_service
from tests.students.samples import participation

pytestmark = pytest.mark.django_db
MODELS = [ServiceReceived, ParticipationPeriod, ParticipationChange, PerformanceTarget]
RECORD = reverse("admin:students_servicereceived_add")


@pytest.fixture(autouse=True)
def policy(settings):
    settings.WIOA_COMMON_EXIT = ["none"]


@pytest.fixture
def manager(client):
    user = User.objects.create_user("manager", is_staff=True)
    allowed = Permission.objects.filter(content_type__app_label="students")
    user.user_permissions.set(
        allowed.filter(codename__startswith="view_") | allowed.filter(codename="record_servicereceived")
    )
    client.force_login(user)
    return user


@pytest.fixture
def ann(manager):
    student = Student.objects.create(first_name="Ann", last_name="Lee")
    make_ready(student, program="adult", eligible_on=clock.today() - timedelta(days=100), by=manager)
    return student


def post(client, whose, **changes):
    given = {"student": whose.pk, "kind": "adult:training", "day": clock.today() - timedelta(days=70)} | changes
    return client.post(f"{RECORD}?student={whose.pk}", given)


def test_it_records_a_service_and_shows_the_period_with_its_reasons(client, ann):
    page = client.get(f"{RECORD}?student={ann.pk}").content.decode()
    assert "Individual employment plan" in page
    answer = post(client, ann)

    assert answer.headers["Location"] == reverse("admin:students_student_change", args=[ann.pk])
    assert "Open; the last qualifying service was on" in client.get(answer.headers["Location"]).content.decode()
    period = reverse("admin:students_participationperiod_change", args=[ParticipationPeriod.objects.get().pk])
    text = client.get(period).content.decode()
    assert "is the first service that makes a participant" in text
    assert "20 CFR 677.150(c)" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": "2099-01-01"}, "The day is in the future"),
        ({"day": "soon"}, "Enter a valid date"),
        ({"kind": "youth:training"}, "Select a valid choice"),
        ({"kind": "adult:employment_plan", "planned": "on"}, "A planned service lies ahead"),
        ({"student": "0190b1f2-0000-7000-8000-00000000ffff"}, "Whose record is it?"),
        ({"student": "nobody"}, "Whose record is it?"),
    ],
)
def test_it_says_what_is_wrong_and_records_nothing(client, ann, changes, said):
    answer = post(client, ann, **changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ServiceReceived.objects.exists()


def test_it_asks_whose_service_it_is(client, manager):
    assert "Whose record is it?" in client.get(RECORD).content.decode()
    assert "Whose record is it?" in client.get(f"{RECORD}?student=x").content.decode()


def test_it_makes_somebody_a_participant_from_eligibility_on(client, manager):
    kim = Student.objects.create(first_name="Kim", last_name="Ray")
    day = clock.today() - timedelta(days=50)
    address = f"{reverse('admin:servicereceived_ready')}?student={kim.pk}"
    given = {"student": kim.pk, "program": "youth", "eligible_on": day, "assessed_on": day}

    assert "Objective assessment" in client.get(address).content.decode()
    assert client.post(address, given | {"eligible_on": "2099-01-01"}).status_code == 422
    assert client.post(address, given).status_code == 302
    assert post(client, kim, kind="youth:youth_tutoring", day=day).status_code == 302
    assert not ParticipationPeriod.objects.exists()
    assert client.post(address, given | {"planned_on": day}).status_code == 302
    assert ParticipationPeriod.objects.get().entered_on == day


def test_it_records_why_somebody_left(client, ann):
    post(client, ann, day=clock.today() - timedelta(days=95))
    address = f"{reverse('admin:servicereceived_hindered')}?student={ann.pk}"
    given = {"student": ann.pk, "code": "02", "since": clock.today() - timedelta(days=20)}

    assert "Deceased" in client.get(address).content.decode()
    assert client.post(address, given | {"since": "2099-01-01"}).status_code == 422
    assert client.post(address, given | {"code": "06"}).status_code == 422
    assert client.post(address, given).status_code == 302
    assert ParticipationPeriod.objects.get().exclusion == "02"
    assert client.post(address, given).status_code == 422


def test_it_takes_a_service_back(client, ann, manager):
    row = record_service(ann, program="adult", service="training", day=clock.today(), by=manager)
    address = reverse("admin:servicereceived_withdraw", args=[row.pk])

    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Another student."}).status_code == 302
    assert client.post(address, {"reason": "Again."}).status_code == 422
    assert not ParticipationPeriod.objects.exists()
    page = client.get(reverse("admin:students_servicereceived_change", args=[row.pk])).content.decode()
    assert "Another student." in page
    assert "Take it back" not in page


def test_it_refuses_who_may_only_read(client, ann, manager):
    row = record_service(ann, program="adult", service="training", day=clock.today(), by=manager)
    manager.user_permissions.remove(Permission.objects.get(codename="record_servicereceived"))

    assert post(client, ann).status_code == 403
    for name in ("ready", "hindered"):
        assert client.get(reverse(f"admin:servicereceived_{name}")).status_code == 403
    assert client.post(reverse("admin:servicereceived_withdraw", args=[row.pk]), {"reason": "x"}).status_code == 403
    page = client.get(reverse("admin:students_servicereceived_change", args=[row.pk])).content.decode()
    assert "Take it back" not in page


def test_it_lists_the_periods_that_end_soon(client, ann, manager):
    record_service(ann, program="adult", service="training", day=clock.today() - timedelta(days=70), by=manager)
    address = reverse("admin:students_participationperiod_changelist")

    ending = client.get(address, {"show": "ending"}).content.decode()

    assert "Ann Lee" in ending
    assert ">20<" in ending
    assert "Ann Lee" not in client.get(address, {"show": "ended"}).content.decode()
    assert "Ann Lee" in client.get(address, {"show": "open"}).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_each_list_costs_the_same_for_more_rows(client, manager, model, django_assert_max_num_queries):
    for _ in range(3):
        PerformanceTarget.objects.all().delete()
        participation()
    address = reverse(f"admin:students_{model._meta.model_name}_changelist")
    client.get(address)

    with django_assert_max_num_queries(12):
        assert client.get(address).status_code == 200
    assert client.get(address, {"q": "Lee"}).status_code == 200
