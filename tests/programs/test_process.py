"""The job that checks an application, has it reviewed and submits it: against a portal that really runs."""

import hashlib
from datetime import timedelta

import pytest
from django.core import mail

from autopilot import clock, engine, submissions
from autopilot.documents import archive
from autopilot.exceptions import FormInvalid, FourEyes
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Job, OutboxMessage, Portal, Step, Submission
from autopilot.sweep import expiry, outbox
from autopilot.testing import replayed, run_job, run_jobs
from programs.models import Application, Packet
from programs.services.applications import facts_of, submit_application
from programs.services.corrections import correct_application, correction_token
from tests.programs.conftest import permissions, staff_member
from tests.programs.samples import GOOD, facts, program, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _groups(reviewers, operators):
    """Reviewers and operators exist."""


def in_review(**changes):
    """Return an application that waits for its review."""
    application = submitted(**changes)
    run_jobs()
    application.refresh_from_db()
    return application


def review():
    """Return the one review that is open."""
    return Checkpoint.objects.pending().get(key="review")


def approve(person, checkpoint=None):
    """Approve a review, and let the job go on."""
    checkpoint = checkpoint or review()
    engine.decide(checkpoint.pk, actor=person, verdict="approve", version=checkpoint.payload_version)
    run_jobs()


def reject(person, reason="The site has no address."):
    """Reject a review, and let the job go on."""
    checkpoint = review()
    engine.decide(checkpoint.pk, actor=person, verdict="reject", version=checkpoint.payload_version, comment=reason)
    run_jobs()


def amend(person, **edits):
    """Amend the open review."""
    checkpoint = review()
    engine.amend(checkpoint.pk, actor=person, version=checkpoint.payload_version, edits=edits)


def process_job():
    """Return the one job that processes."""
    return Job.objects.get(kind="application.process")


def stored(portal):
    """Return how often the portal has stored each packet."""
    return {packet: count["submissions"] for packet, count in portal.counts()["packets"].items()}


def topics():
    """Return the topics of the mails to be sent, oldest first."""
    return list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))


def test_it_checks_and_then_waits_for_a_person():
    application = in_review()

    assert application.status == "in_review"
    assert process_job().status == "waiting"
    assert application.findings.filter(verdict="pass").count() == application.findings.count() == 15
    checkpoint = review()
    assert [group.name for group in checkpoint.reviewers.all()] == ["Reviewer"]
    assert checkpoint.due_at - checkpoint.created_at == timedelta(hours=24)
    assert checkpoint.expires_at - checkpoint.created_at == timedelta(days=7)


def test_it_shows_the_reviewer_the_data_the_findings_and_the_document():
    application = in_review(ein="07-1234567")

    payload = review().payload
    assert payload["legal_name"] == GOOD.legal_name
    assert payload["programs"][0]["cost"] == "7200.00"
    assert [each["check"] for each in payload["findings"] if each["verdict"] == "warn"] == ["ein_prefix"]
    packet = Packet.objects.get()
    assert payload["document"] == {
        "id": str(packet.document_id),
        "sha256": hashlib.sha256(archive.read(packet.document)).hexdigest(),
        "title": f"Training provider application {application.reference}",
    }


def test_it_sends_nothing_before_the_review(portal, office):
    in_review()

    assert portal.counts()["arrivals"] == 0
    assert not Submission.objects.exists()


def test_it_submits_byte_for_byte_what_was_approved(portal, office, reviewer):
    in_review()
    approved = review().payload["document"]["sha256"]

    approve(reviewer)

    application, submission = Application.objects.get(), Submission.objects.get()
    assert application.status == "submitted_to_state"
    assert application.state_reference == submission.receipt_number != ""
    assert submission.receipt is not None
    assert submission.receipt["sha256"] == submission.approved_digest == approved
    assert stored(portal) == {str(Packet.objects.get().pk): 1}
    assert process_job().status == "completed"
    assert process_job().result == {
        "packet_id": str(Packet.objects.get().pk),
        "submission_id": str(submission.pk),
        "receipt": submission.receipt_number,
    }


