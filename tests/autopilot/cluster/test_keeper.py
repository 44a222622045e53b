"""The keeper renews the lease of the job in hand, and ends the process when it may work no longer."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from autopilot import clock
from autopilot.cluster import heartbeats, process
from autopilot.cluster.keeper import ABANDONED_STATUS, OVERRUN_STATUS, RELIEVED_AFTER, Keeper
from autopilot.engine import enqueue, handler
from autopilot.engine.groups import Group
from autopilot.models.clusters import ClusterHeartbeat
from autopilot.models.jobs import Job
from autopilot.testing import LEASE, claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(tenant):
    @handler("test.work", max_attempts=2, timeout=timedelta(seconds=60))
    def work(job) -> None:
        """Do nothing."""

    return claim(enqueue("test.work", tenant_id=tenant))


@pytest.fixture
def passed(monkeypatch):
    """Give a function that lets seconds pass on this process's own clock."""
    real = time.monotonic
    shift = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + shift[0])

    def let_pass(seconds: float) -> None:
        shift[0] += seconds

    return let_pass


@pytest.fixture
def ends():
    return []


@pytest.fixture
def keeper(ends, monkeypatch):
    """A keeper without its thread, which notes when it would have ended the process."""
    made = Keeper(ends.append)
    monkeypatch.setattr(made, "_start", lambda: None)
    return made


def test_it_leaves_a_fresh_lease_alone(keeper, job, ends):
    with keeper.keeping(job):
        keeper.attend()

    before = job.lease_until
    job.refresh_from_db()
    assert (job.lease_until, ends) == (before, [])


def test_it_renews_the_lease_after_a_third_of_it_and_shows_life(keeper, job, ends, passed):
    heartbeats.report(job.lease_owner, cluster="host:1", role=heartbeats.Role.PUMP)
    third = LEASE / 3
    with keeper.keeping(job), clock.moved(third):
        passed(third.total_seconds() + 1)
        keeper.attend()

    renewed = type(job).objects.get(pk=job.pk)
    assert renewed.lease_until - job.lease_until >= third - timedelta(seconds=1)
    assert ClusterHeartbeat.objects.get().seen_at >= clock.now() + third - timedelta(seconds=5)
    assert ends == []


def test_it_lets_nobody_wait_for_the_end_of_a_long_run(keeper, job, passed, tenant):
    others = [claim(enqueue("test.work", tenant_id=tenant)) for _ in range(2)]
    group = Group([job, *others])
    assert group.begin_next() == job
    group.keep(job, {"n": 1})
    assert group.begin_next() == others[0]

    with keeper.keeping(others[0], group):
        keeper.attend()
        assert standing(job, *others) == ["running", "running", "running"]
        passed(RELIEVED_AFTER)
        keeper.attend()

    assert standing(job, *others) == ["completed", "running", "pending"]
    assert group.ended() == [(job, "completed")]
    assert group.begin_next() is None


def standing(*jobs: Job) -> list[str]:
    return [Job.objects.get(pk=job.pk).status for job in jobs]


def test_it_ends_a_job_that_takes_too_long(keeper, job, ends, passed):
    with keeper.keeping(job):
        passed(61)
        keeper.attend()

    job.refresh_from_db()
    assert (job.status, job.attempt, job.attempts.get().outcome) == ("pending", 1, "timed_out")
    assert ends == [OVERRUN_STATUS]


def test_it_is_misled_by_no_other_clock(keeper, job, ends):
    with keeper.keeping(job), clock.moved(timedelta(hours=1)):
        keeper.attend()

    job.refresh_from_db()
    assert (job.status, ends) == ("running", [])


def test_it_gives_the_job_back_uncounted_when_its_process_must_go(keeper, job, ends, stopped_for):
    with keeper.keeping(job):
        stopped_for(process.ABANDON_AFTER - 1)
        keeper.attend()
        assert ends == []
        stopped_for(process.ABANDON_AFTER)
        keeper.attend()

    job.refresh_from_db()
    assert (job.status, job.attempt, job.crashes) == ("pending", 0, 0)
    assert ends == [ABANDONED_STATUS]


def test_it_does_nothing_about_a_job_that_is_out_of_hand(keeper, job, ends, passed):
    with keeper.keeping(job):
        passed(10)
    passed(60)

    keeper.attend()

    job.refresh_from_db()
    assert (job.status, ends) == ("running", [])


@pytest.mark.parametrize("seconds", [11, 61])
def test_it_goes_on_when_the_database_refuses(keeper, job, ends, passed, monkeypatch, caplog, seconds):
    def refuse(*_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("autopilot.cluster.keeper.renew", refuse)
    monkeypatch.setattr("autopilot.cluster.endings.controls.put_back", lambda *_, **__: refuse())
    with keeper.keeping(job):
        passed(seconds)
        keeper.attend()

    assert f"job {job.pk} could not be looked after: OperationalError" in caplog.text
    assert ends == ([OVERRUN_STATUS] if seconds > 60 else [])
