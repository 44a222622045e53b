"""What portals tell us: taken once when signed, refused when forged, stale, too large, unknown or senseless."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from autopilot import clock, signatures, submissions
from autopilot.exceptions import Retryable
from autopilot.identifiers import uuid7
from autopilot.models.portals import InboxMessage
from tests.portal import SECRET, SLUG, running_portal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.autopilot.outside.urls")]

ADDRESS = f"/callbacks/{SLUG}/"


@pytest.fixture
def sent(portal, office, prepared):
    """A submission the portal has, whose receipt is recorded."""
    submission = prepared(office)
    submissions.record_receipt(submission.pk, submissions.send(submission.pk, "key"))
    submission.refresh_from_db()
    return submission


def message_about(submission, **changes):
    standing: dict[str, Any] = {
        "packet": str(submission.packet_id),
        "receipt": submission.receipt or {"number": "SB-CALLED"},
        "status": "approved",
        "reasons": [],
    }
    return {"type": "submission.decided", "timestamp": clock.now().isoformat(), "data": standing | changes}


@pytest.fixture
def post(client):
    """A poster of signed messages."""

    def send(message, *, address=ADDRESS, message_id="m-1", secret=SECRET, late=0, **headers):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        signed = signatures.sign([secret], message_id, body, at=clock.now() - timedelta(minutes=late))
        return client.post(address, body, content_type="application/json", headers=signed | headers)

    return send


def test_it_records_a_signed_decision(post, sent):
    answer = post(message_about(sent, status="denied", reasons=["No site visit."]))

    sent.refresh_from_db()
    assert answer.status_code == 200
    assert (sent.status, sent.reasons) == ("denied", ["No site visit."])
    assert InboxMessage.objects.get().submission == sent


def test_it_needs_no_csrf_token(sent, client):
    client.handler.enforce_csrf_checks = True
    body = json.dumps(message_about(sent)).encode()
    headers = signatures.sign([SECRET], "m-1", body, at=clock.now())

    assert client.post(ADDRESS, body, content_type="application/json", headers=headers).status_code == 200


def test_it_answers_a_replay_as_the_first_time_and_changes_nothing(post, sent):
    first = post(message_about(sent))
    replay = post(message_about(sent, status="denied"))

    sent.refresh_from_db()
    assert (first.status_code, first.content) == (replay.status_code, replay.content)
    assert sent.status == "approved"
    assert InboxMessage.objects.count() == 1
    assert sent.changes.filter(to_status="approved").count() == 1


def test_it_takes_the_same_decision_in_another_message(post, sent):
    for number in (1, 2):
        assert post(message_about(sent), message_id=f"m-{number}").status_code == 200

    assert sent.changes.filter(to_status="approved").count() == 1


def test_it_refuses_a_decision_that_contradicts_the_first(post, sent):
    post(message_about(sent))

    answer = post(message_about(sent, status="denied"), message_id="m-2")

    sent.refresh_from_db()
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sent.status == "approved"
    assert InboxMessage.objects.count() == 1


def test_it_believes_a_portal_that_decides_before_its_receipt_arrived(post, portal, office, prepared):
    portal.set(fail_times=1)
    submission = prepared(office)
    with pytest.raises(Retryable):
        submissions.send(submission.pk, "key")

    assert post(message_about(submission)).status_code == 200

    submission.refresh_from_db()
    assert (submission.status, submission.receipt_number) == ("approved", "SB-CALLED")
    submissions.record_receipt(submission.pk, {"number": "SB-CALLED"})


@pytest.mark.parametrize(
    "options",
    [
        {"secret": signatures.new_secret()},
        {"late": 6},
        {"late": -6},
        {"webhook-id": "m-2"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": "soon"},
    ],
    ids=["forged", "stale", "early", "other id", "unsigned", "wrong", "no time"],
)
def test_it_refuses_what_is_not_signed_by_the_portal_now(post, sent, options):
    answer = post(message_about(sent), **options)

    sent.refresh_from_db()
    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthorized"
    assert sent.status == "received"
    assert not InboxMessage.objects.exists()


def test_it_refuses_an_unsigned_message(client, sent):
    answer = client.post(ADDRESS, json.dumps(message_about(sent)), content_type="application/json")

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"{",
        b"[]",
        b"[" * 60_000,
        {},
        {"type": "submission.exploded"},
        {"type": "submission.decided"},
        {"type": "submission.decided", "data": "x"},
        {"type": "submission.decided", "data": {"status": 7}},
        {"type": "submission.decided", "data": {"status": "approved"}},
        {"type": "submission.decided", "data": {"status": "approved", "receipt": {"number": "\ud800\x00"}}},
    ],
)
def test_it_refuses_a_message_that_makes_no_sense(post, sent, message):
    answer = post(message)

    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "maybe"}, 422),
        ({"status": "received"}, 422),
        ({"receipt": {"number": "SB-OTHER", "sha256": "0" * 64}}, 409),
        ({"packet": "no id"}, 404),
        ({"packet": str(uuid7())}, 404),
        ({"packet": "\x00"}, 404),
        ({"packet": None}, 404),
    ],
)
def test_it_refuses_a_decision_that_fits_nothing(post, sent, changes, status):
    answer = post(message_about(sent, **changes))

    sent.refresh_from_db()
    assert answer.status_code == status
    assert sent.status == "received"
    assert not InboxMessage.objects.exists()


def test_it_keeps_only_text_that_both_databases_hold(post, sent):
    body = json.dumps(message_about(sent, reasons=["a\x00b \ud800", 7, None])).encode()

    assert post(body).status_code == 200

    sent.refresh_from_db()
    [reason] = sent.reasons
    assert reason.startswith("a\N{REPLACEMENT CHARACTER}b ")
    assert reason.encode()


def test_it_tells_a_stranger_nothing_about_portals_and_packets(post, sent, counter, settings):
    unknown_packet = post(message_about(sent, packet=str(uuid7())))
    unknown_portal = post(message_about(sent), address="/callbacks/nowhere/")
    no_callbacks = post(message_about(sent), address="/callbacks/counter/")
    settings.PORTAL_SECRETS = {}
    no_secret = post(message_about(sent))

    answers = [unknown_packet, unknown_portal, no_callbacks, no_secret]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(("size", "status"), [(64 * 1024 + 1, 413), (2_600_000, 400)])
def test_it_refuses_a_message_that_is_too_large(post, sent, size, status):
    assert post(b"x" * size).status_code == status


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_it_takes_posts_only(client, sent, method):
    assert getattr(client, method)(ADDRESS).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_it_hears_a_decision_that_the_portal_calls_out(live_server, prepared, settings):
    with running_portal(callback_url=f"{live_server.url}{ADDRESS}", decide_after=3600) as portal:
        for name, value in portal.settings.items():
            setattr(settings, name, value)
        submission = prepared(portal.row())
        submissions.record_receipt(submission.pk, submissions.send(submission.pk, "key"))
        portal.set(decide_after=0, decision="denied", decision_reasons=["No site visit."])

        until = time.monotonic() + 10
        while submission.status != "denied" and time.monotonic() < until:
            time.sleep(0.05)
            submission.refresh_from_db()

    assert (submission.status, submission.reasons) == ("denied", ["No site visit."])