def test_it_records_who_approved(office, reviewer):
    in_review()

    approve(reviewer)

    change = Application.objects.get().status_changes.get(to_status="approved")
    assert (change.actor, change.job_id) == (reviewer, process_job().pk)
    assert Packet.objects.get().approved_at is not None


def test_it_leaves_the_tracking_to_a_job_of_its_own(office, reviewer):
    application = in_review()

    approve(reviewer)

    tracking = Job.objects.get(kind="application.track")
    application.refresh_from_db()
    assert application.job_id == tracking.pk
    assert tracking.status == "waiting"
    assert Submission.objects.get().tracking_job_id == tracking.pk


def test_it_writes_to_the_applicant_at_each_step(office, reviewer):
    in_review()
    approve(reviewer)

    outbox.run()

    told = [each.subject for each in mail.outbox if each.to == [GOOD.contact_email]]
    reference = Application.objects.get().reference
    assert told == [f"We have your application {reference}", f"Your application {reference} was sent to the state"]


def test_it_sends_nothing_when_rejected_and_says_why(portal, office, reviewer):
    in_review()

    reject(reviewer)

    application = Application.objects.get()
    assert (application.status, application.rejected_reason) == ("rejected", "The site has no address.")
    assert application.status_changes.get(to_status="rejected").actor == reviewer
    assert (process_job().status, process_job().reason) == ("failed", "rejected")
    assert portal.counts()["arrivals"] == 0
    assert topics()[-1] == "programs.application.rejected"


def test_it_processes_a_correction_as_a_new_job(portal, office, reviewer):
    in_review()
    reject(reviewer)
    token = correction_token(Application.objects.get())

    correct_application(token=token, facts=facts(site_street="40 Dock Road, Suite 9"), form_key=uuid7())
    run_jobs()
    approve(reviewer)

    application = Application.objects.get()
    assert (application.status, application.revision) == ("submitted_to_state", 2)
    assert Job.objects.filter(kind="application.process").count() == 2
    assert portal.counts()["arrivals"] == 1
    assert [packet.revision for packet in Packet.objects.all()] == [1, 2]


def test_an_amendment_makes_findings_and_document_anew(office, reviewer, second_reviewer):
    in_review(programs=(program(cip_code="17.0101"),))
    before = review().payload

    amend(reviewer, programs=[before["programs"][0] | {"cip_code": "48.0508"}], legal_name="Harbor Trades School LLC")

    after = review().payload
    assert after["document"]["sha256"] != before["document"]["sha256"]
    assert [each["verdict"] for each in before["findings"]].count("warn") == 1
    assert [each["verdict"] for each in after["findings"]].count("warn") == 0


def test_it_submits_the_amended_packet_and_keeps_what_was_declared(portal, office, reviewer, second_reviewer):
    in_review()
    amend(reviewer, legal_name="Harbor Trades School LLC")
    approved = review().payload["document"]["sha256"]

    approve(second_reviewer)

    application = Application.objects.get()
    assert application.legal_name == "Harbor Trades School LLC"
    assert application.revisions.get().declared["legal_name"] == GOOD.legal_name
    assert Submission.objects.get().approved_digest == approved
    first, second = Packet.objects.all()
    assert (first.approved_at, second.document.sha256) == (None, approved)
    assert second.approved_at is not None


def test_who_amended_cannot_approve(office, reviewer):
    in_review()
    amend(reviewer, legal_name="Harbor Trades School LLC")

    with pytest.raises(FourEyes):
        approve(reviewer)


def test_who_applied_cannot_approve(office, reviewer):
    submit_application(facts=facts(), form_key=uuid7(), by=reviewer)
    run_jobs()

    with pytest.raises(FourEyes):
        approve(reviewer)


@pytest.mark.parametrize(
    "edits",
    [
        {"legal_name": ""},
        {"ein": "35-7654321"},
        {"document": {}},
        {"findings": []},
        {"mailing_state": "XX"},
        {"contact_email": "nobody"},
        {"contact_phone": "12"},
        {"programs": []},
        {"programs": [{"title": "x"}]},
        {"legal_name": "Schule \N{CJK UNIFIED IDEOGRAPH-5B66}"},
        {"expected_students": 10**9},
    ],
)
def test_it_refuses_amendments_that_do_not_fit(reviewer, edits):
    in_review()

    with pytest.raises(FormInvalid):
        amend(reviewer, **edits)

    assert review().payload_version == 1


