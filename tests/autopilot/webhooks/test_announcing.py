"""Messages become deliveries exactly once, for the endpoints that are meant, and only what may leave."""

import pytest

from autopilot import webhooks
from autopilot.engine import registry
from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage, WebhookDelivery
from autopilot.webhooks import announcing
from tests.autopilot.engine.concurrency import at_once

pytestmark = pytest.mark.django_db
THREE_DAYS = 3 * 86_400


def test_it_tells_each_endpoint_of_the_tenant_once(endpoint_at, told):
    ours = [endpoint_at(9001), endpoint_at(9002)]
    endpoint_at(9003, tenant_id=uuid7())
    message = told()

    assert (webhooks.announce(), webhooks.announce()) == (2, 0)

    deliveries = WebhookDelivery.objects.order_by("endpoint__url")
    assert [(each.endpoint, each.message) for each in deliveries] == [(each, message) for each in ours]
    assert {(each.status, each.attempts) for each in deliveries} == {("pending", 0)}
    assert [round((each.give_up_at - each.created_at).total_seconds()) for each in deliveries] == [THREE_DAYS] * 2


def test_it_tells_an_endpoint_of_its_topics_alone(endpoint_at, told):
    endpoint_at(topics=["test.sold"])
    told("test.made")
    sold = told("test.sold")

    webhooks.announce()

    assert WebhookDelivery.objects.get().message == sold


def test_it_tells_nobody_what_is_between_members_of_staff(endpoint_at, told):
    endpoint_at()
    told("test.whispered")

    assert webhooks.announce() == 0

    assert OutboxMessage.objects.get().announced


def test_it_tells_outside_of_holders_business_and_of_nothing_of_the_staff():
    ours = [topic for topic in registry.webhook_topics() if not topic.startswith("test.")]

    assert {"programs.application.received", "programs.invoice.sent", "programs.payout.paid"} <= set(ours)
    assert {topic.split(".")[0] for topic in ours} <= {"programs", "students"}
    assert "programs.member.invited" not in ours


def test_it_tells_a_disabled_endpoint_nothing(endpoint_at, told, ada):
    endpoint = endpoint_at()
    webhooks.disable(endpoint, by=ada, reason="x")
    told()

    assert webhooks.announce() == 0


def test_it_leaves_what_only_newer_code_knows(endpoint_at, tenant):
    endpoint_at()
    newer = OutboxMessage.objects.create(tenant_id=tenant, topic="test.newer")

    assert webhooks.announce() == 0

    newer.refresh_from_db()
    assert not newer.announced


def test_it_works_through_many_in_batches(endpoint_at, told, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(announcing, "BATCH", 5)
    endpoint_at()
    for _ in range(12):
        told()

    with django_assert_max_num_queries(3 * 6):
        assert webhooks.announce() == 12


def test_it_makes_each_delivery_once_however_many_sweep(shared_database, endpoint_at, told):
    endpoint_at()
    for _ in range(20):
        told()

    results = at_once(*[webhooks.announce] * 4)

    assert sum(results) == WebhookDelivery.objects.count() == 20
