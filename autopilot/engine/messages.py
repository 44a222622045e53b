"""Put messages in the outbox, in the caller's own transaction."""

from typing import Any
from uuid import UUID

from autopilot.engine import records
from autopilot.engine.registry import find_message
from autopilot.models.outbox import OutboxMessage
from autopilot.storable import to_storable


def emit(topic: str, *, tenant_id: UUID, job_id: UUID | None = None, **references: Any) -> OutboxMessage:
    """Leave a message to be built and sent once the caller's transaction has committed.

    `references` are ids of what it is about, never personal data. Raises HandlerMistake for an unknown topic.
    """
    find_message(topic)
    return records.insert(
        OutboxMessage(tenant_id=tenant_id, topic=topic, job_id=job_id, references=to_storable(references))
    )
