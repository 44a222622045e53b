"""The duty that ends checkpoints which nobody decided in time."""

from datetime import timedelta
from functools import partial

import pytest

from autopilot import clock
from autopilot.engine import decide
from autopilot.models import Checkpoint, Decision, Event
from autopilot.sweep import expiry
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.engine.runs import again, run

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def ask(**options) -> Checkpoint:
    """Return the pending checkpoint of a waiting job."""
    asked = {"title": "Fine?", "payload": {}, "reviewers": "Reviewer", "expires": "7d"} | options
    return run(lambda job: job.approval("review", **asked))[0].checkpoints.get()


@pytest.mark.parametrize(
    ("on_expiry", "status", "why"),
    [("fail", "failed", "expired"), ("cancel", "cancelled", "expired"), ("resume", "pending", "expiry")],
)
def test_it_expires_and_lets_the_job_do_what_its_handler_said(reviewers, on_expiry, status, why):
    checkpoint = ask(on_expiry=on_expiry)

    with clock.moved(WEEK):
        assert expiry.run() == 1

    job = again(checkpoint.job)
    checkpoint.refresh_from_db()
    assert (checkpoint.status, checkpoint.outcome) == ("expired", {"verdict": "expired"})
    assert checkpoint.decided_at is not None
    assert (job.status, job.events.last().why) == (status, why)


def test_it_leaves_what_may_still_be_decided(reviewers):
    ask()

    with clock.moved(WEEK - timedelta(seconds=5)):
        assert expiry.run() == 0


def test_it_does_so_once(reviewers):
    ask()

    with clock.moved(WEEK):
        assert [expiry.run(), expiry.run()] == [1, 0]


def test_it_leaves_what_was_decided(alice, bob):
    checkpoint = ask()
    decide(checkpoint.pk, actor=bob, verdict="approve", version=1)

    with clock.moved(WEEK):
        assert expiry.run() == 0
        assert not expiry.expire(checkpoint.pk)

    assert Checkpoint.objects.get().status == "approved"


def test_it_never_ends_a_question_about_what_happened(operators):
    def broken():
        raise ConnectionResetError("The connection broke.")

    run(lambda job: job.once("submit", broken))

    with clock.moved(WEEK * 52):
        assert expiry.run() == 0


def test_two_at_once_expire_a_checkpoint_once(shared_database):
    group_of("Reviewer", "decide_checkpoint")
    for _ in range(5):
        ask(on_expiry="resume")
    Checkpoint.objects.update(expires_at=clock.now())

    assert sum(at_once(expiry.run, expiry.run)) == 5
    assert Event.objects.filter(why="expiry").count() == 5


def test_a_decision_and_the_expiry_at_once_have_one_outcome(shared_database):
    bob = person("bob", group_of("Reviewer", "decide_checkpoint"))
    checkpoints = [ask(on_expiry="resume") for _ in range(8)]

    for checkpoint in checkpoints:
        Checkpoint.objects.filter(pk=checkpoint.pk).update(expires_at=clock.now() + timedelta(milliseconds=3))
        at_once(
            partial(decide, checkpoint.pk, actor=bob, verdict="approve", version=1),
            partial(expiry.expire, checkpoint.pk),
        )
        expiry.run()

    for checkpoint in Checkpoint.objects.all():
        assert checkpoint.status in {"approved", "expired"} or checkpoint.is_pending
        assert checkpoint.decisions.count() == (checkpoint.status == "approved")
        assert checkpoint.job.events.filter(to_status="pending").count() == 2 - checkpoint.is_pending
    assert Decision.objects.count() == Checkpoint.objects.filter(status="approved").count()
