"""What is written down of a submission: preparing, its statuses, its receipt, its decision."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from autopilot import clock, submissions
from autopilot.identifiers import uuid7
from autopilot.models.portals import Portal, Submission, SubmissionChange
from autopilot.submissions.states import SOURCES, Status, move

DIGEST = "a" * 64
RECEIPT = {"number": "SB-1", "received_at": "2026-01-05T10:00:00+00:00"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Portal.objects.create(slug="office", name="Office", delivery="https", base_url="https://office.example.gov")


def standing_at(submission, status):
    """Put a submission where a test needs it, with all that its status demands."""
    received = status in {Status.RECEIVED, Status.APPROVED, Status.DENIED}
    decided = status in {Status.APPROVED, Status.DENIED, Status.REFUSED}
    now = clock.now()
    Submission.objects.filter(pk=submission.pk).update(
        status=status,
        sent_at=now,
        idempotency_key=f"key-{submission.pk}",
        received_at=now if received else None,
        receipt_number=f"N-{submission.pk}" if received else "",
        receipt={"number": f"N-{submission.pk}"} if received else None,
        decided_at=now if decided else None,
    )
    submission.refresh_from_db()
    return submission


def refused(code, function, *arguments, **options):
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        function(*arguments, **options)
    assert caught.value.code == code


def test_it_prepares_what_was_approved(prepared, office):
    submission = prepared(office)

    assert submission.status == Status.PREPARED
    assert submission.document.sha256 == submission.approved_digest
    assert [change.to_status for change in submission.changes.all()] == ["prepared"]


def test_it_prepares_a_packet_once(prepared, office):
    first = prepared(office)

    again = prepared(
        office,
        packet_id=first.packet_id,
        document=first.document,
        approved_digest=first.approved_digest,
        tenant_id=first.tenant_id,
    )

    assert again.pk == first.pk
    assert first.changes.count() == 1


def test_it_refuses_another_version_of_a_prepared_packet(prepared, office):
    first = prepared(office)

    refused("packet_changed", prepared, office, content=b"edited", packet_id=first.packet_id)


def test_it_refuses_bytes_that_were_not_approved(prepared, office):
    refused("other_bytes", prepared, office, approved_digest=DIGEST)


def test_it_refuses_the_document_of_another_organization(prepared, office):
    refused("other_tenant", prepared, office, tenant_id=uuid7())


def test_it_refuses_a_portal_that_is_out_of_use(prepared, office):
    office.active = False

    refused("inactive", prepared, office)


@pytest.mark.parametrize("source", Status)
@pytest.mark.parametrize("target", SOURCES)
def test_it_moves_only_where_the_table_says(prepared, office, source, target):
    submission = standing_at(prepared(office), source)
    changes: dict[str, Any] = {"receipt_number": "N"} if target == Status.RECEIVED else {}

    moved = move(submission.pk, target, "test", **changes)

    submission.refresh_from_db()
    assert moved == (source in SOURCES[target])
    assert submission.status == (target if moved else source)
    assert submission.changes.filter(from_status=source, to_status=target).exists() == moved


def test_it_writes_down_who_moved_what_and_why(prepared, office, clerk):
    submission = prepared(office)

    move(submission.pk, Status.AWAITING_MANUAL, "waits for a person", actor=clerk)

    change = SubmissionChange.objects.latest("id")
    assert (change.from_status, change.to_status, change.why) == ("prepared", "awaiting_manual", "waits for a person")
    assert (change.actor, change.actor_label) == (clerk, "clerk")


@pytest.mark.parametrize("source", ["prepared", "sending", "unknown", "awaiting_manual"])
def test_it_records_a_receipt_once(prepared, office, source):
    submission = standing_at(prepared(office), source)

    for _ in range(2):
        submissions.record_receipt(submission.pk, RECEIPT | {"extra": "dropped"})

    submission.refresh_from_db()
    assert (submission.status, submission.receipt_number, submission.receipt) == (Status.RECEIVED, "SB-1", RECEIPT)
    assert submission.changes.filter(to_status="received").count() == 1


def test_it_keeps_a_decision_when_the_receipt_comes_after_it(prepared, office):
    submission = standing_at(prepared(office), Status.SENDING)
    submissions.record_decision(submission.pk, status="denied", reasons=["No."], receipt=RECEIPT)

    submissions.record_receipt(submission.pk, RECEIPT)

    submission.refresh_from_db()
    assert (submission.status, submission.reasons, submission.receipt_number) == ("denied", ["No."], "SB-1")


def test_it_refuses_a_second_receipt(prepared, office):
    submission = prepared(office)
    submissions.record_receipt(submission.pk, RECEIPT)

    refused("other_receipt", submissions.record_receipt, submission.pk, {"number": "SB-2"})


def test_it_refuses_the_receipt_of_another_submission(prepared, office):
    submissions.record_receipt(prepared(office).pk, RECEIPT)

    refused("number_taken", submissions.record_receipt, prepared(office).pk, RECEIPT)


@pytest.mark.parametrize(
    "receipt",
    [{}, None, [], "SB-1", {"number": ""}, {"number": 7}, {"number": " "}, {"number": "x" * 101}, {"number": "a\x00"}],
)
def test_it_refuses_a_receipt_without_a_number(prepared, office, receipt):
    refused("bad_receipt", submissions.record_receipt, prepared(office).pk, receipt)


@pytest.mark.parametrize("decision", ["approved", "denied", "refused"])
def test_it_records_a_decision_once(prepared, office, decision):
    submission = prepared(office)
    submissions.record_receipt(submission.pk, RECEIPT)

    for _ in range(2):
        submissions.record_decision(submission.pk, status=decision, reasons=["Because.", "x" * 600])

    submission.refresh_from_db()
    assert (submission.status, submission.reasons) == (decision, ["Because.", "x" * 500])
    assert submission.decided_at is not None
    assert submission.changes.filter(to_status=decision).count() == 1


def test_it_refuses_a_decision_that_contradicts_the_first(prepared, office):
    submission = prepared(office)
    submissions.record_receipt(submission.pk, RECEIPT)
    submissions.record_decision(submission.pk, status="approved")

    refused("already_decided", submissions.record_decision, submission.pk, status="denied")


def test_it_refuses_an_approval_without_a_receipt(prepared, office):
    refused("no_receipt", submissions.record_decision, prepared(office).pk, status="approved")


@pytest.mark.parametrize("word", ["", "received", "prepared", "maybe"])
def test_it_refuses_a_word_that_is_no_decision(prepared, office, word):
    refused("unknown_status", submissions.record_decision, prepared(office).pk, status=word)


def test_it_names_the_job_that_waits_for_news(prepared, office):
    submission, job_id = prepared(office), uuid7()

    submissions.track(submission.pk, job_id)

    submission.refresh_from_db()
    assert submission.tracking_job_id == job_id


@pytest.mark.parametrize(
    "row",
    [
        {"status": "received"},
        {"status": "approved", "receipt_number": "N"},
        {"status": "sending"},
        {"status": "unknown", "sent_at": clock.now()},
        {"status": "refused"},
        {"decided_at": clock.now()},
        {"receipt_number": "N"},
        {"approved_digest": "short"},
    ],
)
def test_the_database_refuses_a_row_that_contradicts_itself(prepared, office, row):
    submission = prepared(office)

    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**row)


@pytest.mark.parametrize(
    "fields",
    [
        {"delivery": "manual"},
        {"delivery": "manual", "instructions": "Upload.", "base_url": "https://office.example.gov"},
        {"delivery": "manual", "instructions": "Upload.", "honors_idempotency": True},
        {"delivery": "https"},
        {"delivery": "https", "base_url": "http://office.example.gov"},
        {"delivery": "sandbox"},
        {"delivery": "pigeon", "base_url": "https://office.example.gov"},
        {"delivery": "https", "base_url": "https://office.example.gov", "poll_interval": clock.now() - clock.now()},
    ],
)
def test_the_database_refuses_a_portal_that_cannot_work(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Portal.objects.create(slug="x", name="X", **fields)


def test_a_portal_says_what_is_wrong_with_it():
    for address, message in (("ftp://x", "Enter a valid URL."), ("https://example.gov", "A manual portal needs")):
        with pytest.raises(ValidationError, match=message):
            Portal(slug="x", name="X", delivery="manual", base_url=address).full_clean()
