"""Take the messages portals send: each one once, each one for a submission we know."""

import hashlib
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot.models.portals import InboxMessage, Portal, Submission
from autopilot.submissions.readings import Standing, read_standing, speaks_of
from autopilot.submissions.records import attached_digests, record_decision, wake

DECIDED = "submission.decided"


@transaction.atomic
def receive_message(portal: Portal, message_id: str, body: bytes) -> bool:
    """Record the decision in a message whose signature was verified, and wake the job that waits for it.

    Returns False, having changed nothing, if the message came before. Raises ValidationError for a message that is
    malformed, of a type other than `submission.decided`, or contradicts what is recorded; Submission.DoesNotExist
    for a packet that never went to this portal.
    """
    topic, standing = _read(body)
    submission = _submission(portal, standing.packet)
    _, first = InboxMessage.objects.get_or_create(
        source=portal.slug,
        message_id=message_id,
        defaults={"topic": topic, "body_digest": hashlib.sha256(body).hexdigest(), "submission": submission},
    )
    if first:
        _record(submission, standing)
    return first


def _record(submission: Submission, standing: Standing) -> None:
    if not speaks_of(standing.receipt, submission.approved_digest, attached_digests(submission)):
        raise ValidationError("The receipt names other bytes than were sent.", code="other_bytes")
    wake(submission)
    record_decision(submission.pk, status=standing.status, reasons=standing.reasons, receipt=standing.receipt)


def _submission(portal: Portal, packet: str) -> Submission:
    try:
        return Submission.objects.get(portal=portal, packet_id=packet)
    except ValidationError as error:  # the text is no UUID
        raise Submission.DoesNotExist from error


def _read(body: bytes) -> tuple[str, Standing]:
    message = _json(body)
    if message.get("type") != DECIDED:
        raise ValidationError(f"The type of a message must be {DECIDED}.", code="unknown_type")
    try:
        return DECIDED, read_standing(message.get("data"))
    except ValueError as error:
        raise ValidationError(str(error), code="malformed") from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValidationError("The message is not JSON.", code="malformed") from error
    if not isinstance(message, dict):
        raise ValidationError("The message is not a JSON object.", code="malformed")
    return message