def test_a_note_for_colleagues_is_not_printed(office, reviewer, second_reviewer):
    in_review()
    before = review().payload["document"]["sha256"]

    amend(reviewer, reviewer_note="Called them; the suite number is new.")

    assert review().payload["document"]["sha256"] == before


def test_failed_checks_do_not_stop_the_review_and_are_told_to_the_reviewer(reviewer):
    application = submitted()
    Application.objects.filter(pk=application.pk).update(contact_phone="12")
    run_jobs()

    assert "1 failed" in review().summary


def test_it_rejects_what_the_portal_refuses_with_the_portals_reasons(portal, office, reviewer):
    portal.set(refuse_reasons=["The EIN is not registered here."])
    in_review()

    approve(reviewer)

    application = Application.objects.get()
    assert application.status == "rejected"
    assert "The EIN is not registered here." in application.rejected_reason
    assert (process_job().status, process_job().reason) == ("failed", "invalid")
    assert topics()[-1] == "programs.application.rejected"


def test_it_tries_again_later_when_the_portal_is_out_of_order(portal, office, reviewer):
    portal.set(fail_times=1)
    in_review()

    approve(reviewer)
    assert process_job().status == "pending"
    assert Application.objects.get().status == "approved"

    with clock.moved(timedelta(hours=1)):
        run_jobs()
        assert Application.objects.get().status == "submitted_to_state"
    assert portal.counts()["submissions"] == 1


def test_it_submits_once_when_the_answer_is_lost_and_the_portal_honors_keys(portal, office, reviewer):
    portal.set(drop_times=1)
    in_review()

    approve(reviewer)
    with clock.moved(timedelta(hours=1)):
        run_jobs()
        assert Application.objects.get().status == "submitted_to_state"

    assert stored(portal) == {str(Packet.objects.get().pk): 1}


def test_it_looks_before_it_asks_when_the_portal_honors_no_keys(portal, reviewer):
    portal.row(honors_idempotency=False)
    portal.set(honors_idempotency=False, drop_times=1)
    in_review()

    approve(reviewer)

    assert Application.objects.get().status == "submitted_to_state"
    assert stored(portal) == {str(Packet.objects.get().pk): 1}


def in_doubt(portal, reviewer, operators):
    """Approve a packet whose portal, without keys, fails to say whether it took it; return the question to a person."""
    portal.row(honors_idempotency=False)
    portal.set(honors_idempotency=False, fail_times=1)
    operators.permissions.set(permissions("decide_checkpoint"))
    in_review()
    approve(reviewer)
    return Checkpoint.objects.pending().get()


def test_it_asks_an_operator_when_nobody_knows_and_sends_again_only_if_told(portal, reviewer, operators):
    question = in_doubt(portal, reviewer, operators)
    assert (question.kind, Application.objects.get().status) == ("reconcile", "approved")

    operator = staff_member("operator", operators)
    engine.decide(question.pk, actor=operator, verdict="not_happened", version=1, comment="I looked.")
    run_jobs()
    assert Application.objects.get().status == "submitted_to_state"
    assert stored(portal) == {str(Packet.objects.get().pk): 1}


def test_it_takes_the_number_that_an_operator_found(portal, reviewer, operators):
    question = in_doubt(portal, reviewer, operators)

    operator = staff_member("operator", operators)
    engine.decide(question.pk, actor=operator, verdict="happened", version=1, data={"number": "SB-FOUND"})
    run_jobs()

    assert Application.objects.get().state_reference == "SB-FOUND"
    assert portal.counts()["submissions"] == 0


