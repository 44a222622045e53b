"""Deliver the outbox: at least once, each message under an id that stays the same. And send again what staff ask for."""

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from random import random
from smtplib import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from time import monotonic
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.mail import BadHeaderError, EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, transaction

from autopilot import audit, clock
from autopilot.engine.registry import find_message, topics
from autopilot.engine.retry import RetryPolicy, delay
from autopilot.exceptions import AutopilotError, ControlRefused, Unwanted
from autopilot.models.outbox import OutboxMessage

logger = logging.getLogger(__name__)
POLICY = RetryPolicy(base=timedelta(seconds=30), cap=timedelta(hours=1))
# What a server would take later is tried so often that it leaves within five minutes of the server's recovery.
SOON = RetryPolicy(base=timedelta(seconds=30), cap=timedelta(minutes=4))
MOST_ATTEMPTS = 40
TRIED_FOR = timedelta(days=3)
IN_HAND = timedelta(minutes=2)
LONGEST_SECONDS = 15.0
PERMISSION = "autopilot.resend_outboxmessage"
# Behind the host: a link in a mail may open what is its reader's alone.
LINK = re.compile(r"(https?://[^/\s\"'<>]+)/[^\s\"'<>]*")
# A server that does this to one message does it to all: each would cost a timeout.
SILENCE = (TimeoutError, SMTPServerDisconnected)
Status = OutboxMessage.Status


class NobodyToTell(AutopilotError):
    """The message has no recipient: nobody it is meant for has an address."""


# What it tells of is gone, nobody is to be told, or its headers are unfit: no repetition mends that.
FINAL = (ObjectDoesNotExist, NobodyToTell, BadHeaderError)


def deliver_due(limit: int) -> int:
    """Send up to `limit` due messages, oldest first, and begin none after 15 seconds; returns how many were sent.

    One that cannot be built or sent is tried again later and given up after the 40th time, though for three days where
    the server may take it later; it stops no other. A mail server that is not there ends the call: that costs its timeout once, and no message an attempt. Raises
    OperationalError or InterfaceError only, when the database itself is away.
    """
    due = OutboxMessage.objects.filter(status=Status.PENDING, next_attempt_at__lte=clock.now())
    messages = list(due.order_by("next_attempt_at")[:limit])
    server = get_connection()
    try:
        return _deliver_all(messages, server) if messages and _is_there(server, messages) else 0
    finally:
        server.close()


def _is_there(server: BaseEmailBackend, messages: list[OutboxMessage]) -> bool:
    try:
        server.open()
    except Exception as error:  # noqa: BLE001 (whatever keeps the mail server from us, the messages can wait)
        logger.warning("no mail can be sent: %s", type(error).__name__)
        due = OutboxMessage.objects.filter(pk__in=[each.pk for each in messages], status=Status.PENDING)
        due.update(error=type(error).__name__)
        return False
    return True


def _deliver_all(messages: list[OutboxMessage], server: BaseEmailBackend) -> int:
    end = monotonic() + LONGEST_SECONDS
    sent = 0
    for message in messages:
        if monotonic() > end:
            break
        try:
            sent += _take(message) and _deliver(message, server)
        except SILENCE:
            break
    return sent


def _take(message: OutboxMessage) -> bool:
    """Take a message in hand for two minutes, so that no other process sends it meanwhile."""
    mine = OutboxMessage.objects.filter(pk=message.pk, status=Status.PENDING, attempts=message.attempts)
    taken = mine.update(attempts=message.attempts + 1, next_attempt_at=clock.now() + IN_HAND)
    message.attempts += 1
    return bool(taken)


def _deliver(message: OutboxMessage, server: BaseEmailBackend) -> bool:
    mail = None
    try:
        mail = build(message)
        mail.connection = server
        mail.send()
    except (OperationalError, InterfaceError):
        raise
    except Unwanted:
        _settle(message)
        return False
    except Exception as error:
        server.close()  # the next one begins afresh
        _note_failure(message, error, passing=mail is not None and _is_passing(error))
        if isinstance(error, SILENCE):
            raise
        return False
    _settle(message)
    return True


def _settle(message: OutboxMessage) -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(status=Status.SENT, sent_at=clock.now(), error="")


