"""What is claimed next: the most urgent due job, and none waits for ever."""

from datetime import timedelta

import pytest

from autopilot import clock, workers
from autopilot.engine import cancel, hold, release, statements
from autopilot.models import Job, Worker
from autopilot.testing import claim
from tests.autopilot.engine.standing import LEASE, new, standing

pytestmark = pytest.mark.django_db


def claimed(only: str = "") -> Job | None:
    return statements.claim("first", LEASE, only=only)


def test_it_claims_the_most_urgent_first():
    jobs = {priority: new(priority=priority) for priority in (3, 10, 1, 7)}

    order = [job.pk for _ in jobs if (job := claimed())]

    assert order == [jobs[priority].pk for priority in (10, 7, 3, 1)]


def test_it_claims_the_oldest_first_among_equals():
    jobs = [new() for _ in range(4)]

    assert [job.pk for _ in jobs if (job := claimed())] == [job.pk for job in jobs]


def test_it_lets_nothing_starve():
    """The least urgent job yields to more urgent ones for nine minutes, and to none that comes later."""
    slow = new(priority=1)

    with clock.moved(timedelta(minutes=8, seconds=59)):
        urgent = new(priority=10)
        assert claimed() == urgent
    with clock.moved(timedelta(minutes=9, seconds=1)):
        new(priority=10)
        assert claimed() == slow


def test_it_starts_an_attempt_under_a_lease():
    before = clock.now()

    job = claim(new())

    attempt = job.attempts.get()
    assert (job.status, job.attempt, job.epoch, job.lease_owner) == ("running", 1, 1, "test")
    assert job.lease_until is not None
    assert job.deadline is not None
    assert before + LEASE <= job.lease_until <= clock.now() + LEASE
    assert job.deadline - job.lease_until == timedelta(seconds=600) - LEASE
    assert (attempt.number, attempt.epoch, attempt.process, attempt.outcome) == (1, 1, "test", "running")


@pytest.mark.parametrize("status", ["blocked", "running", "waiting", "completed", "failed", "cancelled", "skipped"])
def test_it_claims_only_what_is_pending(status):
    standing(status)

    assert claimed() is None


def test_it_leaves_what_an_operator_holds_until_it_is_released(olga):
    job = new()
    hold(job.pk, actor=olga, reason="Look at it first.")
    assert claimed() is None

    release(job.pk, actor=olga, reason="Go on.")

    assert claimed() == job


@pytest.mark.parametrize("mode", ["drain", "stop"])
def test_it_leaves_the_jobs_of_a_paused_worker(olga, mode):
    worker = Worker.objects.create(name="test")
    job = new()
    workers.pause(worker, by=olga, reason="Maintenance.", mode=mode)
    assert claimed() is None

    workers.resume(worker, by=olga, reason="Go on.")

    assert claimed() == job


def test_it_claims_for_one_worker_alone_when_asked():
    job = new()

    assert claimed(only="other") is None
    assert claimed(only="test") == job


def test_it_leaves_a_job_whose_latest_start_has_passed():
    new(start_by=clock.now() + timedelta(minutes=1))

    with clock.moved(timedelta(minutes=2)):
        assert claimed() is None


def test_it_goes_on_with_a_started_job_whatever_its_latest_start():
    job = standing("pending", start_by=clock.now(), first_started_at=clock.now())

    assert claimed() == job


def test_it_never_claims_a_cancelled_job():
    job = new()
    cancel(job.pk, actor=None, reason="")

    assert claimed() is None
