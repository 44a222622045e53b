"""One job from enqueue to completion, through every kind of wait."""

from datetime import timedelta
from typing import Any

import pytest

from autopilot import clock
from autopilot.engine import Origin, amend, answer_arrived, decide, enqueue, handler, review_form, transitions
from autopilot.engine.context import JobContext
from autopilot.models import Attempt, Checkpoint, Event, Job, JobStatus, Step
from autopilot.testing import run_job, run_jobs

pytestmark = pytest.mark.django_db


def test_it_completes_a_simple_job(tenant):
    job = enqueue("sample.simple", tenant_id=tenant, subject="a thing")

    ran = run_jobs()

    job.refresh_from_db()
    assert ran == [("sample.simple", "completed")]
    assert job.status == JobStatus.COMPLETED
    assert job.result == {"done": True, "subject": "a thing"}
    assert job.attempts.get().outcome == Attempt.Outcome.COMPLETED
    assert job.checkpoints.get().status == Checkpoint.Status.NOTED


def test_it_writes_an_unbroken_chain_of_events(tenant):
    job = enqueue("sample.simple", tenant_id=tenant, subject="a thing")

    run_jobs()

    events = list(Event.objects.filter(job=job))
    job.refresh_from_db()
    assert [(event.from_status, event.to_status) for event in events] == [
        ("", "pending"),
        ("pending", "running"),
        ("running", "completed"),
    ]
    assert all(event.hash == transitions.chain_hash(event) for event in events)
    assert [event.previous_hash for event in events] == ["", *[event.hash for event in events[:-1]]]
    assert (job.event_seq, job.event_hash) == (3, events[-1].hash)


def test_it_waits_for_approval_without_a_process(tenant, alice, bob):
    outcome = {}

    @handler("test.approve")
    def approve(job: JobContext) -> Any:
        job.tx("before", lambda: 1)
        review = job.approval("review", title="Fine?", payload={"amount": 1}, reviewers="Reviewer")
        outcome["payload"] = review.payload
        return {"by": review.decided_by}

    job = enqueue("test.approve", tenant_id=tenant, requested_by=alice)
    assert run_job(job) == "suspended"
    job.refresh_from_db()
    assert (job.status, job.wait_reason, job.lease_owner) == ("waiting", "checkpoint", "")

    decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1, origin=Origin(ip="203.0.113.9"))
    run_jobs()

    job.refresh_from_db()
    assert job.status == JobStatus.COMPLETED, job.error
    assert job.result == {"by": "bob"}
    assert outcome == {"payload": {"amount": 1}}
    assert Step.objects.filter(job=job).count() == 1


def test_it_approves_what_was_amended_by_somebody_else(tenant, alice, bob, carol):
    review_form("test.amount", schema={"type": "object", "properties": {"amount": {"type": "integer"}}})

    @handler("test.amend")
    def approve(job: JobContext) -> Any:
        review = job.approval("review", title="Fine?", payload={"amount": 1}, form="test.amount", reviewers="Reviewer")
        return {"amount": review.payload["amount"], "version": review.version}

    job = enqueue("test.amend", tenant_id=tenant, requested_by=alice)
    run_jobs()
    checkpoint = job.checkpoints.get()
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    decide(checkpoint.pk, actor=carol, verdict="approve", version=2)
    run_jobs()

    job.refresh_from_db()
    assert job.result == {"amount": 2, "version": 2}


def test_it_asks_until_the_outside_answers(tenant):
    answers = iter([None, None, {"decision": "approved"}])

    @handler("test.ask")
    def ask(job: JobContext) -> Any:
        return job.answer("decision", lambda: next(answers), every="1h")

    job = enqueue("test.ask", tenant_id=tenant)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.wait_reason) == ("waiting", "answer")

    answer_arrived(job.pk)
    run_jobs()
    with clock.moved(timedelta(hours=1)):
        run_jobs()

    job.refresh_from_db()
    assert job.result == {"decision": "approved"}


def test_it_fails_a_rejected_job_for_good(tenant, bob, alice):
    @handler("test.reject")
    def ask(job: JobContext) -> None:
        job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")

    job = enqueue("test.reject", tenant_id=tenant, requested_by=alice)
    run_jobs()
    decide(job.checkpoints.get().pk, actor=bob, verdict="reject", version=1, comment="The fee is missing.")
    run_jobs()

    job = Job.objects.get(pk=job.pk)
    assert (job.status, job.reason, job.attempt) == ("failed", "rejected", 1)
    assert "The fee is missing." in job.error
