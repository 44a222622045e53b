"""Handing a packet in, over real HTTP: what leaves, what comes back, and every way it can go wrong."""

import hashlib
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from autopilot import clock, restores, submissions
from autopilot.documents import archive
from autopilot.exceptions import Invalid, Retryable, Uncertain
from autopilot.identifiers import uuid7
from autopilot.models.audit import AuditEntry
from autopilot.models.portals import Portal, Submission
from autopilot.outbound import Forbidden, Limits, NeverSent, Unanswered
from autopilot.submissions import NoSecret, PortalRefused, wire
from tests.autopilot.outside.conftest import PACKET
from tests.autopilot.outside.servers import serving
from tests.portal import SECRET, SLUG

pytestmark = pytest.mark.django_db


@pytest.fixture
def impatient(monkeypatch):
    """A client that gives up soon."""
    monkeypatch.setattr(wire, "LIMITS", Limits(connect=1, read=0.5, total=1))


def status_of(submission):
    submission.refresh_from_db()
    return submission.status


def history(submission):
    return [change.to_status for change in submission.changes.all()]


def office_saying(answer, settings, **fields):
    """Return a context of a server that always answers the same, and a maker of its portal row."""
    server = serving(lambda connection, request: connection.sendall(answer))

    def row(port):
        settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        settings.PORTAL_SECRETS = {SLUG: SECRET}
        chosen = {"honors_idempotency": True} | fields
        return Portal.objects.create(
            slug=SLUG, name="Office", delivery="sandbox", base_url=f"http://127.0.0.1:{port}/api/", **chosen
        )

    return server, row


def answering(status, body="{}", headers=""):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}".encode()


def test_it_hands_in_the_approved_bytes_and_returns_the_receipt(portal, office, prepared):
    submission = prepared(office)

    receipt = submissions.send(submission.pk, "job:1:submit")

    assert receipt["sha256"] == hashlib.sha256(PACKET).hexdigest() == submission.approved_digest
    assert portal.counts()["keys"] == {"job:1:submit": {"arrivals": 1, "submissions": 1}}
    assert list(portal.counts()["packets"]) == [str(submission.packet_id)]
    assert status_of(submission) == "sending"
    submissions.record_receipt(submission.pk, receipt)
    assert status_of(submission) == "received"
    assert history(submission) == ["prepared", "sending", "received"]


def test_it_returns_the_same_receipt_for_the_same_key(portal, office, prepared):
    submission = prepared(office)

    first = submissions.send(submission.pk, "key")
    again = submissions.send(submission.pk, "key")

    assert first == again
    assert portal.counts()["submissions"] == 1


def test_it_keeps_the_first_key_when_a_job_starts_over(portal, office, prepared):
    submission = prepared(office)
    portal.set(fail_times=1)
    with pytest.raises(Retryable):
        submissions.send(submission.pk, "job:1:submit")

    submissions.send(submission.pk, "job:2:submit")

    assert list(portal.counts()["keys"]) == ["job:1:submit"]


def test_it_uses_the_submission_as_key_where_none_is_given(portal, office, prepared):
    submission = prepared(office)

    submissions.send(submission.pk)

    assert list(portal.counts()["keys"]) == [str(submission.pk)]


def test_it_asks_nobody_for_what_has_a_receipt(portal, office, prepared):
    submission = prepared(office)
    receipt = submissions.send(submission.pk, "key")
    submissions.record_receipt(submission.pk, receipt)

    assert submissions.send(submission.pk, "key") == receipt
    assert submissions.find(submission.pk) == receipt
    assert portal.counts()["arrivals"] == 1


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"altered")])
def test_it_sends_nothing_when_the_archive_lost_or_altered_the_bytes(portal, office, prepared, settings, damage):
    submission = prepared(office, str(uuid7()).encode())
    [file] = settings.ARCHIVE_ROOT.rglob(submission.approved_digest)
    file.chmod(0o600)
    damage(file)

    with pytest.raises(Invalid, match="Nothing was sent"):
        submissions.send(submission.pk, "key")

    assert portal.counts()["arrivals"] == 0
    assert status_of(submission) == "prepared"


