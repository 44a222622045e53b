"""Deliveries against real servers: what they say, how they are signed, and what becomes of every answer."""

import base64
import hashlib
import hmac
import json
import logging
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core import mail as sent_mail

from autopilot import clock, outbox, webhooks
from autopilot.exceptions import ControlRefused
from autopilot.models import AuditEntry, OutboxMessage, WebhookDelivery
from autopilot.outbound import Limits
from autopilot.webhooks import delivery as delivering
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.outside.servers import serving

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def answering(*statuses, headers=""):
    """Return a script that answers with each status in turn, and stays with the last."""
    left = list(statuses)

    def answer(connection, request):
        status = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(f"HTTP/1.1 {status} X\r\n{headers}Content-Length: 6\r\n\r\nprivat".encode())

    return answer


def hanging(connection, request):
    """Say nothing until the caller hangs up."""
    connection.recv(1)


def parts(request):
    """Return the headers, by name in lower case, and the body of a request."""
    head, body = request.split(b"\r\n\r\n", 1)
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return {name.lower(): value for name, value in lines}, body


def expected_signature(secret, headers, body):
    """Return the signature as the standard defines it."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def deliver(after=timedelta(0)):
    """Announce and deliver what is due some time from now; returns how many arrived."""
    with clock.moved(after):
        webhooks.announce()
        return webhooks.deliver_due()


def state(row=None):
    """Return where the delivery stands."""
    row = row or WebhookDelivery.objects.get()
    row.refresh_from_db()
    return row.status, row.attempts, row.last_status, row.error


def test_it_sends_a_signed_event_of_ids_alone(endpoint_at, told, settings):
    settings.BASE_URL = "https://provost.example.org"
    with serving(answering(200)) as (port, requests):
        endpoint = endpoint_at(port)
        message = told(thing_id="0190b1f2-0000-7000-8000-00000000aaaa", name="Jane Doe", other_id="123-45-6789")

        assert deliver() == 1

    headers, body = parts(requests[0])
    assert requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": str(message.pk),
        "source": "https://provost.example.org/api/v1",
        "type": "test.made",
        "subject": "thing/0190b1f2-0000-7000-8000-00000000aaaa",
        "time": message.created_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{message.created_at.microsecond // 1000:03}Z",
        "datacontenttype": "application/json",
        "data": {"thing_id": "0190b1f2-0000-7000-8000-00000000aaaa"},
    }
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["webhook-id"] == str(message.pk)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
    assert headers["webhook-signature"] == expected_signature(endpoint.secret, headers, body)
    assert state() == ("delivered", 1, 200, "")
    assert WebhookDelivery.objects.get().delivered_at


def test_it_signs_with_both_secrets_while_they_change(endpoint_at, told, ada):
    with serving(answering(204)) as (port, requests):
        endpoint = endpoint_at(port)
        old = endpoint.secret
        new = webhooks.rotate(endpoint, by=ada, reason="x")
        told()
        deliver()
        told()
        deliver(25 * HOUR)

    (first, body), (later, later_body) = map(parts, requests)
    assert first["webhook-signature"].split() == [expected_signature(each, first, body) for each in (new, old)]
    assert later["webhook-signature"] == expected_signature(new, later, later_body)


def test_it_tries_again_under_the_same_id(endpoint_at, told):
    with serving(answering(500, 200)) as (port, requests):
        endpoint_at(port)
        told()

        counts = [deliver(), deliver(29 * SECOND), deliver(2 * MINUTE)]

    assert counts == [0, 0, 1]
    (first, body), (second, again) = map(parts, requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again
    assert state() == ("delivered", 2, 200, "")


def test_it_notes_the_answer_but_nothing_of_what_it_said(endpoint_at, told, caplog):
    with serving(answering(503)) as (port, _), caplog.at_level(logging.DEBUG):
        endpoint_at(port)
        told()
        deliver()

    row = WebhookDelivery.objects.get()
    assert state() == ("pending", 1, 503, "It answered 503.")
    assert 30 <= (row.next_attempt_at - clock.now()).total_seconds() + 1 <= 61
    assert f"delivery {row.pk} to endpoint {row.endpoint_id}: It answered 503." in caplog.text
    assert "privat" not in str(row.__dict__) + caplog.text


def test_it_gives_up_after_three_days(endpoint_at, told):
    with serving(answering(500)) as (port, requests):
        endpoint_at(port)
        told()
        for hour in range(80):
            deliver(hour * HOUR)

    row = WebhookDelivery.objects.get()
    assert (row.status, row.last_status, row.delivered_at) == ("failed", 500, None)
    assert 14 <= len(requests) == row.attempts <= 30


def test_it_waits_as_long_as_it_is_asked_to(endpoint_at, told):
    with serving(answering(429, headers="Retry-After: 7200\r\n")) as (port, requests):
        endpoint_at(port)
        told()
        counts = [deliver(), deliver(HOUR), len(requests)]
        deliver(3 * HOUR)

    assert counts == [0, 0, 1]
    assert len(requests) == 2


@pytest.mark.parametrize("asked", ["99999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_it_waits_a_day_at_most_whatever_it_is_asked(asked, endpoint_at, told):
    with serving(answering(503, headers=f"Retry-After: {asked}\r\n")) as (port, _):
        endpoint_at(port)
        told()
        deliver()

    assert clock.now() + 23 * HOUR < WebhookDelivery.objects.get().next_attempt_at <= clock.now() + DAY


def test_it_follows_no_redirect(endpoint_at, told):
    away = "Location: http://127.0.0.1:{}/\r\n"
    with serving(answering(200)) as (inner, reached), serving(answering(302, headers=away.format(inner))) as (port, _):
        endpoint_at(port)
        told()
        deliver()

    assert reached == []
    assert state() == ("pending", 1, 302, "It answered 302.")


def test_it_calls_no_host_that_was_taken_off_the_list(endpoint_at, told, settings):
    with serving(answering(200)) as (port, requests):
        endpoint_at(port)
        settings.OUTBOUND_PRIVATE_HOSTS = []
        told()
        deliver()

    assert requests == []
    assert state() == ("pending", 1, None, "Its host may not be called.")


def test_it_says_that_nobody_is_there(endpoint_at, told):
    with serving(answering(200)) as (port, _):
        endpoint_at(port)
    told()

    deliver()

    assert state() == ("pending", 1, None, "It could not be reached.")


def test_it_says_that_its_secret_cannot_be_read(endpoint_at, told, settings):
    endpoint_at()
    settings.FIELD_KEYS = {"other": "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMzI="}
    told()

    deliver()

    assert state() == ("pending", 1, None, "The endpoint’s secret cannot be read.")


def test_it_disables_an_endpoint_that_says_it_is_gone_and_tells_staff(endpoint_at, told, ada):
    with serving(answering(410)) as (port, requests):
        endpoint = endpoint_at(port)
        for _ in range(3):
            told()
        deliver()
        deliver(HOUR)

    endpoint.refresh_from_db()
    assert len(requests) == 1
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "It answered 410 Gone.")
    assert set(WebhookDelivery.objects.values_list("status", "error")) == {
        ("failed", "It answered 410."),
        ("failed", "Its endpoint was disabled."),
    }
    entry = AuditEntry.objects.get(name="autopilot.webhook.disabled")
    assert (entry.actor, entry.actor_label, entry.data) == (None, "", {"reason": "It answered 410 Gone."})
    OutboxMessage.objects.exclude(topic="autopilot.webhook.disabled").delete()
    outbox.deliver_due(10)
    (letter,) = sent_mail.outbox
    assert letter.bcc == ["ada@example.org"]
    assert f"/admin/autopilot/webhookendpoint/{endpoint.pk}/" in letter.body


def test_it_is_not_held_up_by_an_endpoint_that_hangs(endpoint_at, told, monkeypatch):
    monkeypatch.setattr(delivering, "LIMITS", Limits(connect=0.2, read=0.2, total=0.3))
    with serving(hanging) as (silent, asked), serving(answering(200)) as (port, requests):
        slow, _ = endpoint_at(silent), endpoint_at(port)
        for _ in range(5):
            told()
        began = time.monotonic()

        assert deliver() == 5

    assert time.monotonic() - began < 3
    assert (len(asked), len(requests)) == (1, 5)
    tried = WebhookDelivery.objects.get(endpoint=slow, attempts=1)
    assert state(tried) == ("pending", 1, None, "It gave no complete answer in time.")
    waits = WebhookDelivery.objects.filter(endpoint=slow, attempts=0).values_list("next_attempt_at", flat=True)
    assert len(waits) == 4
    assert all(20 * SECOND < each - clock.now() <= 5 * MINUTE for each in waits)


def test_it_waits_for_one_endpoint_known_to_hang_and_serves_the_others(endpoint_at, told, monkeypatch):
    monkeypatch.setattr(delivering, "LIMITS", Limits(connect=0.4, read=0.4, total=0.4))
    monkeypatch.setattr(delivering, "LONG_SECONDS", 0.3)
    with ExitStack() as stack:
        silent = [stack.enter_context(serving(hanging)) for _ in range(4)]
        port, requests = stack.enter_context(serving(answering(200)))
        for each, _ in silent:
            endpoint_at(each)
        told()
        for turn in range(4):
            deliver(turn * 5 * MINUTE)
        endpoint_at(port)
        for _ in range(3):
            told()
        asked = sum(len(each) for _, each in silent)
        began = time.monotonic()

        assert deliver(30 * MINUTE) == 3

    assert time.monotonic() - began < 1.2
    assert sum(len(each) for _, each in silent) - asked == 1
    assert len(requests) == 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_it_arrives_within_five_minutes_of_the_return_of_an_endpoint(status, endpoint_at, told):
    with serving(answering(status, 200)) as (port, _):
        endpoint_at(port)
        told()
        webhooks.announce()
        WebhookDelivery.objects.update(attempts=12)

        counts = [deliver(), deliver(4 * MINUTE)]

    assert counts == [0, 1]


def test_it_begins_nothing_when_its_time_is_over(endpoint_at, told, monkeypatch):
    monkeypatch.setattr(delivering, "LONGEST_SECONDS", -1.0)
    endpoint_at()
    told()

    assert deliver() == 0

    assert state() == ("pending", 0, None, "")


def test_it_is_not_kept_from_other_events_by_one_that_is_refused(endpoint_at, told):
    with serving(answering(500, 200)) as (port, requests):
        endpoint_at(port)
        for _ in range(3):
            told()

        counts = [deliver(), deliver()]

    assert counts == [0, 2]
    assert len(requests) == 3


def test_it_gives_up_at_once_what_is_late_at_an_endpoint_that_is_away(endpoint_at, told):
    with serving(answering(200)) as (port, _):
        endpoint_at(port)
    for _ in range(4):
        told()
    webhooks.announce()

    with clock.moved(3 * DAY + HOUR):
        webhooks.deliver_due()

    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"failed"}


def test_it_sends_each_once_however_many_sweep(shared_database, endpoint_at, told):
    with serving(answering(200)) as (port, requests):
        endpoint_at(port)
        for _ in range(6):
            told()
        webhooks.announce()

        at_once(*[webhooks.deliver_due] * 3)
        webhooks.deliver_due()

    ids = [parts(request)[0]["webhook-id"] for request in requests]
    assert len(ids) == len(set(ids)) == 6


def test_it_sends_again_what_was_not_noted_when_its_process_died(endpoint_at, told, monkeypatch):
    def die(*args):
        raise SystemExit

    with serving(answering(200)) as (port, requests):
        endpoint_at(port)
        told()
        with monkeypatch.context() as patch, pytest.raises(SystemExit):
            patch.setattr(delivering, "Outcome", die)
            deliver()

        counts = [deliver(delivering.IN_HAND - SECOND), deliver(delivering.IN_HAND + SECOND)]

    assert counts == [0, 1]
    first, second = (parts(request)[0]["webhook-id"] for request in requests)
    assert first == second
    assert state() == ("delivered", 2, 200, "")


def test_it_sends_one_delivery_again_under_its_id(endpoint_at, told, ada):
    with serving(answering(200)) as (port, requests):
        endpoint_at(port)
        told()
        deliver()
        row = WebhookDelivery.objects.get()
        webhooks.replay(row, by=ada, reason="They lost it.")
        with pytest.raises(ControlRefused, match="still being tried"):
            webhooks.replay(row, by=ada, reason="Again.")
        deliver()

    first, second = (parts(request)[0]["webhook-id"] for request in requests)
    assert first == second
    assert state() == ("delivered", 1, 200, "")
    assert AuditEntry.objects.get(name="autopilot.webhook_delivery.replayed").data["reason"] == "They lost it."


def test_it_sends_again_what_has_failed_since(endpoint_at, told, ada):
    endpoint = endpoint_at()
    for _ in range(3):
        told()
    webhooks.announce()
    WebhookDelivery.objects.update(status="failed")
    old = WebhookDelivery.objects.all()[0]
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=clock.now() - DAY)

    count = webhooks.replay_failed(endpoint, since=clock.now() - HOUR, by=ada, reason="They are back.")

    assert count == WebhookDelivery.objects.filter(status="pending").count() == 2
    assert AuditEntry.objects.get(name="autopilot.webhook.replayed").data["deliveries"] == 2
    with pytest.raises(ControlRefused, match="Nothing has failed"):
        webhooks.replay_failed(endpoint, since=clock.now() - HOUR, by=ada, reason="x")


def test_it_sends_nothing_again_to_a_disabled_endpoint(endpoint_at, told, ada):
    endpoint = endpoint_at()
    told()
    webhooks.announce()
    webhooks.disable(endpoint, by=ada, reason="x")

    for again in (
        lambda: webhooks.replay(WebhookDelivery.objects.get(), by=ada, reason="x"),
        lambda: webhooks.replay_failed(endpoint, since=clock.now() - HOUR, by=ada, reason="x"),
        lambda: webhooks.send_test(endpoint, by=ada),
    ):
        with pytest.raises(ControlRefused, match="disabled"):
            again()


def test_it_sends_a_test_to_one_endpoint_alone(endpoint_at, ada):
    with serving(answering(200)) as (port, requests):
        endpoint = endpoint_at(port)
        endpoint_at(9001)

        webhooks.send_test(endpoint, by=ada)
        deliver()

    (request,) = requests
    event = json.loads(parts(request)[1])
    assert (event["type"], event["data"]) == (webhooks.TEST, {"endpoint_id": str(endpoint.pk)})
    assert outbox.deliver_due(10) == 0


def test_it_may_be_sent_again_by_those_alone_who_may(endpoint_at, told, stranger):
    endpoint = endpoint_at()
    told()
    webhooks.announce()
    only_views = person("vera", group_of("Auditor", "view_webhookendpoint"))
    for somebody in (stranger, only_views):
        with pytest.raises(Exception, match="may not do this"):
            webhooks.replay(WebhookDelivery.objects.get(), by=somebody, reason="x")
        with pytest.raises(Exception, match="may not do this"):
            webhooks.send_test(endpoint, by=somebody)
