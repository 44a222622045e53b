"""Send again: one delivery, or what an endpoint has missed; and a test event."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit, clock
from autopilot.exceptions import ControlRefused
from autopilot.models.outbox import OutboxMessage
from autopilot.models.webhooks import WebhookDelivery, WebhookEndpoint
from autopilot.webhooks.delivery import TRIED_FOR
from autopilot.webhooks.endpoints import CHANGE, require, require_reason
from autopilot.webhooks.events import TEST

RESEND = "autopilot.resend_outboxmessage"
Status = WebhookDelivery.Status


@transaction.atomic
def replay(delivery: WebhookDelivery, *, by: User, reason: str) -> None:
    """Send a delivery that has ended once more, under the same id and with three days before it.

    Raises PermissionDenied, and ControlRefused without a reason, while it is still tried, or at a disabled endpoint.
    """
    require(by, RESEND)
    require_reason(reason)
    _check_enabled(delivery.endpoint_id)
    ended = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(status=Status.PENDING)
    if not ended.update(**_afresh()):
        raise ControlRefused("It is still being tried, or it is gone.")
    audit.record(by, "autopilot.webhook_delivery.replayed", delivery, reason=reason, message_id=delivery.message_id)


@transaction.atomic
def replay_failed(endpoint: WebhookEndpoint, *, since: datetime, by: User, reason: str) -> int:
    """Send again everything that failed at an endpoint and was made at or after a time; returns how many there are.

    Raises as `replay` does, and ControlRefused where nothing failed.
    """
    require(by, RESEND)
    require_reason(reason)
    _check_enabled(endpoint.pk)
    failed = WebhookDelivery.objects.filter(endpoint=endpoint, status=Status.FAILED, created_at__gte=since)
    count = failed.update(**_afresh())
    if not count:
        raise ControlRefused("Nothing has failed there since.")
    audit.record(by, "autopilot.webhook.replayed", endpoint, reason=reason, since=since, deliveries=count)
    return count


@transaction.atomic
def send_test(endpoint: WebhookEndpoint, *, by: User) -> WebhookDelivery:
    """Tell one endpoint an event that means nothing; raises PermissionDenied, and ControlRefused while it is disabled."""
    require(by, CHANGE)
    _check_enabled(endpoint.pk)
    now = clock.now()
    message = OutboxMessage.objects.create(
        tenant_id=endpoint.tenant_id,
        topic=TEST,
        references={"endpoint_id": str(endpoint.pk)},
        # No mail belongs to it, and no other endpoint hears of it.
        status=OutboxMessage.Status.SENT,
        sent_at=now,
        announced=True,
    )
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, message=message, give_up_at=now + TRIED_FOR)
    audit.record(by, "autopilot.webhook.tested", endpoint, message_id=message.pk)
    return delivery


def _check_enabled(endpoint_id: Any) -> None:
    # Locked, so that nobody disables it while something is put before it.
    if not WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id, enabled=True).exists():
        raise ControlRefused("The endpoint is disabled. Enable it first.")


def _afresh() -> dict[str, Any]:
    now = clock.now()
    return {
        "status": Status.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "give_up_at": now + TRIED_FOR,
        "delivered_at": None,
        "last_status": None,
        "error": "",
    }
