"""The pages of webhooks: an endpoint is added, its secret shown once, disabled, tested, and told again what it missed."""

import re

import pytest
from django.urls import reverse

from autopilot import webhooks
from autopilot.engine import emit, message
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from autopilot.tenants import NETWORK
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
URL = "https://127.0.0.1:9999/hook"
ADD = "admin:autopilot_webhookendpoint_add"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture(autouse=True)
def _topics(settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:9999"]
    message("test.made", webhook=True)(lambda: None)


@pytest.fixture
def adams(groups):
    """An administrator."""
    return member("adams", "Administrator")


@pytest.fixture
def endpoint(stone):
    """An endpoint of the network's own."""
    return webhooks.create(tenant_id=NETWORK, url=URL, topics=[], by=stone, reason="Asked.")[0]


def delivery_of(endpoint, **fields):
    """Return a delivery to an endpoint, as it stands."""
    emit("test.made", tenant_id=NETWORK, thing_id=uuid7())
    webhooks.announce()
    row = WebhookDelivery.objects.all()[0]
    WebhookDelivery.objects.filter(pk=row.pk).update(**fields)
    return row


def act(client, row, action, **answers):
    """Press a button of a row's page, and confirm what it asks."""
    data = {"action": action, "_selected_action": str(row.pk), "from_page": "1", **answers}
    return client.post(listed(row._meta.model_name), data | ({"confirmed": "yes"} if answers else {}), follow=True)


def test_it_adds_an_endpoint_and_shows_its_secret_once(as_person, adams):
    client = as_person(adams)
    given = {"tenant_id": str(NETWORK), "url": URL, "topics": ["test.made"], "description": "X", "reason": "Asked."}

    answer = client.post(reverse(ADD), given)

    endpoint = WebhookEndpoint.objects.get()
    (secret,) = SECRET.findall(answer.text)
    assert secret == endpoint.secret
    assert "no-store" in answer["Cache-Control"]
    assert (endpoint.created_by, endpoint.topics) == (adams, ["test.made"])
    for address in (
        page(endpoint),
        listed("webhookendpoint"),
        reverse("admin:webhookendpoint_rotate", args=[endpoint.pk]),
    ):
        assert not SECRET.search(client.get(address).text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "https://elsewhere.example.org/"}, "is not among OUTBOUND_HOSTS"),
        ({"url": ""}, "Write the address"),
        ({"tenant_id": "x"}, "valid UUID"),
        ({"topics": ["test.secret"]}, "not one of the available choices"),
        ({"reason": ""}, "Say why"),
    ],
)
def test_it_says_what_to_write(changes, told, as_person, adams):
    given = {"tenant_id": str(NETWORK), "url": URL, "topics": [], "reason": "Asked."}

    answer = as_person(adams).post(reverse(ADD), given | changes)

    assert answer.status_code == 422
    assert told in words(answer)
    assert not WebhookEndpoint.objects.exists()


def test_it_rotates_the_secret_and_shows_the_new_one_once(as_person, adams, endpoint):
    old = WebhookEndpoint.objects.get().secret
    client, address = as_person(adams), reverse("admin:webhookendpoint_rotate", args=[endpoint.pk])

    refused = client.post(address, {"reason": ""})
    answer = client.post(address, {"reason": "A year is over."})

    (secret,) = SECRET.findall(answer.text)
    assert refused.status_code == 422
    assert secret == WebhookEndpoint.objects.get().secret != old
    assert "signs beside it until" in words(client.get(page(endpoint)))


def test_it_chooses_topics(as_person, adams, endpoint):
    address = reverse("admin:webhookendpoint_topics", args=[endpoint.pk])

    answer = as_person(adams).post(address, {"topics": ["test.made"], "reason": "Less."}, follow=True)

    assert "It is told these topics from now on" in words(answer)
    assert WebhookEndpoint.objects.get().topics == ["test.made"]


