"""Individual plans: two people sign what both read, and somebody looks at them every 90 days."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from autopilot import clock
from students.models import IndividualPlan, PlanReview, Student
from students.services.plans import close_plan, digest_of, overdue_reviews, review_plan, sign_plan, write_plan
from tests.programs.conftest import permissions, staff_member
from tests.students.samples import account_of

pytestmark = pytest.mark.django_db
STEPS = "Finish the program by May 1\nPass the exam by June 1"


@pytest.fixture
def rosa():
    return Student.objects.create(first_name="Rosa", last_name="Diaz")


@pytest.fixture
def account(rosa):
    return account_of(rosa)


@pytest.fixture
def manager():
    user = staff_member("manager")
    user.user_permissions.set(permissions("change_individualplan", "view_individualplan", "view_student"))
    return user


def drafted(student, by):
    return write_plan(student, goal="Work as a barber", steps=STEPS, by=by)


def signed(student, account, manager):
    plan = drafted(student, manager)
    for by in (account, manager):
        sign_plan(plan, name="x", shown=digest_of(plan), by=by)
    plan.refresh_from_db()
    return plan


def refused(code, deed, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        deed(*args, **kwargs)
    assert refusal.value.code == code


def test_it_is_in_force_when_both_have_signed(rosa, account, manager):
    plan = drafted(rosa, manager)
    sign_plan(plan, name="Rosa Diaz", shown=digest_of(plan), by=account)
    assert IndividualPlan.objects.get().status == "draft"

    sign_plan(plan, name="Ada Stone", shown=digest_of(plan), by=manager)

    plan.refresh_from_db()
    assert (plan.status, plan.review_on) == ("active", clock.today() + timedelta(days=90))
    assert sorted(plan.signatures.values_list("party", flat=True)) == ["staff", "student"]


def test_nobody_signs_twice_or_something_else(rosa, account, manager):
    plan = drafted(rosa, manager)
    refused("changed", sign_plan, plan, name="x", shown="0" * 64, by=account)
    refused("name", sign_plan, plan, name=" ", shown=digest_of(plan), by=account)
    sign_plan(plan, name="x", shown=digest_of(plan), by=account)

    refused("signed", sign_plan, plan, name="x", shown=digest_of(plan), by=account)
    with pytest.raises(PermissionDenied):
        sign_plan(plan, name="x", shown=digest_of(plan), by=staff_member("other"))


def test_another_plan_takes_its_place_when_both_have_signed(rosa, account, manager):
    first = signed(rosa, account, manager)
    second = signed(rosa, account, manager)

    first.refresh_from_db()
    assert (first.status, second.status) == ("closed", "active")
    refused("not_draft", sign_plan, second, name="x", shown=digest_of(second), by=account)


def test_one_plan_at_a_time_waits_for_signatures(rosa, manager):
    plan = drafted(rosa, manager)
    refused("open", drafted, rosa, manager)

    close_plan(plan, reason="The goal has changed.", by=manager)
    drafted(rosa, manager)

    refused("closed", close_plan, plan, reason="Again.", by=manager)


def test_it_is_looked_at_every_ninety_days(rosa, account, manager):
    plan = signed(rosa, account, manager)
    IndividualPlan.objects.filter(pk=plan.pk).update(review_on=clock.today() - timedelta(days=1))
    assert list(overdue_reviews()) == [plan]

    review_plan(plan, summary="On the way.", by=manager)

    assert not overdue_reviews().exists()
    assert PlanReview.objects.get().next_on == clock.today() + timedelta(days=90)
    refused("on", review_plan, plan, summary="x", by=manager, on=clock.today() + timedelta(days=2))
    close_plan(plan, reason="Reached.", by=manager)
    refused("not_active", review_plan, plan, summary="x", by=manager)


def test_the_student_reads_and_signs_it_in_their_portal(client, rosa, account, manager):
    plan = drafted(rosa, manager)
    client.force_login(account)
    assert "Read and sign your individual plan" in client.get("/me/").content.decode()
    page = f"/me/plans/{plan.pk}/"
    assert "Pass the exam by June 1" in client.get(page).content.decode()

    assert client.post(page, {"name": "Rosa Diaz", "shown": "x"}).status_code == 200
    assert client.post(page, {"name": "Rosa Diaz", "shown": digest_of(plan)}).status_code == 302

    assert plan.signatures.get().name == "Rosa Diaz"
    other = drafted(Student.objects.create(first_name="Ann", last_name="Lee"), manager)
    assert client.get(f"/me/plans/{other.pk}/").status_code == 404


def test_staff_write_sign_review_and_close_in_the_office(client, rosa, account, manager):
    client.force_login(manager)
    add = f"/admin/students/individualplan/add/?student={rosa.pk}"
    assert client.post(add, {"goal": "", "steps": "x"}).status_code == 422
    client.post(add, {"goal": "Work as a barber", "steps": STEPS})
    plan = IndividualPlan.objects.get()
    sign_plan(plan, name="x", shown=digest_of(plan), by=account)
    page = f"/admin/students/individualplan/{plan.pk}"

    for task, sent in (("sign", {"name": "Ada", "shown": digest_of(plan)}), ("review", {"summary": "Fine."}),
                       ("close", {"reason": "Reached."})):  # fmt: skip
        assert client.post(f"{page}/{task}/", sent).status_code == 302, task

    plan.refresh_from_db()
    assert plan.status == "closed"
    assert "Reviewed" in client.get(f"{page}/change/").content.decode()