def test_it_sends_nothing_when_the_document_is_not_what_was_approved(portal, office, prepared):
    submission = prepared(office)
    other = archive.store(b"other", media_type="application/pdf", title="Other", tenant_id=submission.tenant_id)
    type(submission).objects.filter(pk=submission.pk).update(document=other)

    with pytest.raises(Invalid, match="byte for byte"):
        submissions.send(submission.pk, "key")

    assert portal.counts()["arrivals"] == 0


def test_it_refuses_to_wait_for_the_network_inside_a_transaction(portal, office, prepared):
    submission = prepared(office)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        submissions.send(submission.pk, "key")

    assert portal.counts()["arrivals"] == 0


def test_it_goes_back_to_the_start_when_nobody_can_be_reached(office, prepared, settings):
    office.base_url = "http://127.0.0.1:1"
    office.save()
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1:1"]
    submission = prepared(office)

    with pytest.raises(NeverSent):
        submissions.send(submission.pk, "key")

    assert status_of(submission) == "prepared"
    assert history(submission) == ["prepared", "sending", "prepared"]


def test_it_goes_back_to_the_start_when_the_rules_forbid_the_address(portal, office, prepared, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    submission = prepared(office)

    with pytest.raises(Forbidden, match="OUTBOUND_HOSTS"):
        submissions.send(submission.pk, "key")

    assert status_of(submission) == "prepared"


@pytest.mark.parametrize("secrets", [{}, {SLUG: ""}, {SLUG: "plain"}])
def test_it_sends_nothing_without_a_secret(portal, office, prepared, settings, secrets):
    settings.PORTAL_SECRETS = secrets
    submission = prepared(office)

    with pytest.raises(NoSecret, match="PORTAL_SECRETS holds no usable secret for sandbox"):
        submissions.send(submission.pk, "key")

    assert portal.counts()["arrivals"] == 0
    assert status_of(submission) == "prepared"


def test_it_takes_nothing_when_the_secrets_differ(portal, office, prepared, settings):
    settings.PORTAL_SECRETS = {SLUG: "whsec_" + "QUJD" * 10}
    submission = prepared(office)

    with pytest.raises(Invalid, match="401"):
        submissions.send(submission.pk, "key")

    assert portal.counts()["submissions"] == 0
    assert status_of(submission) == "prepared"


def test_it_keeps_the_reasons_of_a_refusal(portal, office, prepared):
    portal.set(refuse_reasons=["The EIN is unknown."])
    submission = prepared(office)

    with pytest.raises(PortalRefused) as caught:
        submissions.send(submission.pk, "key")

    assert caught.value.reasons == ["The EIN is unknown."]
    assert "EIN" not in str(caught.value)
    assert status_of(submission) == "refused"
    assert submission.reasons == ["The EIN is unknown."]
    for again in (submissions.send, submissions.find):
        with pytest.raises(PortalRefused) as caught:
            again(submission.pk)
        assert caught.value.reasons == ["The EIN is unknown."]
    assert portal.counts()["arrivals"] == 1


@pytest.mark.parametrize(("honors", "expected"), [(True, Retryable), (False, Uncertain)])
def test_it_tells_a_fault_that_may_be_repeated_from_one_that_may_not(portal, prepared, honors, expected):
    office = portal.row(honors_idempotency=honors)
    portal.set(honors_idempotency=honors, fail_times=1, fail_status=503, retry_after=9)
    submission = prepared(office)

    with pytest.raises(expected) as caught:
        submissions.send(submission.pk, "key")

    assert type(caught.value) is expected
    assert getattr(caught.value, "after", timedelta(seconds=9)) == timedelta(seconds=9)
    assert status_of(submission) == "unknown"


@pytest.mark.parametrize("honors", [True, False])
def test_it_waits_as_long_as_a_busy_portal_asks(portal, prepared, honors):
    office = portal.row(honors_idempotency=honors)
    portal.set(fail_times=1, fail_status=429, retry_after=9)
    submission = prepared(office)

    with pytest.raises(Retryable) as caught:
        submissions.send(submission.pk, "key")

    assert caught.value.after == timedelta(seconds=9)
    assert status_of(submission) == "prepared"


@pytest.mark.parametrize("switch", [{"drop_times": 1}, {"delay_ms": 2000}])
@pytest.mark.parametrize("honors", [True, False])
def test_it_does_not_know_what_became_of_an_unanswered_packet_until_it_asks(
    portal, prepared, impatient, switch, honors
):
    office = portal.row(honors_idempotency=honors)
    portal.set(honors_idempotency=honors, **switch)
    submission = prepared(office)

    with pytest.raises(Unanswered):
        submissions.send(submission.pk, "key")
    portal.set(delay_ms=0)
    receipt = submissions.find(submission.pk)

    assert status_of(submission) == "unknown"
    assert receipt is not None
    assert submissions.send(submission.pk, "key") == receipt
    assert portal.counts()["packets"][str(submission.packet_id)] == {"arrivals": 1, "submissions": 1}


def test_it_finds_nothing_where_the_portal_hung(portal, office, prepared, impatient):
    portal.set(hang=True)
    submission = prepared(office)

    with pytest.raises(Unanswered):
        submissions.send(submission.pk, "key")
    portal.set(hang=False)

    assert submissions.find(submission.pk) is None
    assert submissions.send(submission.pk, "key")["number"]
    assert portal.counts()["submissions"] == 1


def test_it_stays_unknown_when_a_second_try_does_not_arrive(portal, office, prepared, settings, monkeypatch):
    portal.set(fail_times=1)
    submission = prepared(office)
    with pytest.raises(Retryable):
        submissions.send(submission.pk, "key")
    monkeypatch.setattr("autopilot.submissions.delivery._look_for", lambda submission: None)
    settings.OUTBOUND_PRIVATE_HOSTS = []

    with pytest.raises(Forbidden):
        submissions.send(submission.pk, "key")

    assert status_of(submission) == "unknown"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 409, 500, 502, 504, 599])
