"""The job that follows an application until the state has decided."""

from datetime import timedelta

import pytest
from django.core import mail

from autopilot import clock, engine, submissions
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Job, Portal, Submission
from autopilot.sweep import outbox
from autopilot.testing import replayed, run_jobs
from programs.models import Application
from programs.services.submissions import find_submitted
from tests.programs.samples import GOOD, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(reviewer, operators):
    """A function that brings an application to the state, once its portal is there."""

    def send():
        application = submitted()
        run_jobs()
        checkpoint = Checkpoint.objects.get(key="review")
        engine.decide(checkpoint.pk, actor=reviewer, verdict="approve", version=1)
        run_jobs()
        application.refresh_from_db()
        return application

    return send


def track_job():
    """Return the one job that tracks."""
    return Job.objects.get(kind="application.track")


@pytest.mark.parametrize(
    ("decision", "status", "words"),
    [("approved", "state_approved", "approved"), ("denied", "state_denied", "denied")],
)
def test_it_asks_until_the_state_decides_and_tells_the_applicant(portal, office, sent, decision, status, words):
    portal.set(decide_after=None)
    sent()
    assert track_job().status == "waiting"

    portal.set(decide_after=0, decision=decision, decision_reasons=["Section 4 was read."])
    with clock.moved(office.poll_interval):
        run_jobs()
        outbox.run()

    application = Application.objects.get()
    assert application.status == status
    assert track_job().result == {"status": status}
    assert Submission.objects.get().status == decision
    assert application.status_changes.get(to_status=status).reason == "Section 4 was read."
    letter = next(each for each in reversed(mail.outbox) if "Join" not in each.subject)
    assert letter.to == [GOOD.contact_email]
    assert letter.subject == f"The state has {words} your application {application.reference}"
    assert "Section 4 was read." in letter.body


def test_it_counts_a_late_refusal_as_a_denial(portal, office, sent):
    portal.set(decide_after=0, decision="refused", decision_reasons=["Not complete."])

    sent()

    assert Application.objects.get().status == "state_denied"


def test_it_asks_again_only_after_the_portals_interval(portal, office, sent):
    portal.set(decide_after=None)
    sent()
    portal.set(decide_after=0)

    with clock.moved(office.poll_interval - timedelta(minutes=1)):
        run_jobs()
        assert Application.objects.get().status == "submitted_to_state"


def test_it_takes_a_decision_that_a_person_records(reviewer, clerk, sent):
    Portal.objects.create(slug="in", name="Indiana", delivery="manual", instructions="Upload.")
    sent()
    submission = Submission.objects.get()
    submissions.confirm_manual(submission.pk, confirmation_number="IN-7", by=clerk)
    run_jobs()

    submissions.confirm_decision(submission.pk, status="approved", by=clerk)
    run_jobs()

    assert Application.objects.get().status == "state_approved"


def test_it_goes_on_asking_while_the_portal_is_away(portal, office, sent):
    portal.set(decide_after=None)
    sent()
    Portal.objects.update(base_url="http://127.0.0.1:9")

    with clock.moved(office.poll_interval):
        run_jobs()

    assert track_job().status == "waiting"


def test_it_fails_clearly_for_an_unknown_application():
    missing = uuid7()
    engine.enqueue("application.track", tenant_id=uuid7(), application_id=missing)

    run_jobs()

    assert track_job().status == "failed"
    assert f"There is no application {missing}" in track_job().error


def test_it_refuses_to_track_what_was_never_sent():
    application = submitted()

    with pytest.raises(Invalid, match="was not submitted"):
        find_submitted(application.pk)


def test_it_does_everything_in_steps(portal, office, sent):
    portal.set(decide_after=None)
    sent()
    portal.set(decide_after=0)

    with clock.moved(office.poll_interval + timedelta(minutes=1)):
        engine.answer_arrived(track_job().pk)
        assert replayed(track_job())[-1] == "completed"

    assert Application.objects.get().status == "state_approved"
