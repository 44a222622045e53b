"""Turn messages of the outbox into deliveries, exactly once, however many processes do it."""

from uuid import UUID

from django.db import transaction

from autopilot import clock
from autopilot.engine import registry
from autopilot.models.outbox import OutboxMessage
from autopilot.models.webhooks import WebhookDelivery, WebhookEndpoint
from autopilot.webhooks.delivery import TRIED_FOR

BATCH = 200
MOST_BATCHES = 10


def announce() -> int:
    """Make the deliveries of up to 2,000 messages that webhooks do not know of, oldest first; returns how many."""
    made = 0
    for _ in range(MOST_BATCHES):
        looked_at, deliveries = _announce_batch()
        made += deliveries
        if looked_at < BATCH:
            break
    return made


@transaction.atomic
def _announce_batch() -> tuple[int, int]:
    # A topic that only newer code knows waits for a process that runs it.
    unannounced = OutboxMessage.objects.filter(announced=False, topic__in=registry.topics()).order_by("created_at")
    messages = list(unannounced.select_for_update(skip_locked=True)[:BATCH])
    told = [message for message in messages if message.topic in registry.webhook_topics()]
    endpoints = _endpoints({message.tenant_id for message in told})
    deliveries = [
        WebhookDelivery(endpoint=endpoint, message=message, give_up_at=clock.now() + TRIED_FOR)
        for message in told
        for endpoint in endpoints
        if endpoint.tenant_id == message.tenant_id and (not endpoint.topics or message.topic in endpoint.topics)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(announced=True)
    return len(messages), len(deliveries)


def _endpoints(tenants: set[UUID]) -> list[WebhookEndpoint]:
    """Return the enabled endpoints of tenants, locked: none is disabled or deleted while its deliveries are made."""
    enabled = WebhookEndpoint.objects.filter(tenant_id__in=tenants, enabled=True)
    return list(enabled.select_for_update().order_by("pk")) if tenants else []
