"""Endpoints: who may make them, where they may lead, and how their secrets are kept."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from autopilot import clock, signatures, webhooks
from autopilot.exceptions import ControlRefused
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from autopilot.webhooks.endpoints import MOST_PER_TENANT, secrets_of
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.webhooks.conftest import ALLOWED, HOST

pytestmark = pytest.mark.django_db
URL = f"https://{HOST}/hook"
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@pytest.fixture
def create(tenant, ada, settings):
    """A maker of endpoints."""
    settings.OUTBOUND_PRIVATE_HOSTS = [HOST]

    def make(**fields):
        return webhooks.create(
            **{"tenant_id": tenant, "url": URL, "topics": [], "by": ada, "reason": "Asked."} | fields
        )

    return make


def test_it_is_made_with_a_secret_that_is_told_once(create, ada, tenant):
    endpoint, secret = create(topics=["test.sold", "test.made"], description=" Their system ")

    stored = WebhookEndpoint.objects.get()
    assert (stored.tenant_id, stored.url, stored.topics) == (tenant, URL, ["test.made", "test.sold"])
    assert (stored.description, stored.enabled, stored.created_by) == ("Their system", True, ada)
    assert signatures.split_secrets(secret) == [secret] == secrets_of(stored)
    entry = AuditEntry.objects.get(name="autopilot.webhook.created")
    assert (entry.actor, entry.subject_id, entry.data["reason"]) == (ada, str(endpoint.pk), "Asked.")
    assert secret not in str(entry.data)


def test_its_secret_cannot_be_read_in_the_database(create):
    _, secret = create()

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM autopilot_webhookendpoint")
        (stored,) = cursor.fetchone()

    assert stored.startswith("v1:")
    assert secret.removeprefix("whsec_") not in stored


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://elsewhere.example.org/", "not among OUTBOUND_HOSTS"),
        ("http://hooks.example.org/", "not among OUTBOUND_HOSTS|by https"),
        ("https://127.0.0.1/", "not among OUTBOUND_HOSTS"),
        ("https://169.254.169.254/latest", "not among OUTBOUND_HOSTS"),
        ("ftp://127.0.0.1:9999/", "starts with http"),
        ("https://user:word@127.0.0.1:9999/", "no user, password"),
        ("https://127.0.0.1:9999/#top", "no user, password or fragment"),
        ("https://127.0.0.1:99999/", "cannot be read"),
        ("", "starts with http"),
        (URL + "x" * 300, "at most 300 characters"),
    ],
)
def test_it_leads_nowhere_that_may_not_be_called(url, told, create):
    with pytest.raises(ValidationError, match=told) as refused:
        create(url=url)

    assert set(refused.value.message_dict) == {"url"}
    assert not WebhookEndpoint.objects.exists()


def test_it_refuses_a_public_name_that_leads_inside(create, settings, monkeypatch):
    settings.OUTBOUND_HOSTS = ["hooks.example.org"]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: [(2, 1, 6, "", ("10.0.0.1", 443))])

    with pytest.raises(ValidationError, match="may not be called"):
        create(url="https://hooks.example.org/")


@pytest.mark.parametrize(
    ("fields", "named", "told"),
    [
        ({"topics": ["test.whispered"]}, "topics", "not told of test.whispered"),
        ({"topics": ["test.gone"]}, "topics", "not told of test.gone"),
        ({"reason": " "}, "reason", "Say why"),
    ],
)
def test_it_says_what_cannot_be(fields, named, told, create):
    with pytest.raises(ValidationError, match=told) as refused:
        create(**fields)

    assert set(refused.value.message_dict) == {named}


def test_it_is_told_at_one_address_once(create):
    create()

    with pytest.raises(ValidationError, match="already told"):
        create()

    assert WebhookEndpoint.objects.count() == 1
    assert create(tenant_id=uuid7())


def test_it_has_a_bounded_number_for_each_tenant(create):
    for number in range(MOST_PER_TENANT):
        create(url=f"{URL}/{number}")

    with pytest.raises(ValidationError, match="at most 10"):
        create()


def test_it_keeps_to_the_bound_when_several_are_added_at_once(shared_database, tenant, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = [HOST]
    ada = person("ada", group_of("Administrator", *ALLOWED))
    fields = {"tenant_id": tenant, "topics": [], "by": ada, "reason": "Asked."}
    for number in range(MOST_PER_TENANT - 1):
        webhooks.create(url=f"{URL}/{number}", **fields)

    results = at_once(*[lambda n=n: webhooks.create(url=f"{URL}/more/{n}", **fields) for n in range(3)])

    assert sum(isinstance(each, ValidationError) for each in results) == 2
    assert WebhookEndpoint.objects.count() == MOST_PER_TENANT


def test_it_changes_its_topics(create, ada):
    endpoint, _ = create()

    webhooks.change(endpoint, topics=["test.sold"], description="Sales", by=ada, reason="Less noise.")

    endpoint.refresh_from_db()
    assert (endpoint.topics, endpoint.description) == (["test.sold"], "Sales")
    assert AuditEntry.objects.get(name="autopilot.webhook.changed").data["reason"] == "Less noise."
    with pytest.raises(ValidationError, match="not told of"):
        webhooks.change(endpoint, topics=["x"], by=ada, reason="x")


def test_its_secret_before_signs_beside_the_new_one_for_a_day(create, ada):
    endpoint, old = create()

    new = webhooks.rotate(endpoint, by=ada, reason="A year is over.")

    endpoint.refresh_from_db()
    assert secrets_of(endpoint) == [new, old]
    with clock.moved(DAY + SECOND):
        assert secrets_of(endpoint) == [new]
        assert webhooks.forget_old_secrets() == 1
    endpoint.refresh_from_db()
    assert (endpoint.previous_secret, endpoint.previous_secret_until) == ("", None)
    assert AuditEntry.objects.get(name="autopilot.webhook.rotated").data == {"reason": "A year is over."}


def test_it_ends_a_secret_that_became_known_by_two_rotations(create, ada):
    endpoint, leaked = create()

    secrets = [webhooks.rotate(endpoint, by=ada, reason="It leaked.") for _ in range(2)]

    endpoint.refresh_from_db()
    assert secrets_of(endpoint) == secrets[::-1]
    assert leaked not in secrets


def test_it_gets_a_new_secret_where_the_old_one_cannot_be_read(create, ada, settings):
    endpoint, _ = create()
    settings.FIELD_KEYS = {"other": "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMzI="}

    new = webhooks.rotate(endpoint, by=ada, reason="The key was lost.")

    endpoint.refresh_from_db()
    assert secrets_of(endpoint) == [new]


def test_it_is_disabled_with_a_reason_and_enabled_again(create, ada, told):
    endpoint, _ = create()
    told()
    webhooks.announce()

    webhooks.disable(endpoint, by=ada, reason="They move.")

    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "They move.")
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.error) == ("failed", "Its endpoint was disabled.")
    with pytest.raises(ControlRefused, match="disabled already"):
        webhooks.disable(endpoint, by=ada, reason="Again.")
    webhooks.enable(endpoint, by=ada, reason="They have moved.")
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason, endpoint.disabled_at) == (True, "", None)
    with pytest.raises(ControlRefused, match="enabled already"):
        webhooks.enable(endpoint, by=ada, reason="Again.")


def test_it_is_deleted_and_leaves_its_deeds(create, ada, told):
    endpoint, _ = create()
    told()
    webhooks.announce()

    webhooks.delete(endpoint, by=ada, reason="They left.")

    assert not WebhookEndpoint.objects.exists()
    assert AuditEntry.objects.get(name="autopilot.webhook.deleted").subject_id == str(endpoint.pk)
    for gone in (webhooks.delete, webhooks.rotate):
        with pytest.raises(ControlRefused, match="deleted"):
            gone(endpoint, by=ada, reason="Again.")


@pytest.mark.parametrize("deed", [webhooks.rotate, webhooks.disable, webhooks.enable, webhooks.delete])
def test_it_asks_for_a_reason_and_the_permission(deed, create, ada, stranger):
    endpoint, _ = create()

    with pytest.raises(ControlRefused, match="Say why"):
        deed(endpoint, by=ada, reason=" ")
    with pytest.raises(PermissionDenied):
        deed(endpoint, by=stranger, reason="x")

    assert AuditEntry.objects.count() == 1


def test_it_is_made_by_those_alone_who_may(create, stranger):
    with pytest.raises(PermissionDenied):
        create(by=stranger)
