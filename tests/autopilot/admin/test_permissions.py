"""Who may open what: everybody is asked for every page."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from tests.autopilot.admin.addresses import deed, listed, page
from tests.autopilot.admin.people import GROUPS, member
from tests.autopilot.admin.rows import one_of_each

pytestmark = pytest.mark.django_db

EVERYBODY = {"superuser", *GROUPS}
OPERATORS = {"superuser", "Administrator", "Operator"}
REVIEWERS = {"superuser", *GROUPS} - {"Auditor"}
ADMINISTRATORS = {"superuser", "Administrator"}
AUDITORS = {"superuser", "Administrator", "Auditor"}
MODELS = {
    "job", "checkpoint", "worker", "schedule", "outboxmessage", "portal", "submission", "document",
    "clusterheartbeat", "clusterrestart", "auditentry", "webhookendpoint", "webhookdelivery", "delegation",
}  # fmt: skip
WEBHOOKS = {"webhookendpoint", "webhookdelivery"}
LISTS_ALONE = {"clusterheartbeat", "clusterrestart"}


@pytest.fixture
def people(groups):
    """Everybody who could come to the door, by what they are."""
    found = {name: member(f"one of {name}", name) for name in GROUPS}
    return found | {
        "superuser": member("stone", is_superuser=True),
        "staff without groups": member("nobody"),
        "not staff": User.objects.create_user("outsider"),
        "off duty": member("former", is_superuser=True, is_active=False),
    }


def answers(client, people, address):
    """Return the status everybody gets for an address."""
    statuses = {"nobody signed in": client.get(address).status_code}
    for name, person in people.items():
        client.force_login(person)
        statuses[name] = client.get(address).status_code
        client.logout()
    return statuses


def expected(entitled, otherwise=403):
    """Return the status everybody should get, if these may open it."""
    away = {"nobody signed in": 302, "not staff": 302, "off duty": 302, "staff without groups": 403}
    return away | {name: 200 if name in entitled else otherwise for name in EVERYBODY}


def viewers(model):
    """Return who may view a model's rows."""
    if model in WEBHOOKS:
        return OPERATORS | AUDITORS
    return AUDITORS if model == "auditentry" else EVERYBODY


@pytest.mark.parametrize("model", sorted(MODELS))
def test_it_shows_a_list_to_who_may_view_it(client, people, model):
    one_of_each()

    assert answers(client, people, listed(model)) == expected(viewers(model))


@pytest.mark.parametrize("model", sorted(MODELS - LISTS_ALONE))
def test_it_shows_a_row_to_who_may_view_it(client, people, model):
    rows = one_of_each()

    assert answers(client, people, page(rows[model])) == expected(viewers(model))


@pytest.mark.parametrize(
    ("model", "entitled"),
    [
        ("schedule", OPERATORS),
        ("portal", ADMINISTRATORS),
        ("webhookendpoint", ADMINISTRATORS),
        ("delegation", REVIEWERS),
    ],
)
def test_it_lets_those_add_who_configure(client, people, model, entitled):
    address = reverse(f"admin:autopilot_{model}_add")

    assert answers(client, people, address) == expected(entitled)


@pytest.mark.parametrize("model", sorted(MODELS - {"schedule", "portal", "webhookendpoint", "delegation"}))
def test_it_lets_nobody_add_what_services_write(client, people, model):
    address = reverse(f"admin:autopilot_{model}_add")

    assert answers(client, people, address) == expected(set())


@pytest.mark.parametrize("model", sorted(MODELS - {"schedule"}))
def test_it_lets_nobody_delete_records(client, stone, model):
    row = one_of_each()[model]
    client.force_login(stone)

    address = reverse(f"admin:autopilot_{model}_delete", args=[row.pk])
    actions = client.post(listed(model), {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})

    assert client.get(address).status_code == client.post(address, {"post": "yes"}).status_code == 403
    assert actions.status_code in (200, 302)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", sorted(MODELS - {"schedule", "portal", "worker"}))
def test_it_lets_nobody_write_through_the_page_of_a_row(client, stone, model):
    row = one_of_each()[model]
    client.force_login(stone)

    assert client.post(page(row), {"status": "approved", "title": "x"}).status_code == 403


def test_it_hands_a_file_to_who_may_view_documents(client, people):
    rows = one_of_each()

    assert answers(client, people, deed(rows["document"], "file")) == expected(EVERYBODY)


def test_it_opens_the_amendment_to_the_reviewers_of_the_checkpoint_alone(client, people):
    rows = one_of_each()

    found = answers(client, people, deed(rows["checkpoint"], "amend"))

    assert found == expected({"superuser", "Reviewer"}, otherwise=302)


@pytest.mark.parametrize(
    ("model", "name"), [("checkpoint", "decide"), ("submission", "receipt"), ("submission", "decision")]
)
def test_it_takes_no_deed_by_get(client, people, model, name):
    rows = one_of_each()

    found = answers(client, people, deed(rows[model], name))

    assert {found[name] for name in EVERYBODY} == {405}


@pytest.mark.parametrize(
    ("model", "name"), [("checkpoint", "decide"), ("submission", "receipt"), ("submission", "decision")]
)
def test_it_takes_no_deed_from_who_may_not_even_look(client, people, model, name):
    rows = one_of_each()

    client.force_login(people["staff without groups"])
    answer = client.post(deed(rows[model], name), {"version": 1, "verdict": "approve", "number": "1"})

    rows[model].refresh_from_db()
    assert answer.status_code == 403
    assert rows[model].status in ("pending", "awaiting_manual")


@pytest.mark.parametrize("who", sorted(EVERYBODY))
@pytest.mark.parametrize("model", ["job", "worker"])
def test_it_offers_deeds_to_who_controls(client, people, model, who):
    one_of_each()
    client.force_login(people[who])

    offered = "Go</button>" in client.get(listed(model)).text

    assert offered == (who in OPERATORS)


def test_it_says_where_a_row_that_is_gone_was_looked_for(client, stone):
    client.force_login(stone)

    for model in sorted(MODELS - LISTS_ALONE):
        for key in ("0190b1f2-0000-7000-8000-000000000000", "nonsense"):
            answer = client.get(reverse(f"admin:autopilot_{model}_change", args=[key]), follow=True)
            assert "doesn’t exist" in answer.text


def test_it_has_closed_the_pages_of_the_runner():
    registered = {model._meta.app_label for model in admin.site._registry}

    assert "django_q" not in registered
    assert {"autopilot", "programs"} <= registered


def test_it_has_no_address_under_which_the_runner_could_be_reached(client, stone):
    client.force_login(stone)

    for model in ("schedule", "ormq", "success", "failure", "task"):
        assert client.get(f"/admin/django_q/{model}/").status_code == 404
