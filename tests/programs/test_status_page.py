"""The pages that a reference opens: they confirm and say where it stands, and tell nothing else."""

import pytest
from django.urls import reverse

from programs.models import Application, ApplicationStatus
from programs.standing import STANDINGS, stages_of
from tests.programs.samples import GOOD, submitted

pytestmark = pytest.mark.django_db
PAGES = ["programs:received", "programs:status"]


@pytest.mark.parametrize("page", PAGES)
def test_it_shows_the_reference_and_nothing_that_was_said(client, page):
    application = submitted()

    answer = client.get(reverse(page, args=[application.reference]))

    assert answer.status_code == 200
    assert application.reference in answer.text
    said = [value for value in GOOD.columns().values() if isinstance(value, str) and len(value) > 4]
    for secret in [*said, str(application.pk), str(application.tenant_id), str(application.job_id)]:
        assert secret not in answer.text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("member_of_staff", [True, False])
def test_it_is_the_same_for_everybody(client, stranger, page, member_of_staff):
    application = submitted()
    if member_of_staff:
        client.force_login(stranger)

    assert client.get(reverse(page, args=[application.reference])).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_it_knows_no_other_reference(client, page):
    submitted()

    assert client.get(reverse(page, args=["PA-0000-0000-0000-0000"])).status_code == 404


@pytest.mark.parametrize(
    "reference", ["1", "PA-0000-0000-0000-000%00", "PA-OOOO-0000-0000-0000", "pa-0000", "%F0%9F%98%80"]
)
@pytest.mark.parametrize("door", ["received", "status"])
def test_it_answers_404_to_what_is_no_reference(client, door, reference):
    assert client.get(f"/apply/{door}/{reference}/").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_it_is_neither_stored_nor_listed_by_search_engines(client, page):
    answer = client.get(reverse(page, args=[submitted().reference]))

    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("status", ApplicationStatus.values)
def test_it_has_words_and_a_next_step_for_every_status(client, status):
    application = submitted()
    Application.objects.filter(pk=application.pk).update(status=status, rejected_reason="Wrong EIN")

    answer = client.get(reverse("programs:status", args=[application.reference]))

    assert STANDINGS[status].line in answer.text
    assert STANDINGS[status].next_step in answer.text
    assert "Wrong EIN" not in answer.text


@pytest.mark.once
@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("submitted", ["Now", *["Still ahead"] * 5]),
        ("in_review", ["Done", "Done", "Now", *["Still ahead"] * 3]),
        ("rejected", ["Done", "Done", "Stopped here", *["Still ahead"] * 3]),
        ("state_denied", [*["Done"] * 4, "Stopped here", "Still ahead"]),
        ("state_approved", [*["Done"] * 5, "Now"]),
    ],
)
def test_it_shows_the_whole_way_and_where_it_is_on_it(status, states):
    assert [stage.state for stage in stages_of(status)] == states


@pytest.mark.once
@pytest.mark.parametrize("status", ApplicationStatus.values)
def test_it_says_what_is_next_in_every_stage_that_is_not_done(status):
    stages = stages_of(status)

    assert all(stage.action for stage in stages if stage.state != "Done")
    assert STANDINGS[status].next_step in [stage.action for stage in stages]


@pytest.mark.parametrize("page", PAGES)
def test_it_is_only_for_reading(client, page):
    assert client.post(reverse(page, args=[submitted().reference])).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_it_asks_one_question(client, django_assert_num_queries, page):
    address = reverse(page, args=[submitted().reference])

    with django_assert_num_queries(1):
        client.get(address)
