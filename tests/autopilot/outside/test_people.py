"""Portals that take no requests: a person uploads the packet and records what the portal answered."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import submissions
from autopilot.models.audit import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def awaited(counter, prepared):
    """A submission that waits for a person."""
    submission = prepared(counter)
    submissions.await_manual(submission.pk)
    submission.refresh_from_db()
    return submission


def refused(code, function, *arguments, **options):
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        function(*arguments, **options)
    assert caught.value.code == code


def test_it_waits_for_a_person_once(awaited):
    submissions.await_manual(awaited.pk)

    assert awaited.status == "awaiting_manual"
    assert awaited.changes.filter(to_status="awaiting_manual").count() == 1


def test_it_records_the_number_a_person_was_given(awaited, clerk):
    submissions.confirm_manual(awaited.pk, confirmation_number=" TX-2026-17 ", by=clerk)

    awaited.refresh_from_db()
    receipt = submissions.find(awaited.pk)
    assert (awaited.status, awaited.receipt_number) == ("received", "TX-2026-17")
    assert receipt == awaited.receipt
    assert awaited.changes.latest("id").actor == clerk
    assert AuditEntry.objects.get().name == "autopilot.submission.receipt_confirmed"


def test_it_records_what_the_portal_decided(awaited, clerk):
    submissions.confirm_manual(awaited.pk, confirmation_number="TX-1", by=clerk)

    submissions.confirm_decision(awaited.pk, status="denied", reasons=["No site visit."], by=clerk)

    assert submissions.ask_status(awaited.pk) == {"status": "denied", "reasons": ["No site visit."]}
    assert AuditEntry.objects.latest("id").name == "autopilot.submission.decision_confirmed"


def test_it_records_a_packet_refused_at_the_counter(awaited, clerk):
    submissions.confirm_decision(awaited.pk, status="refused", reasons=["Wrong form."], by=clerk)

    assert submissions.ask_status(awaited.pk) == {"status": "refused", "reasons": ["Wrong form."]}
    with pytest.raises(submissions.PortalRefused) as caught:
        submissions.find(awaited.pk)
    assert caught.value.reasons == ["Wrong form."]


def test_it_changes_nothing_when_told_the_same_again(awaited, clerk):
    for _ in range(2):
        submissions.confirm_manual(awaited.pk, confirmation_number="TX-1", by=clerk)
    submissions.await_manual(awaited.pk)

    awaited.refresh_from_db()
    assert awaited.status == "received"
    assert awaited.changes.filter(to_status="received").count() == 1


def test_it_lets_only_people_with_the_permission_record(awaited, stranger):
    with pytest.raises(PermissionDenied):
        submissions.confirm_manual(awaited.pk, confirmation_number="TX-1", by=stranger)
    with pytest.raises(PermissionDenied):
        submissions.confirm_decision(awaited.pk, status="refused", by=stranger)

    awaited.refresh_from_db()
    assert awaited.status == "awaiting_manual"


@pytest.mark.parametrize("number", ["", "   ", "x" * 101, "line\nbreak", "nul\x00"])
def test_it_refuses_a_number_that_is_none(awaited, clerk, number):
    refused("bad_receipt", submissions.confirm_manual, awaited.pk, confirmation_number=number, by=clerk)


def test_it_refuses_the_number_of_another_packet(awaited, counter, prepared, clerk):
    submissions.confirm_manual(awaited.pk, confirmation_number="TX-1", by=clerk)
    other = prepared(counter)
    submissions.await_manual(other.pk)

    refused("number_taken", submissions.confirm_manual, other.pk, confirmation_number="TX-1", by=clerk)


def test_it_refuses_a_second_number(awaited, clerk):
    submissions.confirm_manual(awaited.pk, confirmation_number="TX-1", by=clerk)

    refused("other_receipt", submissions.confirm_manual, awaited.pk, confirmation_number="TX-2", by=clerk)


def test_it_refuses_a_number_nobody_asked_for(counter, prepared, clerk):
    refused("not_awaited", submissions.confirm_manual, prepared(counter).pk, confirmation_number="TX-1", by=clerk)


def test_it_refuses_people_where_the_portal_answers_itself(portal, office, prepared, clerk):
    submission = prepared(office)

    refused("not_manual", submissions.await_manual, submission.pk)
    refused("not_manual", submissions.confirm_manual, submission.pk, confirmation_number="TX-1", by=clerk)
    refused("not_manual", submissions.confirm_decision, submission.pk, status="approved", by=clerk)


def test_it_refuses_an_approval_of_what_nobody_received(awaited, clerk):
    refused("no_receipt", submissions.confirm_decision, awaited.pk, status="approved", by=clerk)


def test_it_asks_nobody_again_after_a_refusal(awaited, clerk):
    submissions.confirm_decision(awaited.pk, status="refused", by=clerk)

    refused("not_prepared", submissions.await_manual, awaited.pk)
