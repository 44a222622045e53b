"""Applications in the admin: who may look, what is masked, and that nothing can be written."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from autopilot import engine
from autopilot.models import Checkpoint
from autopilot.testing import run_jobs
from programs.access import applications_of
from programs.models import Application
from tests.programs.conftest import permissions, staff_member
from tests.programs.samples import GOOD, submitted

pytestmark = pytest.mark.django_db
LIST = "/admin/programs/application/"


@pytest.fixture
def reader(db):
    """A member of staff who may read applications."""
    user = staff_member("reader")
    user.user_permissions.set(permissions("view_application"))
    return user


def detail(application):
    """Return the address of an application's page."""
    return reverse("admin:programs_application_change", args=[application.pk])


@pytest.mark.parametrize("door", ["list", "detail"])
def test_it_is_for_staff_with_the_permission_alone(client, reader, stranger, applicant, door):
    application = submitted()
    address = LIST if door == "list" else detail(application)

    assert client.get(address).status_code == 302
    for person, status in ((applicant, 302), (stranger, 403), (reader, 200)):
        client.force_login(person)
        assert client.get(address).status_code == status


def test_its_rows_are_scoped_by_role(reader, stranger, applicant):
    submitted()
    off_duty = User(username="x", is_staff=True, is_superuser=True, is_active=False)

    assert applications_of(reader).count() == 1
    for person in (stranger, applicant, off_duty):
        assert not applications_of(person).exists()


def test_its_list_masks_the_ein(client, reader):
    submitted()
    client.force_login(reader)

    page = client.get(LIST).text

    assert "••-•••4567" in page
    assert GOOD.ein not in page


@pytest.mark.parametrize("search", ["Harbor Trades", "PA-", "harbor"])
def test_its_list_finds_by_reference_and_name(client, reader, search):
    application = submitted()
    submitted(legal_name="Another", doing_business_as="")
    client.force_login(reader)

    assert application.reference in client.get(LIST, {"q": search}).text


def test_its_list_does_not_search_by_ein(client, reader):
    application = submitted()
    client.force_login(reader)

    assert application.reference not in client.get(LIST, {"q": GOOD.ein}).text


@pytest.mark.parametrize("query", [{"status__exact": "rejected"}, {"entity_type__exact": "government"}])
def test_its_list_filters(client, reader, query):
    application = submitted()
    client.force_login(reader)

    assert application.reference not in client.get(LIST, query).text


def test_its_list_asks_as_many_questions_for_fifty_rows_as_for_one(client, reader, django_assert_max_num_queries):
    for _ in range(20):
        submitted()
    client.force_login(reader)

    with django_assert_max_num_queries(8):
        assert client.get(LIST).status_code == 200


def test_its_page_tells_the_whole_story(client, reader, reviewer, operators, office):
    application = submitted(ein="07-1234567")
    run_jobs()
    checkpoint = Checkpoint.objects.get(key="review")
    engine.decide(checkpoint.pk, actor=reviewer, verdict="approve", version=1)
    run_jobs()
    client.force_login(reader)

    page = client.get(detail(application)).text

    application.refresh_from_db()
    for told in (
        "The IRS list has no prefix 07.",
        "IRS list of assigned EIN prefixes, as of 2026-11-20",
        "Submitted to the state",
        application.state_reference,
        reverse("admin:autopilot_checkpoint_change", args=[checkpoint.pk]),
        reverse("admin:autopilot_job_change", args=[checkpoint.job_id]),
        "application.track",
        "by reviewer",
        "Sandbox portal",
    ):
        assert told in page
    assert application.ein not in page


def test_its_page_asks_a_bounded_number_of_questions(client, reader, reviewers, django_assert_max_num_queries):
    application = submitted()
    run_jobs()
    client.force_login(reader)

    with django_assert_max_num_queries(16):
        assert client.get(detail(application)).status_code == 200


def test_its_page_keeps_what_applicants_wrote_text(client, reader):
    application = submitted(additional_information="<script>alert(1)</script>")
    client.force_login(reader)

    page = client.get(detail(application)).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nothing_can_be_written_not_even_by_a_superuser(client):
    application = submitted()
    client.force_login(User.objects.create_superuser("root"))

    for address in (f"{LIST}add/", f"{detail(application)[:-7]}delete/"):
        assert client.get(address).status_code == 403
    assert client.post(detail(application), {"status": "approved", "legal_name": "x"}).status_code == 403
    assert Application.objects.get().status == "submitted"


def test_an_unknown_application_is_said_to_be_unknown(client, reader):
    client.force_login(reader)

    answer = client.get("/admin/programs/application/0190b1f2-0000-7000-8000-000000000000/change/", follow=True)

    assert "doesn’t exist" in answer.text
