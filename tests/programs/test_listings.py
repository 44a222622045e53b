"""Listings with states: prepared from what is stored, approved by a person, sent to a portal that runs, and watched."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from autopilot import clock, engine
from autopilot.models import Checkpoint, Job, OutboxMessage, Submission
from autopilot.testing import run_jobs
from programs.models import Listing, ListingStatus, MemberRole
from programs.services.listing_facts import missing_in, parts_of
from programs.services.listings import begin_listing, move_listing, watch
from tests.programs.conftest import permissions, staff_member
from tests.programs.offers import approved, clerk, draft, in_days
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db):
    return approved()


def decide(person, verdict="approve", comment=""):
    """Decide the one open review, and let its job go on."""
    checkpoint = Checkpoint.objects.pending().get(key="review")
    engine.decide(checkpoint.pk, actor=person, verdict=verdict, version=1, comment=comment)
    run_jobs()


def begun(program, state="IN"):
    """Return a listing whose packet waits for its reviewer."""
    listing = begin_listing(program, state=state, by=clerk())
    run_jobs()
    listing.refresh_from_db()
    return listing


def test_it_says_what_is_not_on_record(program):
    parts = parts_of(program, Listing.Eligibility.INITIAL)

    rows = {label: value for part in parts for label, value in part["rows"]}
    assert rows["Total"] == "$5,250.00"
    assert rows["CIP code (2020)"].startswith("51.3901")
    assert "Provider: Accreditation" in missing_in(parts)
    assert "Program: Name" not in missing_in(parts)


def test_performance_is_asked_of_who_continues(program):
    parts = parts_of(program, Listing.Eligibility.CONTINUED)

    assert "Performance of all students: Credential attainment" in missing_in(parts)


def test_it_waits_for_a_person_with_its_document(program, reviewers, operators):
    listing = begun(program)

    assert listing.status == ListingStatus.IN_REVIEW
    assert listing.document.media_type == "application/pdf"
    assert listing.facts["parts"][0]["rows"][0] == ["Legal name", "Harbor Trades School, Inc."]
    assert not Submission.objects.exists()


def test_what_was_approved_is_sent_and_listed(portal, office, program, reviewer, operators):
    portal.set(decide_after=0, decision="approved")
    listing = begun(program)

    decide(reviewer)
    with clock.moved(office.poll_interval):
        run_jobs()

    listing.refresh_from_db()
    submission = Submission.objects.get()
    assert (listing.status, submission.approved_digest) == (ListingStatus.LISTED, listing.document.sha256)
    assert (listing.expires_on - listing.listed_on).days == 365
    assert listing.state_reference == submission.receipt_number
    topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    assert {"programs.listing.submitted", "programs.listing.decided"} <= topics


def test_a_denial_is_kept_with_its_reason(portal, office, program, reviewer, operators):
    portal.set(decide_after=0, decision="denied", decision_reasons=["No proof of demand."])
    listing = begun(program)

    decide(reviewer)
    with clock.moved(office.poll_interval):
        run_jobs()

    listing.refresh_from_db()
    assert (listing.status, listing.reason) == (ListingStatus.DENIED, "No proof of demand.")
    assert begun(program).eligibility == Listing.Eligibility.INITIAL


def test_what_a_reviewer_rejects_is_not_sent(program, reviewer, operators):
    listing = begun(program)

    decide(reviewer, "reject", "The costs are wrong.")

    listing.refresh_from_db()
    assert listing.status == ListingStatus.WITHDRAWN
    assert "The costs are wrong." in listing.reason
    assert not Submission.objects.exists()


@pytest.mark.parametrize(("state", "code"), [("XX", None), ("IN", "open")])
def test_it_refuses_what_cannot_be(program, reviewers, operators, state, code):
    begun(program)

    with pytest.raises(ValidationError) as refusal:
        begin_listing(program, state=state, by=clerk())

    assert getattr(refusal.value, "code", None) == code
    assert Listing.objects.count() == 1


def test_it_needs_an_approved_program_of_an_active_holder(db):
    for program in (draft(holder()), approved(holder(ein="35-7654321"))):
        with pytest.raises(ValidationError):
            begin_listing(program, state="IN", by=clerk())

    assert not Job.objects.filter(kind="listing.process").exists()


@pytest.fixture
def listed(program):
    """A listing that ends in a hundred days."""
    return Listing.objects.create(
        program=program, state="IN", status=ListingStatus.LISTED, listed_on=in_days(-265), expires_on=in_days(100)
    )


def test_it_reminds_once_for_each_mark(listed):
    marks = [watch(in_days(day))["reminded"] for day in (0, 9, 10, 11, 40, 41, 70, 93, 94, 100)]

    assert marks == [0, 0, 1, 0, 1, 0, 1, 1, 0, 0]
    assert OutboxMessage.objects.filter(topic="programs.listing.expiring").count() == 4


def test_a_missed_night_is_made_up_for(listed):
    assert watch(in_days(65))["reminded"] == 1
    assert watch(in_days(66))["reminded"] == 0


def test_it_expires_after_its_last_day_and_is_then_continued(listed, program, reviewers, operators):
    assert watch(in_days(100))["expired"] == 0
    assert watch(in_days(101))["expired"] == 1
    assert watch(in_days(102))["expired"] == 0

    listed.refresh_from_db()
    assert listed.status == ListingStatus.EXPIRED
    assert begin_listing(program, state="IN", by=clerk()).eligibility == Listing.Eligibility.CONTINUED
    assert begin_listing(program, state="OH", by=clerk()).eligibility == Listing.Eligibility.INITIAL


def test_the_nightly_jobs_run(listed):
    jobs = [engine.enqueue(kind, tenant_id=listed.program.holder_id) for kind in ("listing.watch", "cohort.start_due")]

    with clock.moved(timedelta(days=120)):
        run_jobs()

    results = [Job.objects.get(pk=job.pk).result for job in jobs]
    assert results == [{"reminded": 0, "expired": 1}, {"started": 0}]


def test_who_comes_second_moves_nothing(listed):
    late = Listing.objects.get(pk=listed.pk)
    move_listing(listed, ListingStatus.EXPIRED)

    with pytest.raises(ValidationError) as refusal:
        move_listing(late, ListingStatus.EXPIRED)

    assert refusal.value.code == "moved_meanwhile"


def test_the_holder_applies_and_sees_where_it_stands(client, program, reviewers, operators):
    where = f"/portal/{program.holder_id}/programs/{program.pk}/listings/"
    client.force_login(member_of(program.holder, MemberRole.COORDINATOR))
    assert "Provider: Accreditation" in client.get(where).content.decode()

    wrong = client.post(where, {"state": "XX"})
    client.post(where, {"state": "IN"})
    again = client.post(where, {"state": "IN"})

    assert "error-summary" in wrong.content.decode()
    assert "is under way" in again.content.decode()
    assert Listing.objects.get().state == "IN"
    client.force_login(member_of(holder(ein="35-7654321")))
    assert client.get(where).status_code == 404


def test_staff_read_it(client, listed):
    reader = staff_member("reader")
    reader.user_permissions.set(permissions("view_listing"))
    client.force_login(reader)

    assert "Listed" in client.get(f"/admin/programs/listing/{listed.pk}/change/").content.decode()
    assert "Practical Nursing" in client.get("/admin/programs/listing/").content.decode()
