"""The duty that wakes jobs whose time has come."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.models import Event, Job
from autopilot.sweep import timers
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.standing import standing

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("reason", ["timer", "answer"])
def test_it_wakes_a_job_whose_time_has_come(reason):
    job = standing("waiting", wait_reason=reason, wake_at=clock.now())

    assert timers.run() == 1

    job.refresh_from_db()
    assert (job.status, job.wait_reason, job.wake_at, job.waiting_since) == ("pending", "", None, None)
    assert job.events.last().why == "timer"
    assert job.scheduled_for <= clock.now()


def test_it_leaves_a_job_whose_time_has_not_come():
    standing("waiting", wake_at=clock.now() + HOUR)

    assert timers.run() == 0
    with clock.moved(HOUR):
        assert timers.run() == 1


@pytest.mark.parametrize("reason", ["checkpoint", "children"])
def test_it_leaves_a_job_that_waits_for_no_time(reason):
    standing("waiting", wait_reason=reason, wake_at=None)

    with clock.moved(HOUR):
        assert timers.run() == 0


def test_it_wakes_the_longest_overdue_first(monkeypatch):
    monkeypatch.setattr(timers, "BATCH", 2)
    jobs = [standing("waiting", wake_at=clock.now() - hours * HOUR) for hours in (1, 3, 2)]

    assert timers.run() == 2

    assert [Job.objects.get(pk=job.pk).status for job in jobs] == ["waiting", "pending", "pending"]


def test_two_at_once_wake_a_job_once(shared_database):
    for _ in range(10):
        standing("waiting")

    assert sum(at_once(timers.run, timers.run)) == 10
    assert Event.objects.filter(why="timer").count() == 10
