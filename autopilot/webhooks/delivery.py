"""Deliver what is due: at least once, under an id that stays the same, and no receiver at the cost of another."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from random import random
from time import monotonic
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from autopilot import clock, engine, outbound, signatures
from autopilot.encryption import EncryptionError
from autopilot.engine.retry import RetryPolicy, delay
from autopilot.models.webhooks import WebhookDelivery, WebhookEndpoint
from autopilot.outbound import Forbidden, Limits, NeverSent, Unanswered
from autopilot.webhooks.endpoints import secrets_of, turn_off
from autopilot.webhooks.events import CONTENT_TYPE, body_of

logger = logging.getLogger(__name__)
TRIED_FOR = timedelta(days=3)
POLICY = RetryPolicy(base=timedelta(minutes=1), cap=timedelta(hours=6))
LIMITS = Limits(connect=3, read=5, total=10, size=64 * 1024)
IN_HAND = timedelta(minutes=2)
LONGEST_SECONDS = 15.0
MOST_ENDPOINTS = 500
MOST_PER_ENDPOINT = 50
# How long an endpoint keeps its other events back, at most: one that does not answer, where one of them may be what it
# chokes on; and one that asks for it.
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=5)
# What failed because the other side is away is tried so often that it arrives within five minutes of its return.
LONGEST_WAIT_WHILE_AWAY = timedelta(minutes=4)
AWAY = (None, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
# A failure that took longer held up whoever sweeps.
LONG_SECONDS = 1.0
GONE = "It answered 410 Gone."
TOLD_STAFF = "autopilot.webhook.disabled"
WHY: dict[type[Exception], str] = {
    Forbidden: "Its host may not be called.",
    NeverSent: "It could not be reached.",
    Unanswered: "It gave no complete answer in time.",
    EncryptionError: "The endpoint’s secret cannot be read.",
}
Status = WebhookDelivery.Status


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: the status that was answered, or none; what is wrong; and the wait that was asked for."""

    status: int | None = None
    error: str = ""
    after: timedelta | None = None


def deliver_due() -> int:
    """Send what is due, one event of each endpoint in turn, and begin none after 15 seconds; returns how many arrived.

    An endpoint has its turns until something fails there, at most 50 in one call. Of those known not to answer one is
    waited for in a call, and of all others one. Raises OperationalError or InterfaceError only, when the database
    itself is away.
    """
    end = monotonic() + LONGEST_SECONDS
    endpoints, arrived, waits = _with_something_due(), 0, 0
    for _ in range(MOST_PER_ENDPOINT):
        still = []
        for endpoint, in_trouble in endpoints:
            begun = monotonic()
            if begun > end:
                return arrived
            if waits + in_trouble > 1:
                continue
            if _deliver_next(endpoint):
                still.append((endpoint, in_trouble))
                arrived += 1
            else:
                waits += monotonic() - begun > LONG_SECONDS
        endpoints = still
    return arrived


def _due() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(status=Status.PENDING, next_attempt_at__lte=clock.now()).order_by(
        "next_attempt_at"
    )


def _with_something_due() -> list[tuple[WebhookEndpoint, bool]]:
    """Return the endpoints whose turn it is, each with whether it did not answer of late: those come last."""
    of_endpoint = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"))
    silent = of_endpoint.filter(status=Status.PENDING, last_status=None).exclude(error="")
    due = _due().filter(endpoint=OuterRef("pk"))
    waiting = WebhookEndpoint.objects.filter(Exists(due)).annotate(
        in_trouble=Exists(silent), since=Subquery(due.values("next_attempt_at")[:1])
    )
    return [(each, each.in_trouble) for each in waiting.order_by("in_trouble", "since", "pk")[:MOST_ENDPOINTS]]


def _deliver_next(endpoint: WebhookEndpoint) -> bool:
    """Send the oldest due event of an endpoint; returns whether it arrived."""
    delivery = _due().filter(endpoint=endpoint).select_related("message").first()
    if delivery is None or not _take(delivery):
        return False
    outcome = _attempt(endpoint, delivery)
    if outcome.error:
        _note_failure(endpoint, delivery, outcome)
        return False
    found = WebhookDelivery.objects.filter(pk=delivery.pk)
    found.update(status=Status.DELIVERED, delivered_at=clock.now(), last_status=outcome.status, error="")
    return True


def _take(delivery: WebhookDelivery) -> bool:
    """Take a delivery in hand for two minutes, so that no other process sends it meanwhile."""
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING, attempts=delivery.attempts)
    taken = mine.update(attempts=delivery.attempts + 1, next_attempt_at=clock.now() + IN_HAND)
    delivery.attempts += 1
    return bool(taken)


def _attempt(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Outcome:
    try:
        return _send(endpoint, delivery)
    except tuple(WHY) as error:
        return Outcome(error=next(why for kind, why in WHY.items() if isinstance(error, kind)))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (one event that cannot be sent must not keep the others)
        return Outcome(error=f"It could not be sent ({type(error).__name__}).")


def _send(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> Outcome:
    body, now = body_of(delivery.message), clock.now()
    headers = signatures.sign(secrets_of(endpoint), str(delivery.message_id), body, at=now)
    headers |= {"Content-Type": CONTENT_TYPE, "User-Agent": "Provost"}
    answer = outbound.request("POST", endpoint.url, body=body, headers=headers, limits=LIMITS)
    if 200 <= answer.status < 300:
        return Outcome(answer.status)
    return Outcome(answer.status, f"It answered {answer.status}.", answer.retry_after())


def _note_failure(endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome) -> None:
    logger.warning("delivery %s to endpoint %s: %s", delivery.pk, endpoint.pk, outcome.error)
    if outcome.status == HTTPStatus.GONE:
        return _end(endpoint, delivery, outcome)
    now = clock.now()
    wait = delay(POLICY, delivery.attempts, after=outcome.after, random=random)
    if outcome.status in AWAY and not outcome.after:
        wait = min(wait, LONGEST_WAIT_WHILE_AWAY)
    if now >= delivery.give_up_at:
        _note(delivery, outcome, status=Status.FAILED)
    else:
        _note(delivery, outcome, next_attempt_at=min(now + wait, delivery.give_up_at))
    if outcome.status is None or outcome.after:
        _hold_back(delivery, outcome, now, now + min(wait, LONGEST_PAUSE if outcome.after else PAUSE))
    return None


@transaction.atomic
def _end(endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Disable an endpoint that says it is gone for good, and tell staff."""
    # The endpoint's row is locked before its deliveries', as everywhere.
    WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    _note(delivery, outcome, status=Status.FAILED)
    if turn_off(endpoint, by=None, reason=GONE):
        engine.emit(TOLD_STAFF, tenant_id=endpoint.tenant_id, endpoint_id=endpoint.pk)


def _hold_back(delivery: WebhookDelivery, outcome: Outcome, now: datetime, until: datetime) -> None:
    """Let the other events of an endpoint that does not answer wait too, and give up those whose time is over."""
    others = WebhookDelivery.objects.filter(endpoint=delivery.endpoint_id, status=Status.PENDING)
    others = others.exclude(pk=delivery.pk)
    others.filter(give_up_at__lte=now).update(status=Status.FAILED, error=outcome.error)
    others.filter(next_attempt_at__lt=until).update(next_attempt_at=until)


def _note(delivery: WebhookDelivery, outcome: Outcome, **changes: Any) -> None:
    """Store what became of an attempt, unless another process has taken the delivery in hand since."""
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING, attempts=delivery.attempts)
    mine.update(error=outcome.error, last_status=outcome.status, **changes)