def test_it_disables_enables_and_deletes_with_a_reason(as_person, adams, endpoint):
    client = as_person(adams)

    asked = act(client, endpoint, "disable_endpoints")
    act(client, endpoint, "disable_endpoints", reason="They move.")
    disabled = words(client.get(page(endpoint)))
    act(client, endpoint, "enable_endpoints", reason="They have moved.")
    enabled = WebhookEndpoint.objects.get().enabled
    act(client, endpoint, "delete_endpoints", reason="They left.")

    assert "what waited for it counts as failed" in words(asked)
    assert "They move." in disabled
    assert enabled
    assert not WebhookEndpoint.objects.exists()
    names = AuditEntry.objects.filter(actor=adams).order_by("pk").values_list("name", flat=True)
    assert [name.rpartition(".")[2] for name in names] == ["disabled", "enabled", "deleted"]


def test_it_sends_a_test_and_what_failed_again(as_person, adams, endpoint):
    failed = delivery_of(endpoint, status="failed", error="It answered 500.", last_status=500)
    client = as_person(adams)

    act(client, endpoint, "test_endpoints")
    foreseen = words(act(client, endpoint, "replay_endpoints"))
    act(client, endpoint, "replay_endpoints", reason="They are back.", hours="24")

    failed.refresh_from_db()
    assert "In all, 1 delivery has failed there." in foreseen
    assert failed.status == "pending"
    assert WebhookDelivery.objects.filter(message__topic="autopilot.webhook.test").count() == 1


def test_it_shows_a_delivery_and_sends_it_again(as_person, lindqvist, endpoint):
    failed = delivery_of(endpoint, status="failed", error="It answered 500.", last_status=500, attempts=18)
    client = as_person(lindqvist)

    said = words(client.get(page(failed)))
    listing = words(client.get(listed("webhookdelivery"), {"q": str(endpoint.pk)}))
    act(client, failed, "replay_deliveries", reason="They are back.")

    failed.refresh_from_db()
    assert "It answered 500." in said
    assert '"type": "test.made"' in client.get(page(failed)).text.replace("&quot;", '"')
    assert "1 webhook delivery" in listing
    assert (failed.status, failed.attempts) == ("pending", 0)
    assert AuditEntry.objects.get(name="autopilot.webhook_delivery.replayed").actor == lindqvist


def test_it_shows_which_endpoints_do_not_listen(as_person, lindqvist, stone, endpoint):
    client = as_person(lindqvist)
    delivery_of(endpoint)

    well = words(client.get(listed("webhookendpoint")))
    WebhookDelivery.objects.update(attempts=1)

    assert "hook Enabled" in well
    assert "hook Tried again" in words(client.get(listed("webhookendpoint")))


@pytest.mark.parametrize("term", ["", "nothing", "0190b1f2-0000-7000-8000-00000000ffff"])
def test_it_finds_deliveries_by_a_whole_id_alone(term, as_person, lindqvist, endpoint):
    row = delivery_of(endpoint)
    client = as_person(lindqvist)

    assert client.get(listed("webhookdelivery"), {"q": term}).status_code == 200
    for known in (row.pk, row.message_id, row.endpoint_id):
        assert "1 webhook delivery" in words(client.get(listed("webhookdelivery"), {"q": str(known)}))


def test_it_lets_an_auditor_look_and_touch_nothing(as_person, groups, endpoint):
    client = as_person(member("audrey", "Auditor"))
    row = delivery_of(endpoint, status="failed")

    assert "Rotate" not in client.get(page(endpoint)).text
    assert "Send again" not in client.get(page(row)).text
    assert client.get(reverse(ADD)).status_code == 403
    for name in ("rotate", "topics"):
        assert (
            client.post(reverse(f"admin:webhookendpoint_{name}", args=[endpoint.pk]), {"reason": "x"}).status_code
            == 403
        )
    for action in ("disable_endpoints", "delete_endpoints", "replay_endpoints"):
        act(client, endpoint, action, reason="x", hours="0")
    act(client, row, "replay_deliveries", reason="x")

    endpoint.refresh_from_db()
    row.refresh_from_db()
    assert (endpoint.enabled, row.status) == (True, "failed")


def test_it_answers_for_an_endpoint_that_is_gone(as_person, adams):
    for name in ("rotate", "topics"):
        assert as_person(adams).get(reverse(f"admin:webhookendpoint_{name}", args=[uuid7()])).status_code == 404