@pytest.mark.parametrize("honors", [True, False])
def test_it_takes_an_odd_answer_for_an_unknown_outcome(prepared, settings, status, honors):
    server, row = office_saying(answering(status), settings, honors_idempotency=honors)
    with server as (port, requests):
        submission = prepared(row(port))

        with pytest.raises(Retryable if honors else Uncertain):
            submissions.send(submission.pk, "key")

    assert status_of(submission) == "unknown"
    assert requests[0].startswith(b"POST /api/submissions HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 415, 422])
def test_it_takes_a_plain_no_for_nothing_taken(prepared, settings, status):
    server, row = office_saying(answering(status), settings)
    with server as (port, _):
        submission = prepared(row(port))

        with pytest.raises(Invalid, match=f"answered {status}"):
            submissions.send(submission.pk, "key")

    assert status_of(submission) == "prepared"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"number": 7}', '{"number": ""}', "[" * 90_000, '{"number": "' + "x" * 101 + '"}']
)
def test_it_does_not_know_when_a_receipt_cannot_be_read(prepared, settings, body):
    server, row = office_saying(answering(201, body), settings)
    with server as (port, _):
        submission = prepared(row(port))

        with pytest.raises(Uncertain, match="receipt cannot be read"):
            submissions.send(submission.pk, "key")

    assert status_of(submission) == "unknown"


def test_it_refuses_a_receipt_for_other_bytes(prepared, settings):
    server, row = office_saying(answering(201, '{"number": "A-1", "sha256": "' + "0" * 64 + '"}'), settings)
    with server as (port, _):
        submission = prepared(row(port))

        with pytest.raises(Invalid, match="other bytes"):
            submissions.send(submission.pk, "key")

    assert status_of(submission) == "unknown"


def test_it_accepts_a_receipt_that_names_no_digest(prepared, settings):
    server, row = office_saying(answering(202, '{"number": "A-1", "clerk": "Ann"}'), settings)
    with server as (port, _):
        assert submissions.send(prepared(row(port)).pk, "key") == {"number": "A-1"}


def test_it_cannot_be_asked_while_it_fails(prepared, settings):
    server, row = office_saying(answering(503, "{}", "Retry-After: 30\r\n"), settings)
    with server as (port, _):
        submission = prepared(row(port))

        with pytest.raises(Retryable, match="cannot be asked") as caught:
            submissions.find(submission.pk)

    assert caught.value.after == timedelta(seconds=30)


@pytest.mark.parametrize("status", [301, 401, 404, 500])
def test_it_never_takes_a_failure_to_answer_for_a_no(prepared, settings, status):
    server, row = office_saying(answering(status, '{"submissions": []}'), settings)
    with server as (port, _), pytest.raises(Retryable, match="cannot be asked"):
        submissions.find(prepared(row(port)).pk)


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"submissions": 7}', '{"submissions": [{}]}', '{"submissions": ["x"]}']
)
def test_it_never_takes_an_unreadable_answer_for_a_no(prepared, settings, body):
    server, row = office_saying(answering(200, body), settings)
    with server as (port, _), pytest.raises(Retryable, match="cannot be read"):
        submissions.find(prepared(row(port)).pk)


