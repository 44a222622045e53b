"""Two who meet on one job, in an order that the test forces: by the locks PostgreSQL really holds, not by sleeping."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from autopilot.engine import amend, answer_arrived, cancel, decide, executor, requeue, review_form, statements
from autopilot.engine.transitions import move
from autopilot.exceptions import AlreadyDecided, CheckpointExpired, DecisionRefused, StaleVersion
from autopilot.models import Checkpoint, Decision, Job
from autopilot.sweep import expiry, leases, retention
from autopilot.testing import claim, run_jobs
from tests.autopilot.engine.concurrency import Actor, Gate, until_blocked
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.engine.runs import again, job_of, run
from tests.autopilot.engine.standing import LEASE, new

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_only]

WEEK = timedelta(days=7)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.fixture
def people(shared_database) -> dict[str, User]:
    """Staff who decide, by name."""
    reviewers, operators = group_of("Reviewer", "decide_checkpoint"), group_of("Operator", "control_job")
    return {name: person(name, reviewers, operators) for name in ("alice", "bob", "carol")}


def handle(job):
    """Ask for an approval and return what was approved."""
    review = job.approval(
        "review", title="Fine?", payload={"n": 1}, form="test.n", reviewers="Reviewer", on_expiry="resume"
    )
    return review.payload


@pytest.fixture
def checkpoint(people) -> Checkpoint:
    """A pending checkpoint of a waiting job."""
    review_form("test.n", schema=SCHEMA)
    return run(handle, requested_by=people["alice"])[0].checkpoints.get()


def in_order(checkpoint: Checkpoint, *deeds) -> list[object]:
    """Do deeds in threads of their own that all wait for the job's row, in this order, and are let go together."""
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=checkpoint.job_id)
        actors = []
        for deed in deeds:
            actors.append(Actor(deed))
            until_blocked(actors[-1])
    for actor in actors:
        actor.join(20)
        assert not actor.is_alive()
    return [type(actor.error) if actor.error else actor.result for actor in actors]


def refusals(results) -> list[type]:
    """Return the kinds of refusal among results."""
    return [result for result in results if isinstance(result, type) and issubclass(result, DecisionRefused)]


@pytest.fixture
def deeds(checkpoint, people):
    """What people and the sweep may do to the checkpoint, by name."""
    key = checkpoint.pk
    return {
        "approve": lambda: decide(key, actor=people["bob"], verdict="approve", version=1),
        "reject": lambda: decide(key, actor=people["carol"], verdict="reject", version=1, comment="No."),
        "amend": lambda: amend(key, actor=people["carol"], version=1, edits={"n": 2}),
        "cancel": lambda: cancel(checkpoint.job_id, actor=people["carol"], reason="Not needed."),
        "expire": lambda: expiry.expire(key),
    }


@pytest.mark.parametrize(
    ("first", "second", "status", "refused", "job_status"),
    [
        ("approve", "reject", "approved", [AlreadyDecided], "pending"),
        ("reject", "approve", "rejected", [AlreadyDecided], "pending"),
        ("approve", "amend", "approved", [AlreadyDecided], "pending"),
        ("amend", "approve", "pending", [StaleVersion], "waiting"),
        ("approve", "cancel", "approved", [], "cancelled"),
        ("cancel", "approve", "cancelled", [AlreadyDecided], "cancelled"),
        ("amend", "cancel", "cancelled", [], "cancelled"),
        ("cancel", "amend", "cancelled", [AlreadyDecided], "cancelled"),
    ],
)
def test_it_lets_the_first_one_have_it(checkpoint, deeds, first, second, status, refused, job_status):
    results = in_order(checkpoint, deeds[first], deeds[second])

    checkpoint.refresh_from_db()
    assert refusals(results) == refused
    assert (checkpoint.status, again(checkpoint.job).status) == (status, job_status)
    assert Decision.objects.count() == (status in {"approved", "rejected"})
    assert checkpoint.payload_version == (2 if "amend" in (first, second) and refused != [AlreadyDecided] else 1)


def test_it_expires_before_who_comes_too_late(checkpoint, deeds):
    with clock.moved(WEEK):
        results = in_order(checkpoint, deeds["expire"], deeds["approve"])

    assert results == [True, AlreadyDecided]
    assert (Checkpoint.objects.get().status, again(checkpoint.job).status) == ("expired", "pending")


@pytest.mark.parametrize("deed", ["approve", "amend"])
def test_it_refuses_who_waited_for_the_row_until_the_time_was_over(checkpoint, deeds, deed):
    """What was begun in time is too late all the same: the time counts at which it has the row."""
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=checkpoint.job_id)
        late = Actor(deeds[deed])
        until_blocked(late)
        clock.move(WEEK)
    try:
        with pytest.raises(CheckpointExpired):
            late.ended()
    finally:
        clock.move(-WEEK)

    assert Checkpoint.objects.get().payload_version == 1


