"""Certification: judged by the law, approved by a person, sent to a portal that runs, tracked, and told by a letter."""

from datetime import date, timedelta

import pytest

from autopilot import clock, engine
from autopilot.documents import archive
from autopilot.engine.registry import find_message
from autopilot.exceptions import DecisionRefused
from autopilot.models import Checkpoint, Job, JobStatus, OutboxMessage, Schedule, Submission
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from students.models import Determination, Enrollment
from students.services.certification import ask_to_certify, look_again, wioa_portal
from students.services.determinations import begin_determination, enter_facts
from students.wioa.eligibility import Facts
from tests.portal import office as office
from tests.portal import portal as portal
from tests.programs.conftest import operators as operators
from tests.programs.conftest import reviewer as reviewer
from tests.programs.conftest import reviewers as reviewers
from tests.students.eligibility import GROWN, case_manager, gathered, trainee

pytestmark = pytest.mark.django_db


def sent_to_review(determination):
    """Have a determination put before its reviewer."""
    ask_to_certify(determination.enrollment, by=case_manager())
    run_jobs()
    determination.refresh_from_db()
    return Checkpoint.objects.pending().filter(key="review").first()


def decide(checkpoint, person, verdict="approve", comment=""):
    """Decide the review, and let its job go on."""
    engine.decide(checkpoint.pk, actor=person, verdict=verdict, version=1, comment=comment)
    run_jobs()


def test_it_puts_before_a_person_what_the_law_decides(reviewers, operators):
    determination = gathered()

    checkpoint = sent_to_review(determination)

    assert determination.status == "in_review"
    assert "eligible, Adult" in checkpoint.title
    assert checkpoint.payload["document"]["sha256"] == determination.document.sha256
    assert [each["title"] for each in checkpoint.payload["attachments"]] == ["Evidence of eligibility"]
    assert determination.document
    assert archive.read(determination.document).startswith(b"%PDF")


def test_it_tells_nothing_of_the_person_in_the_packet(reviewers, operators):
    checkpoint = sent_to_review(gathered(disability=True))
    told = f"{checkpoint.payload} {checkpoint.title} {list(Job.objects.values_list('payload', flat=True))}"

    assert not [word for word in ("Lee", "1990", "isability", "example.org") if word in told]
    assert checkpoint.tenant_id == NETWORK


def test_it_waits_while_something_is_missing(reviewers, operators):
    enrollment = trainee()
    determination = begin_determination(enrollment, by=case_manager())
    enter_facts(determination, Facts(date_of_birth=date(1990, 5, 4)), by=case_manager())

    assert sent_to_review(determination) is None
    assert (determination.status, Job.objects.get().status) == ("gathering", JobStatus.COMPLETED)


def test_who_entered_the_facts_does_not_approve_them(reviewers, operators):
    manager = case_manager()
    manager.groups.add(reviewers)
    determination = gathered()
    ask_to_certify(determination.enrollment, by=case_manager("colleague"))
    run_jobs()

    with pytest.raises(DecisionRefused):
        decide(Checkpoint.objects.pending().get(key="review"), manager)
    determination.refresh_from_db()
    assert determination.status == "in_review"


def test_what_was_approved_is_sent_and_certified(portal, office, reviewer, operators):
    portal.set(decide_after=0, decision="approved")
    determination = gathered()

    decide(sent_to_review(determination), reviewer)
    with clock.moved(office.poll_interval):
        run_jobs()

    determination.refresh_from_db()
    submission = Submission.objects.get()
    assert (determination.status, determination.decided_by) == ("certified", reviewer)
    assert submission.approved_digest == determination.document.sha256
    assert submission.attachments.count() == 1
    assert determination.state_reference == submission.receipt_number
    ready = determination.student.readiness.get()
    assert determination.decided_at
    assert (ready.program, ready.eligible_on) == ("adult", clock.day_of(determination.decided_at))
    steps = list(determination.changes.values_list("to_status", flat=True))
    assert steps == ["gathering", "in_review", "eligible", "submitted", "certified"]


def test_a_refusal_of_the_portal_is_kept(portal, office, reviewer, operators):
    portal.set(decide_after=0, decision="denied", decision_reasons=["Not in our records."])
    determination = gathered()

    decide(sent_to_review(determination), reviewer)
    with clock.moved(office.poll_interval):
        run_jobs()

    determination.refresh_from_db()
    assert (determination.status, determination.reason) == ("refused", "Not in our records.")


def test_what_a_reviewer_returns_is_open_again(reviewer, operators):
    determination = gathered()

    decide(sent_to_review(determination), reviewer, "reject", "The birth date is not legible.")

    determination.refresh_from_db()
    assert (determination.status, determination.reason) == ("gathering", "The birth date is not legible.")
    assert not Submission.objects.exists()
    enter_facts(determination, Facts(**GROWN), by=case_manager())
    assert sent_to_review(determination) is not None


def test_it_denies_nobody_without_a_person_and_sends_no_denial(reviewer, operators):
    determination = gathered()
    facts = Facts(**GROWN | {"work_authorized": False})
    enter_facts(determination, facts, by=case_manager())

    checkpoint = sent_to_review(determination)
    assert "not eligible" in checkpoint.title
    decide(checkpoint, reviewer)

    determination.refresh_from_db()
    assert (determination.status, determination.programs) == ("ineligible", [])
    assert not determination.student.readiness.exists()
    assert determination.letter.title == "Your eligibility for training under WIOA"
    assert not Submission.objects.exists()


def test_it_tells_the_student_that_a_letter_is_there(reviewer, operators, portal, office):
    determination = gathered()

    decide(sent_to_review(determination), reviewer)

    determination.refresh_from_db()
    assert determination.letter.snapshot["context"]["eligible"] is True
    message = OutboxMessage.objects.get(topic="students.determination.decided")
    mail = find_message(message.topic)(determination_id=str(determination.pk))
    assert mail.to == [determination.student.email]
    assert "ligible for" not in mail.body.replace("eligibility for", "")


def test_the_day_opens_what_is_missing_and_sends_what_is_ready(reviewers, operators):
    fresh = trainee()

    assert look_again() == {"begun": 1, "judged": 0, "sent": 0}
    assert look_again() == {"begun": 0, "judged": 0, "sent": 0}
    determination = fresh.determinations.get()
    enter_facts(determination, Facts(**GROWN), by=case_manager())
    assert look_again() == {"begun": 0, "judged": 1, "sent": 0}


def test_the_day_sends_what_can_be_decided_by_now(reviewers, operators):
    determination = gathered()

    assert look_again()["sent"] == 1
    run_jobs()

    determination.refresh_from_db()
    assert determination.status == "in_review"


def test_the_day_leaves_alone_whom_wioa_does_not_fund():
    Enrollment.objects.filter(pk=trainee().pk).update(funding="self_pay")

    assert look_again()["begun"] == 0
    assert not Determination.objects.exists()


def test_it_runs_every_day():
    assert Schedule.objects.get(kind="certification.daily_batch").worker.name == "certification"


def test_it_chooses_the_portal_for_participants(office):
    assert wioa_portal("IN") == office
    for slug in ("wioa", "wioa-in"):
        office.pk, office.slug = None, slug
        office.save(force_insert=True)
        assert (wioa_portal("IN").slug, wioa_portal("OH").slug) == (slug, "wioa")


def test_a_job_started_over_changes_nothing(reviewers, operators):
    determination = gathered()
    sent_to_review(determination)

    ask_to_certify(determination.enrollment, by=case_manager())
    with clock.moved(timedelta(minutes=10)):
        run_jobs()

    assert Checkpoint.objects.pending().count() == 1
