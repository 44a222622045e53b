"""Students as staff see them: lists that stay cheap, pages to read, and moves for those who may."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from students.models import Attendance, Enrollment, Student, WeeklyReport
from students.services.attendance import Entry, record_attendance
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import WEEK, week_ending
from tests.students.samples import active, applied, cohort, coordinator, school, session

pytestmark = pytest.mark.django_db
MODELS = [Student, Enrollment, Attendance, WeeklyReport]


def one_of_each(count=1):
    """Have rows of all the models, `count` students of them."""
    spring = cohort(made := school())
    rows = [active(spring, number) for number in range(count)]
    meeting = session(spring)
    for presence in ("absent", "late"):
        record_attendance(meeting, [Entry(row.pk, presence, note="<i>") for row in rows], by=None)
    facts = ReportFacts(meeting.hours, skills="Fades.", progress={rows[0].pk: "<i>Good"})
    submit_weekly_report(spring, ending=week_ending(meeting.date) - WEEK, facts=facts, by=coordinator(made))
    return spring


@pytest.fixture
def clerk(client):
    """Somebody who may read all of it, and control enrollments."""
    user = User.objects.create_user("clerk", is_staff=True)
    allowed = Permission.objects.filter(content_type__app_label__in=["students", "programs"])
    user.user_permissions.set(
        allowed.filter(codename__startswith="view_") | allowed.filter(codename="control_enrollment")
    )
    client.force_login(user)
    return user


def page_of(row):
    return reverse(f"admin:students_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS)
def test_each_list_costs_the_same_for_more_rows(client, clerk, model, django_assert_max_num_queries):
    one_of_each(6)
    address = reverse(f"admin:students_{model._meta.model_name}_changelist")
    client.get(address)

    with django_assert_max_num_queries(12):
        assert client.get(address).status_code == 200
    assert client.get(address, {"q": "Lee"}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_each_row_has_a_page(client, clerk, model):
    one_of_each()

    text = client.get(page_of(model.objects.get())).content.decode()

    assert "Ann0 Lee" in text
    assert "<i>" not in text


@pytest.mark.parametrize("model", MODELS)
def test_who_may_not_read_sees_none(client, model):
    one_of_each()
    client.force_login(User.objects.create_user("plain", is_staff=True))

    assert client.get(page_of(model.objects.get())).status_code in (302, 403)


def test_staff_move_an_enrollment_through_the_service(client, clerk):
    enrollment = applied(cohort(school()))
    address = reverse("admin:enrollment_move", args=[enrollment.pk])
    assert "Decline" in client.get(page_of(enrollment)).content.decode()

    for sent in ({"to": "declined"}, {"to": "completed"}, {"to": "x"}, {}):
        client.post(address, sent)
    assert Enrollment.objects.get().status == "applied"
    client.post(address, {"to": "declined", "reason": "No place to live nearby."})

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.status_changes.last().actor_label) == ("declined", "clerk")


def test_who_may_only_read_moves_nothing(client, clerk):
    enrollment = applied(cohort(school()))
    clerk.user_permissions.remove(Permission.objects.get(codename="control_enrollment"))

    assert client.post(reverse("admin:enrollment_move", args=[enrollment.pk]), {"to": "accepted"}).status_code == 403
    assert 'name="to"' not in client.get(page_of(enrollment)).content.decode()
