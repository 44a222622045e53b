"""The duty that deletes what has been kept long enough, and nothing else."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import amend, decide, enqueue, hold, release, requeue, review_form
from autopilot.models import (
    Attempt,
    AuditEntry,
    Checkpoint,
    CheckpointRevision,
    Decision,
    Event,
    Job,
    Notice,
    OutboxMessage,
    Schedule,
    Step,
    Worker,
)
from autopilot.sweep import reminders, retention
from autopilot.testing import run_jobs
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.runs import job_of, run
from tests.autopilot.engine.standing import new, standing

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)
NOW = timedelta(0)


def over(status: str = "completed", **fields) -> Job:
    """Return a job that has been kept long enough."""
    return standing(status, purge_after=clock.now(), **fields)


def test_it_deletes_a_job_with_all_that_hangs_on_it(alice, bob, carol):
    review_form("test.n", schema={"type": "object", "properties": {"n": {"type": "integer"}}})

    def handle(job):
        job.tx("write", lambda: None)
        job.approval("review", title="Fine?", payload={"n": 1}, form="test.n", reviewers="Reviewer")

    job, _ = run(handle, requested_by=alice)
    checkpoint = job.checkpoints.get()
    with clock.moved(timedelta(hours=20)):
        reminders.run()
    amend(checkpoint.pk, actor=bob, version=1, edits={"n": 2})
    decide(checkpoint.pk, actor=carol, verdict="approve", version=2)
    run_jobs()

    assert retention.run() == 0
    with clock.moved(YEAR):
        assert retention.run() == 1

    hangs_on_it = (Job, Attempt, Step, Event, Checkpoint, CheckpointRevision, Decision, Notice)
    assert [model.objects.count() for model in hangs_on_it] == [0] * len(hangs_on_it)


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "skipped"])
def test_it_deletes_every_job_that_has_ended(status):
    over(status)

    assert [retention.run(), retention.run()] == [1, 0]


@pytest.mark.parametrize("status", ["pending", "running", "waiting", "blocked"])
def test_it_keeps_what_has_not_ended(status):
    standing(status)

    with clock.moved(10 * YEAR):
        assert retention.run() == 0


def test_it_keeps_what_an_operator_holds(olga):
    job = new()
    hold(job.pk, actor=olga, reason="Evidence.")
    Job.objects.update(status="cancelled", finished_at=clock.now(), purge_after=clock.now())
    assert retention.run() == 0

    release(job.pk, actor=olga, reason="Go on.")

    assert retention.run() == 1


def test_it_keeps_a_parent_until_its_children_are_gone():
    parent = over()
    child = over(parent=parent)
    Job.objects.filter(pk=child.pk).update(purge_after=clock.now() + YEAR)
    assert retention.run() == 0

    Job.objects.filter(pk=child.pk).update(purge_after=clock.now())

    assert [retention.run(), retention.run()] == [1, 1]
    assert not Job.objects.exists()


def test_it_keeps_a_job_that_goes_on(olga):
    job = over("failed")

    requeue(job.pk, actor=olga, reason="Mended.")

    assert retention.run() == 0


def test_it_keeps_the_schedule_whose_last_job_it_deletes(tenant):
    worker = Worker.objects.create(name="test")
    job = over()
    schedule = Schedule.objects.create(name="daily", worker=worker, kind="test.nothing", cron="0 0 * * *", last_job=job)

    retention.run()

    schedule.refresh_from_db()
    assert schedule.last_job is None


def test_it_keeps_the_audit(olga):
    job = standing("failed")
    requeue(job.pk, actor=olga, reason="Mended.")
    Job.objects.update(status="completed", finished_at=clock.now(), purge_after=clock.now())

    assert retention.run() == 1

    assert AuditEntry.objects.get().subject_id == str(job.pk)


def test_it_deletes_a_batch_at_a_time_the_oldest_first(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in (1, 3, 2):
        standing("completed", purge_after=clock.now() - timedelta(days=days), unique_key=str(days))

    assert retention.run() == 2

    assert Job.objects.get().unique_key == "1"


@pytest.mark.parametrize(
    ("status", "days", "kept"), [("sent", 90, False), ("sent", 89, True), ("failed", 400, True), ("pending", 400, True)]
)
def test_it_deletes_messages_that_were_sent_long_ago(status, days, kept, tenant):
    then = clock.now() - timedelta(days=days)
    sent_at = then if status == "sent" else None
    OutboxMessage.objects.create(tenant_id=tenant, topic="a.topic", status=status, created_at=then, sent_at=sent_at)

    assert retention.run() == (not kept)

    assert OutboxMessage.objects.exists() == kept


def test_two_at_once_delete_everything_once(shared_database):
    for _ in range(10):
        over()

    assert sum(at_once(retention.run, retention.run)) == 10
    assert not Job.objects.exists()


def test_what_is_enqueued_anew_stays(tenant):
    job_of(lambda job: None)
    over()

    enqueue("test.nothing", tenant_id=tenant)

    assert retention.run() == 1
    assert Job.objects.count() == 2
