"""The duty that ends jobs which did not start in time."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import decide, enqueue, handler
from autopilot.engine.context import JobContext
from autopilot.models import Event, Job
from autopilot.sweep import start_by
from autopilot.testing import run_jobs
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.standing import new, standing

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_it_fails_a_job_that_was_not_started_in_time():
    job = new(start_by=clock.now() + MINUTE)

    assert start_by.run() == 0
    with clock.moved(MINUTE):
        assert start_by.run() == 1
        assert start_by.run() == 0

    job.refresh_from_db()
    assert (job.status, job.reason, job.events.last().why) == ("failed", "expired", "start_by_passed")
    assert job.error == "It was not started by the time it had to be."


@pytest.mark.parametrize("status", ["running", "waiting", "completed"])
def test_it_leaves_what_is_not_pending(status):
    standing(status, start_by=clock.now())

    assert start_by.run() == 0


def test_it_leaves_a_started_job_that_goes_on_after_a_wait(tenant, alice, bob):
    """Approved a day later, it is pending once more, but it did start in time."""

    @handler("test.approve")
    def approve(job: JobContext) -> None:
        job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")

    job = enqueue("test.approve", tenant_id=tenant, requested_by=alice, start_by=clock.now() + MINUTE)
    run_jobs()
    with clock.moved(60 * MINUTE):
        decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1)
        assert start_by.run() == 0
        run_jobs()

    assert Job.objects.get(pk=job.pk).status == "completed"


def test_two_at_once_end_a_job_once(shared_database):
    for _ in range(10):
        new(start_by=clock.now())

    assert sum(at_once(start_by.run, start_by.run)) == 10
    assert Event.objects.filter(why="start_by_passed").count() == 10