def test_it_waits_for_the_number_that_a_person_gets_from_a_manual_portal(reviewer, clerk):
    Portal.objects.create(slug="in", name="Indiana", delivery="manual", instructions="Sign in and upload.")
    in_review()

    approve(reviewer)
    assert process_job().wait_reason == "answer"
    assert Submission.objects.get().status == "awaiting_manual"
    assert Checkpoint.objects.get(key="upload").payload["instructions"] == "Sign in and upload."

    submissions.confirm_manual(Submission.objects.get().pk, confirmation_number="IN-77", by=clerk)
    run_jobs()
    application = Application.objects.get()
    assert (application.status, application.state_reference) == ("submitted_to_state", "IN-77")


def test_it_says_what_to_do_when_no_portal_is_active(reviewer):
    in_review()

    approve(reviewer)

    assert process_job().status == "failed"
    assert "Activate one, then requeue" in process_job().error
    assert Application.objects.get().status == "approved"


def test_it_goes_on_where_it_stopped_when_requeued(portal, reviewer, operators):
    in_review()
    approve(reviewer)
    portal.row()
    operators.permissions.set(permissions("control_job"))

    engine.requeue(process_job().pk, actor=staff_member("operator", operators), reason="The portal is there now.")
    run_jobs()

    assert Application.objects.get().status == "submitted_to_state"


@pytest.mark.parametrize(("mode", "step"), [("restart", ""), ("from_step", "packet")])
def test_it_reviews_anew_when_started_over_after_nobody_decided_in_time(office, reviewer, operators, mode, step):
    in_review()
    operators.permissions.set(permissions("control_job"))
    with clock.moved(timedelta(days=7, minutes=1)):
        expiry.run()
        assert (process_job().status, process_job().reason) == ("failed", "expired")
        assert Application.objects.get().status == "in_review"

        operator = staff_member("operator", operators)
        engine.requeue(
            process_job().pk, actor=operator, reason="Everybody was ill.", mode=engine.Requeue(mode), step=step
        )
        run_jobs()
        approve(reviewer)

    assert Application.objects.get().status == "submitted_to_state"


def test_it_is_not_reviewed_again_once_it_is_approved(reviewer, operators):
    in_review()
    approve(reviewer)
    operators.permissions.set(permissions("control_job"))

    operator = staff_member("operator", operators)
    engine.requeue(process_job().pk, actor=operator, reason="Try.", mode=engine.Requeue.RESTART)
    run_jobs()

    assert "approved cannot become validating" in process_job().error
    assert Application.objects.get().status == "approved"


def test_it_fails_clearly_for_an_unknown_application():
    missing = uuid7()
    engine.enqueue("application.process", tenant_id=uuid7(), application_id=missing)

    run_jobs()

    assert process_job().status == "failed"
    assert f"There is no application {missing}" in process_job().error
    assert process_job().attempt == 1


def test_it_leaves_alone_what_another_job_has_taken_over(reviewer, office):
    application = in_review()
    engine.enqueue("application.process", tenant_id=application.tenant_id, application_id=application.pk)
    first = review()
    run_jobs()

    approve(reviewer, first)

    assert Job.objects.get(pk=first.job_id).status == "failed"
    assert Application.objects.get().status == "in_review"


def test_its_payload_and_errors_hold_no_personal_data():
    application = in_review()
    job = process_job()

    assert job.payload == {"application_id": str(application.pk)}
    assert job.error == ""


def test_it_does_everything_in_steps(portal, office, reviewer):
    submitted()
    job = process_job()
    assert replayed(job)[-1] == "suspended"

    checkpoint = review()
    engine.decide(checkpoint.pk, actor=reviewer, verdict="approve", version=1)

    assert replayed(job)[-1] == "completed"
    assert Step.objects.filter(job=job).count() == 7
    assert portal.counts()["arrivals"] == 1


def test_a_rejection_that_is_run_twice_tells_the_applicant_once(reviewer):
    submitted()
    job = process_job()
    replayed(job)
    engine.decide(review().pk, actor=reviewer, verdict="reject", version=1, comment="no")

    replayed(job)

    assert topics().count("programs.application.rejected") == 1
    assert facts_of(Application.objects.get()) == GOOD


def test_it_is_started_as_an_urgent_job_and_run_by_its_own_kind():
    submitted()

    assert run_job(process_job()) == "suspended"
    assert process_job().priority == 8
