"""Withdrawing a listing: before and after the state has it, with the reason in the history, and nothing sent after."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from autopilot import engine
from autopilot.models import AuditEntry, Checkpoint, Job, OutboxMessage, Submission
from autopilot.testing import run_jobs
from programs.models import Listing, ListingStatus, MemberRole
from programs.services.listings import begin_listing, withdraw_listing
from tests.programs.conftest import permissions, staff_member
from tests.programs.offers import approved, clerk, in_days
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
WHY = "The program moves to another state."


@pytest.fixture
def program(db):
    return approved()


@pytest.fixture
def waiting(program, reviewers, operators):
    """A listing whose reviewer has not decided yet."""
    listing = begin_listing(program, state="IN", by=clerk())
    run_jobs()
    listing.refresh_from_db()
    return listing


def standing(program, status, **facts):
    """Return a listing that stands at a status."""
    return Listing.objects.create(program=program, state="OH", status=status, **facts)


def test_nothing_is_sent_of_what_is_withdrawn(waiting):
    withdraw_listing(waiting, reason=f" {WHY} ", by=clerk())
    run_jobs()

    assert (waiting.status, waiting.reason) == (ListingStatus.WITHDRAWN, WHY)
    assert Job.objects.get(pk=waiting.job_id).status == "cancelled"
    assert not Checkpoint.objects.pending().exists()
    assert not Submission.objects.exists()
    assert OutboxMessage.objects.filter(topic="programs.listing.withdrawn").count() == 1


def test_every_step_is_kept_with_who_and_why(waiting):
    withdraw_listing(waiting, reason=WHY, by=clerk())

    steps = waiting.status_changes.values_list("from_status", "to_status", "reason", "actor_label")
    assert list(steps) == [
        ("", "prepared", "", "clerk-of-offers"),
        ("prepared", "in_review", "", ""),
        ("in_review", "withdrawn", WHY, "clerk-of-offers"),
    ]
    assert AuditEntry.objects.filter(name="programs.listing.moved_to_withdrawn").count() == 1


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_history_is_not_rewritten(waiting, change):
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        rows = waiting.status_changes.filter(to_status="in_review")
        rows.update(reason="Other.") if change == "update" else rows.delete()


def test_it_leaves_the_states_list_and_may_be_begun_again(program, reviewers):
    listed = standing(
        program, ListingStatus.LISTED, state_reference="OH-1", listed_on=in_days(-1), expires_on=in_days(9)
    )

    withdraw_listing(listed, reason=WHY, by=clerk())

    assert listed.status == ListingStatus.WITHDRAWN
    assert begin_listing(program, state="OH", by=clerk()).status == ListingStatus.PREPARED


@pytest.mark.parametrize("status", ["denied", "expired", "withdrawn"])
def test_what_has_ended_stays(program, status):
    with pytest.raises(ValidationError) as refusal:
        withdraw_listing(standing(program, status), reason=WHY, by=clerk())

    assert refusal.value.code == "illegal_move"


@pytest.mark.parametrize("reason", ["  ", "x" * 501])
def test_it_needs_a_reason(program, reason):
    listing = standing(program, ListingStatus.SUBMITTED)

    with pytest.raises(ValidationError, match="Say why"):
        withdraw_listing(listing, reason=reason, by=clerk())

    listing.refresh_from_db()
    assert listing.status == ListingStatus.SUBMITTED


def test_what_is_on_its_way_waits_for_its_receipt(program):
    listing = standing(program, ListingStatus.IN_REVIEW, submission_id=program.pk)

    with pytest.raises(ValidationError) as refusal:
        withdraw_listing(listing, reason=WHY, by=clerk())

    assert refusal.value.code == "on_its_way"


def test_who_approves_too_late_sends_nothing(portal, office, waiting, reviewer):
    checkpoint = Checkpoint.objects.pending().get(key="review")
    Listing.objects.filter(pk=waiting.pk).update(status=ListingStatus.WITHDRAWN)

    engine.decide(checkpoint.pk, actor=reviewer, verdict="approve", version=1, comment="")
    run_jobs()

    assert "was withdrawn, so nothing is sent" in Job.objects.get(pk=waiting.job_id).error
    assert not Submission.objects.exists()


def test_the_holder_withdraws_in_the_portal(client, waiting):
    where = f"/portal/{waiting.program.holder_id}/programs/listings/{waiting.pk}/"
    client.force_login(member_of(waiting.program.holder, MemberRole.COORDINATOR))

    page = client.get(where).content.decode()
    empty = client.post(where, {"reason": ""}).content.decode()
    client.post(where, {"reason": WHY})
    after = client.get(where).content.decode()

    assert "Nothing is sent to the state." in page
    assert "error-summary" in empty
    assert WHY in after
    assert "Withdraw it" not in after
    client.force_login(member_of(holder(ein="35-7654321")))
    assert client.get(where).status_code == 404


def test_staff_withdraw_and_are_told_to_tell_the_state(client, program):
    listing = standing(program, ListingStatus.SUBMITTED, state_reference="OH-77")
    reviewer = staff_member("reviewer-of-lists")
    reviewer.user_permissions.set(permissions("view_listing", "review_program"))
    client.force_login(reviewer)

    before = client.get(f"/admin/programs/listing/{listing.pk}/change/").content.decode()
    client.post(f"/admin/programs/listing/{listing.pk}/withdraw/", {"reason": WHY})
    after = client.get(f"/admin/programs/listing/{listing.pk}/change/").content.decode()

    assert "must be told by a person" in before
    assert "Tell the state" in after
    assert WHY in after


def test_readers_withdraw_nothing(client, program):
    listing = standing(program, ListingStatus.SUBMITTED)
    reader = staff_member("reader")
    reader.user_permissions.set(permissions("view_listing"))
    client.force_login(reader)

    page = client.get(f"/admin/programs/listing/{listing.pk}/change/").content.decode()

    assert "Withdraw it" not in page
    assert client.post(f"/admin/programs/listing/{listing.pk}/withdraw/", {"reason": WHY}).status_code == 403