def build(message: OutboxMessage) -> EmailMessage:
    """Return the mail of a message, under the message's own stable Message-ID and with a subject of one line.

    Raises NobodyToTell for a mail without recipients, and whatever its builder raises: Unwanted where nobody wants it.
    """
    mail = find_message(message.topic)(**message.references)
    if not mail.recipients():
        raise NobodyToTell
    mail.subject = " ".join(str(mail.subject).split())
    mail.extra_headers.setdefault("Message-ID", f"<{message.pk}@provost>")
    return mail


def _is_passing(error: Exception) -> bool:
    """Return whether the server, and not the message, is why it was not sent."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return 400 <= error.smtp_code < 500 or isinstance(error, SMTPSenderRefused)
    return isinstance(error, SILENCE) or (isinstance(error, OSError) and not isinstance(error, SMTPException))


def _note_failure(message: OutboxMessage, error: Exception, *, passing: bool) -> None:
    used_up = message.attempts >= MOST_ATTEMPTS
    has_time = passing and message.created_at > clock.now() - TRIED_FOR
    if isinstance(error, FINAL) or (used_up and not has_time):
        _fail(message, error)
    else:
        _retry(message, error, SOON if passing else POLICY)


def _retry(message: OutboxMessage, error: Exception, policy: RetryPolicy) -> None:
    wait = delay(policy, message.attempts, after=None, random=random)
    _note(message, error, next_attempt_at=clock.now() + wait)
    logger.warning("message %s (%s) not sent: %s", message.pk, message.topic, type(error).__name__)


def _fail(message: OutboxMessage, error: Exception) -> None:
    _note(message, error, status=Status.FAILED)
    logger.error("message %s (%s) given up: %s", message.pk, message.topic, type(error).__name__)


def _note(message: OutboxMessage, error: Exception, **changes: Any) -> None:
    """Store what became of an attempt, unless another process has taken the message in hand since."""
    mine = OutboxMessage.objects.filter(pk=message.pk, status=Status.PENDING, attempts=message.attempts)
    # The type alone: the text of an error may quote people's data.
    mine.update(error=type(error).__name__, **changes)


@dataclass(frozen=True)
class Letter:
    """A mail as staff may see it: for how many people it is, and what it says, its links cut after their host."""

    recipients: int
    subject: str
    text: str


def recipients_of(message: OutboxMessage) -> int | None:
    """Return how many addresses the mail of a message would go to now; None where it cannot be built."""
    try:
        return len(build(message).recipients())
    except (NobodyToTell, Unwanted):
        return 0
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001 (a page about a message that cannot be built says so)
        return None


def show(message: OutboxMessage, *, by: User) -> Letter:
    """Return the mail of a message as it would be sent now, and record who saw it.

    Raises PermissionDenied without the permission to send again, and ControlRefused where it cannot be built.
    """
    _require_permission(by)
    try:
        mail = build(message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        raise ControlRefused(f"The mail cannot be built now ({type(error).__name__}).") from error
    audit.record(by, "autopilot.message.shown", message)
    return Letter(len(mail.recipients()), LINK.sub(r"\1/…", str(mail.subject)), LINK.sub(r"\1/…", str(mail.body)))


@transaction.atomic
def resend(message: OutboxMessage, *, by: User, reason: str, again: bool = False) -> None:
    """Send a message that failed once more, with fresh attempts; with `again` one that was sent already, too.

    Its Message-ID stays the same. Raises PermissionDenied, and ControlRefused without a reason, while it is still
    tried, and where no mail belongs to it.
    """
    _require_permission(by)
    if not reason.strip():
        raise ControlRefused("Say why; those who come after you read it.")
    if message.topic not in topics():
        raise ControlRefused("No mail belongs to it.")
    ended = [Status.FAILED, Status.SENT] if again else [Status.FAILED]
    afresh = {"status": Status.PENDING, "attempts": 0, "next_attempt_at": clock.now(), "sent_at": None, "error": ""}
    if not OutboxMessage.objects.filter(pk=message.pk, status__in=ended).update(**afresh):
        raise ControlRefused(_why_not(message))
    audit.record(by, "autopilot.message.resent", message, reason=reason, again=again)


def _why_not(message: OutboxMessage) -> str:
    status = OutboxMessage.objects.filter(pk=message.pk).values_list("status", flat=True).first()
    if status == Status.SENT:
        return "It was sent already. Say that it shall go out a second time."
    return "It is still being tried, by itself." if status else "It has been deleted."


def _require_permission(person: User) -> None:
    if not person.has_perm(PERMISSION):
        raise PermissionDenied("You may not send messages again.")
