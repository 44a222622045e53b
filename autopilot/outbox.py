"""Deliver the outbox: at least once, each message under an id that stays the same."""

import logging
import smtplib
from datetime import timedelta
from random import random
from time import monotonic

from django.core.exceptions import ObjectDoesNotExist
from django.core.mail import EmailMessage

from autopilot import clock
from autopilot.engine.registry import find_message
from autopilot.engine.retry import RetryPolicy, delay
from autopilot.exceptions import HandlerMistake
from autopilot.models.outbox import OutboxMessage

logger = logging.getLogger(__name__)
POLICY = RetryPolicy(base=timedelta(seconds=30), cap=timedelta(hours=1))
MOST_ATTEMPTS = 40
IN_HAND = timedelta(minutes=2)
LONGEST_SECONDS = 15.0
Status = OutboxMessage.Status


def deliver_due(limit: int) -> int:
    """Send up to `limit` due messages, oldest first, for at most 15 seconds; returns how many were sent."""
    due = OutboxMessage.objects.filter(status=Status.PENDING, next_attempt_at__lte=clock.now())
    end = monotonic() + LONGEST_SECONDS
    sent = 0
    for message in due.order_by("next_attempt_at")[:limit]:
        if monotonic() > end:
            break
        sent += _take(message) and _deliver(message)
    return sent


def _take(message: OutboxMessage) -> bool:
    """Take a message in hand for two minutes, so that no other process sends it meanwhile."""
    mine = OutboxMessage.objects.filter(pk=message.pk, status=Status.PENDING, attempts=message.attempts)
    taken = mine.update(attempts=message.attempts + 1, next_attempt_at=clock.now() + IN_HAND)
    message.attempts += 1
    return bool(taken)


def _deliver(message: OutboxMessage) -> bool:
    try:
        mail = build(message)
        mail.send()
    except (HandlerMistake, ObjectDoesNotExist, TypeError) as error:
        # What it tells of is gone or was never right: no repetition will mend it.
        return _fail(message, error)
    except (OSError, smtplib.SMTPException) as error:
        return _retry(message, error)
    OutboxMessage.objects.filter(pk=message.pk).update(status=Status.SENT, sent_at=clock.now(), error="")
    return True


def build(message: OutboxMessage) -> EmailMessage:
    """Return the mail of a message, under the message's own stable Message-ID."""
    mail = find_message(message.topic)(**message.references)
    mail.extra_headers.setdefault("Message-ID", f"<{message.pk}@provost>")
    return mail


def _retry(message: OutboxMessage, error: Exception) -> bool:
    if message.attempts >= MOST_ATTEMPTS:
        return _fail(message, error)
    wait = delay(POLICY, message.attempts, after=None, random=random)
    OutboxMessage.objects.filter(pk=message.pk).update(
        next_attempt_at=clock.now() + wait, error=type(error).__name__
    )
    logger.warning("message %s (%s) not sent: %s", message.pk, message.topic, type(error).__name__)
    return False


def _fail(message: OutboxMessage, error: Exception) -> bool:
    OutboxMessage.objects.filter(pk=message.pk).update(status=Status.FAILED, error=type(error).__name__)
    logger.error("message %s (%s) given up: %s", message.pk, message.topic, type(error).__name__)
    return False
