"""What a receiver is told: an event as CloudEvents 1.0 writes it, whose data are ids alone."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings

from autopilot.models.outbox import OutboxMessage

TEST = "autopilot.webhook.test"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def body_of(message: OutboxMessage) -> bytes:
    """Return the body of the request that tells of a message, the same each time; its id is the message's own."""
    return json.dumps(event_of(message), separators=(",", ":"), sort_keys=True).encode()


def event_of(message: OutboxMessage) -> dict[str, Any]:
    """Return the event of a message: who receives it asks the API what the ids stand for."""
    data = _ids(message)
    event = {
        "specversion": "1.0",
        "id": str(message.pk),
        "source": f"{settings.BASE_URL}/api/v1",
        "type": message.topic,
        "time": message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }
    if data:
        name = min(data, key=lambda each: (each == "job_id", each))
        event["subject"] = f"{name.removesuffix('_id')}/{data[name]}"
    return event


def _ids(message: OutboxMessage) -> dict[str, str]:
    # A reference is an id by rule; whatever else somebody put there stays in the house.
    ids = {name: str(value) for name, value in message.references.items() if name.endswith("_id") and _is_id(value)}
    return ids | ({"job_id": str(message.job_id)} if message.job_id else {})


def _is_id(value: object) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False