def test_it_does_not_expire_what_was_decided_in_time(checkpoint, deeds):
    gate = Gate("decide.before_wake")
    approval = Actor(deeds["approve"])
    gate.wait()

    with clock.moved(WEEK):
        expiring = Actor(deeds["expire"])
        until_blocked(expiring)
        gate.open()
        approval.ended()

        assert expiring.ended() is False

    assert Checkpoint.objects.get().status == "approved"


# --- a decision and a run ---------------------------------------------------------------------------------------------


def rerun(checkpoint: Checkpoint) -> Job:
    """Claim the waiting job once more, as after a wake-up by mistake, while its checkpoint is still pending."""
    assert move(checkpoint.job_id, "waiting", "pending", "answer", scheduled_for=checkpoint.created_at)
    job = statements.claim("first", LEASE)
    assert job is not None
    return job


def test_a_decision_waits_for_a_run_that_is_about_to_suspend(checkpoint, deeds):
    """No wake-up is lost: the run has the row until it waits, and the decision finds it waiting."""
    job = rerun(checkpoint)
    gate = Gate("suspend.before_commit")
    suspending = Actor(lambda: executor.perform(job, lambda: False))
    gate.wait()

    approval = Actor(deeds["approve"])
    until_blocked(approval)
    assert again(job).status == "running"
    gate.open()

    assert suspending.ended() == "suspended"
    approval.ended()
    assert again(job).status == "pending"
    run_jobs()
    assert again(job).result == {"n": 1}


def test_a_run_waits_for_a_decision_that_is_about_to_wake_it(checkpoint, deeds):
    """No wake-up is lost: the run comes by after the decision has committed, and does not wait at all."""
    job = rerun(checkpoint)
    gate = Gate("decide.before_wake")
    approval = Actor(deeds["approve"])
    gate.wait()

    running = Actor(lambda: executor.perform(job, lambda: False))
    until_blocked(running)
    gate.open()

    approval.ended()
    assert running.ended() == "completed"
    assert again(job).result == {"n": 1}


def test_an_answer_waits_for_a_run_that_is_about_to_suspend(people):
    answers = [None, "yes"]
    job = job_of(lambda job: job.answer("ask", lambda: answers.pop(0), every="30d"))
    claimed = claim(job)
    gate = Gate("suspend.before_commit")
    suspending = Actor(lambda: executor.perform(claimed, lambda: False))
    gate.wait()

    arriving = Actor(lambda: answer_arrived(job.pk))
    until_blocked(arriving)
    gate.open()

    assert suspending.ended() == "suspended"
    assert arriving.ended() is True
    run_jobs()
    assert again(job).result == "yes"


# --- a run and who takes its job away ---------------------------------------------------------------------------------


def test_a_late_run_writes_nothing_after_another_took_over(people):
    done = []
    job = job_of(lambda job: [job.call("post", lambda key: 1), job.tx("write", lambda: done.append(1))])
    claimed = claim(job)
    gate = Gate("call.after_call")
    late = Actor(lambda: executor.perform(claimed, lambda: False))
    gate.wait()

    Job.objects.filter(pk=job.pk).update(lease_until=clock.now())
    assert leases.run() == 1
    run_jobs()
    gate.open()

    assert late.ended() == "fenced"
    assert done == [1]
    assert (again(job).status, again(job).epoch) == ("completed", 2)


def test_the_sweep_does_not_take_a_job_whose_lease_is_being_renewed(people):
    """The sweep saw an expired lease and passes by the row; the step that holds the row renews it."""
    job = job_of(lambda job: job.tx("write", lambda: None))
    claimed = statements.claim("first", timedelta(seconds=5))
    assert claimed is not None
    gate = Gate("tx.before_commit")
    running = Actor(lambda: executor.perform(claimed, lambda: False))
    gate.wait()

    with clock.moved(timedelta(seconds=6)):
        assert Actor(leases.run).ended() == 0
        gate.open()

        assert running.ended() == "completed"

    assert again(job).crashes == 0


def test_it_gives_one_slot_to_one_of_two_claims_in_flight(people):
    first, second = new(concurrency_key="k"), new(concurrency_key="k")

    with transaction.atomic():
        taken = statements.claim("first", LEASE)
        other = Actor(lambda: statements.claim("second", LEASE))
        until_blocked(other)

    assert taken == first
    assert other.ended() is None
    assert again(second).status == "pending"


def test_a_requeue_and_the_purge_do_not_meet(people):
    """A person requeues a failed job at the moment at which its retention ends: it is kept."""
    job = new()
    move(job.pk, "pending", "cancelled", "cancel")
    Job.objects.update(purge_after=clock.now())

    with transaction.atomic():
        requeue(job.pk, actor=people["carol"], reason="Needed after all.")
        purged = Actor(retention.run).ended()

    assert purged == 0
    assert again(job).status == "pending"
