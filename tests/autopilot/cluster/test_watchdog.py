"""The watchdog tells a wedged cluster from one that works, rests or waits for its database."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from autopilot import clock
from autopilot.cluster import heartbeats, watchdog
from autopilot.cluster.watchdog import Watchdog
from autopilot.engine import enqueue, handler
from autopilot.models.clusters import ClusterHeartbeat, ClusterRestart
from autopilot.models.workers import Worker
from autopilot.testing import claim

pytestmark = pytest.mark.django_db
CLUSTER = "host:1"


@pytest.fixture(autouse=True)
def two_workers(settings):
    settings.AUTOPILOT_WORKERS = 2
    settings.AUTOPILOT_WATCHDOG = timedelta(seconds=30)


@pytest.fixture
def passed(monkeypatch):
    """Give a function that lets seconds pass, for the watchdog and for everybody else."""
    real = time.monotonic
    shift = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + shift[0])

    def let_pass(seconds: float) -> None:
        shift[0] += seconds
        clock.move(timedelta(seconds=seconds))

    yield let_pass
    clock.move(timedelta(seconds=-shift[0]))


@pytest.fixture
def dog():
    return Watchdog(CLUSTER, [])


@pytest.fixture
def job(tenant):
    @handler("test.work")
    def work(job) -> None:
        """Do nothing."""

    return enqueue("test.work", tenant_id=tenant)


def show(*numbers: int, cluster: str = CLUSTER) -> None:
    """Have workers give a sign of life."""
    for number in numbers:
        heartbeats.report(f"host:{number}", cluster=cluster, role=heartbeats.Role.PUMP)


def test_it_is_content_with_workers_that_show_themselves(dog, job, passed):
    for _ in range(10):
        show(2, 3)
        assert dog.look() == ""
        passed(10)


def test_it_finds_that_all_workers_are_silent(dog, passed):
    dog.look()
    show(2, 3)
    dog.look()
    passed(29)
    assert dog.look() == ""

    passed(2)

    assert dog.look() == "2 of 2 workers gave no sign of life for 30 seconds"


def test_it_finds_that_one_worker_is_silent(dog, job, passed):
    dog.look()
    for _ in range(4):
        show(2)
        passed(10)
        problem = dog.look()

    assert problem == "1 of 2 workers gave no sign of life for 30 seconds"


def test_it_leaves_a_new_cluster_the_time_to_start(dog, job, passed):
    passed(29)

    assert dog.look() == ""


def test_it_is_patient_with_a_start_that_did_not_succeed_before(job, passed):
    dog = Watchdog(CLUSTER, [], patience=60)
    passed(89)
    assert dog.look() == ""

    passed(2)

    assert dog.look() != ""


def test_it_knows_that_all_workers_were_there(dog, passed):
    dog.look()
    show(2)
    dog.look()
    assert not dog.was_complete

    show(2, 3)
    dog.look()

    assert dog.was_complete


def test_it_does_not_take_old_signs_for_new_ones(dog, job, passed):
    show(2, 3)
    dog.look()

    passed(31)

    assert dog.look() != ""


def test_it_does_not_take_another_clusters_workers_for_its_own(dog, passed):
    dog.look()
    for _ in range(4):
        show(7, 8, cluster="elsewhere:1")
        passed(10)
        problem = dog.look()

    assert problem != ""


def test_it_counts_a_replaced_worker(dog, job, passed):
    dog.look()
    show(2, 3)
    dog.look()
    for _ in range(6):
        passed(10)
        show(2, 4)
        assert dog.look() == ""


def test_it_ends_no_running_job_for_an_idle_worker(dog, job, passed):
    dog.look()
    type(job).objects.filter(pk=claim(job).pk).update(
        lease_owner="host:2", lease_until=clock.now() + timedelta(hours=1)
    )
    for _ in range(4):
        show(2)
        passed(10)
        assert dog.look() == ""


def test_it_ends_a_running_job_when_other_work_is_kept_waiting(dog, job, tenant, passed):
    dog.look()
    type(job).objects.filter(pk=claim(job).pk).update(
        lease_owner="host:2", lease_until=clock.now() + timedelta(hours=1)
    )
    enqueue("test.work", tenant_id=tenant)
    for _ in range(4):
        show(2)
        passed(10)
        problem = dog.look()

    assert problem != ""


@pytest.mark.parametrize("how", [{"enabled": False, "pause": "drain"}, {"concurrency": 1}])
def test_it_knows_work_that_may_have_to_wait(job, how):
    assert watchdog._is_work_due()

    Worker.objects.create(name="test", **how)

    assert not watchdog._is_work_due()


def test_it_knows_work_that_is_not_due_yet(job):
    type(job).objects.filter(pk=job.pk).update(scheduled_for=clock.now() + timedelta(minutes=1))

    assert not watchdog._is_work_due()


def test_it_judges_nobody_by_the_time_the_database_was_away(dog, passed, monkeypatch):
    dog.look()
    passed(31)
    with monkeypatch.context() as away:
        away.setattr(dog, "_living", away_from_home)
        with pytest.raises(OperationalError):
            dog.look()

    passed(29)
    assert dog.look() == ""
    passed(2)

    assert dog.look() != ""


def away_from_home(limit: float) -> int:
    raise OperationalError("away")


def test_it_gives_the_supervisors_sign_of_life_and_records_each_restart_once():
    restarts = ["its main process ended with status 0"]
    dog = Watchdog(CLUSTER, restarts)

    dog.report()
    dog.report()

    assert ClusterHeartbeat.objects.get().role == "supervisor"
    assert [(row.cluster, row.reason) for row in ClusterRestart.objects.all()] == [
        (CLUSTER, "its main process ended with status 0")
    ]
    assert restarts == []