def test_it_takes_nothing_for_an_answer_that_is_about_another_packet(prepared, settings):
    other = {"packet": str(uuid7()), "receipt": {"number": "A-1"}, "status": "approved"}
    server, row = office_saying(answering(200, json.dumps({"submissions": [other]} | other)), settings)
    with server as (port, _):
        submission = prepared(row(port))
        with pytest.raises(Retryable, match="cannot be read"):
            submissions.find(submission.pk)
        submissions.record_receipt(submission.pk, {"number": "A-1"})

        with pytest.raises(Retryable, match="cannot be read"):
            submissions.ask_status(submission.pk)


def test_it_cannot_ask_a_portal_that_is_gone(office, prepared, settings):
    office.base_url = "http://127.0.0.1:1"
    office.save()

    for hosts in (["127.0.0.1:1"], []):
        settings.OUTBOUND_PRIVATE_HOSTS = hosts
        with pytest.raises(Retryable):
            submissions.find(prepared(office).pk)


def test_it_asks_until_the_portal_has_decided(portal, office, prepared):
    submission = prepared(office)
    submissions.record_receipt(submission.pk, submissions.send(submission.pk, "key"))
    portal.set(accept_after=0)

    undecided = submissions.ask_status(submission.pk)
    portal.set(decide_after=0, decision="denied", decision_reasons=["No site visit."])
    decided = submissions.ask_status(submission.pk)

    assert undecided is None
    assert decided == {"status": "denied", "reasons": ["No site visit."]}
    submissions.record_decision(submission.pk, **decided)
    assert status_of(submission) == "denied"


def test_it_returns_a_recorded_decision_without_asking(office, prepared, settings):
    submission = prepared(office)
    submissions.record_decision(submission.pk, status="approved", receipt={"number": "A-1"})
    settings.OUTBOUND_PRIVATE_HOSTS = []

    assert submissions.ask_status(submission.pk) == {"status": "approved", "reasons": []}


def test_it_cannot_ask_what_became_of_a_packet_without_a_receipt(office, prepared):
    with pytest.raises(Invalid, match="no receipt yet"):
        submissions.ask_status(prepared(office).pk)


def test_it_asks_again_later_when_the_portal_cannot_say(portal, office, prepared):
    submission = prepared(office)
    submissions.record_receipt(submission.pk, {"number": "unknown there"})

    with pytest.raises(Retryable, match="404"):
        submissions.ask_status(submission.pk)


def test_it_signs_with_every_secret_while_they_change(portal, office, prepared, settings):
    settings.PORTAL_SECRETS = {SLUG: "whsec_" + "QUJD" * 10 + " " + SECRET}

    assert submissions.send(prepared(office).pk, "key")["number"]


def test_it_is_refused_when_our_clock_is_wrong(portal, office, prepared, monkeypatch):
    wrong = clock.now() - timedelta(minutes=10)
    monkeypatch.setattr(wire, "clock", SimpleNamespace(now=lambda: wrong))
    submission = prepared(office)

    with pytest.raises(Invalid, match="401"):
        submissions.send(submission.pk, "key")

    assert portal.counts()["submissions"] == 0


def test_it_sends_nothing_to_a_counter(counter, prepared):
    submission = prepared(counter)

    with pytest.raises(Invalid, match="a person uploads"):
        submissions.send(submission.pk, "key")

    assert submissions.find(submission.pk) is None
    assert submissions.ask_status(submission.pk) is None
    assert status_of(submission) == "prepared"


def test_it_asks_first_about_a_submission_that_is_older_than_a_restore(portal, office, prepared):
    submission = prepared(office)
    submissions.send(submission.pk, "key-1")
    Submission.objects.filter(pk=submission.pk).update(  # as the backup knew it
        status="prepared", idempotency_key="", sent_at=None
    )
    AuditEntry.objects.create(name=restores.NAME, subject_type=restores.SUBJECT_TYPE, subject_id="here")

    receipt = submissions.send(submission.pk, "another key")

    assert receipt["number"]
    assert portal.counts()["arrivals"] == 1
