"""A pump claims, runs and settles, looks after the duties, and puts up with a database that comes and goes."""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from autopilot import clock
from autopilot.cluster import bells, process, pump
from autopilot.cluster.pump import Pump
from autopilot.engine import JobContext, enqueue, executor, faults, handler, statements
from autopilot.models.clusters import ClusterHeartbeat, Duty
from autopilot.models.jobs import Event, Job

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """The process ended where it stood."""


MOMENT = timedelta(seconds=0.3)


@pytest.fixture(autouse=True)
def kinds():
    @handler("test.work")
    def work(job: JobContext) -> None:
        """Do nothing."""

    @handler("other.work")
    def other(job: JobContext) -> None:
        """Do nothing."""

    @handler("test.steps")
    def steps(job: JobContext, number: int) -> None:
        """Do nothing, step by step."""
        for _ in range(number):
            job.tx("step", lambda: None)


@pytest.fixture
def job(tenant):
    return enqueue("test.work", tenant_id=tenant)


def status_of(job: Job) -> str:
    return str(Job.objects.values_list("status", flat=True).get(pk=job.pk))


def test_it_runs_one_job_and_tells_how_it_ended(job):
    told = []

    ran = Pump(told=lambda job, outcome: told.append((job.pk, outcome))).run_one()

    assert ran
    assert told == [(job.pk, "completed")]
    assert status_of(job) == "completed"


def test_it_says_when_there_is_nothing_to_run():
    assert not Pump().run_one()


def test_it_runs_until_none_is_due(tenant):
    for _ in range(3):
        enqueue("test.work", tenant_id=tenant)
    later = enqueue("test.work", tenant_id=tenant, scheduled_for=clock.now() + timedelta(hours=1))

    assert Pump().run_until_empty() == 3

    assert status_of(later) == "pending"


def test_it_claims_the_next_job_as_it_completes_one(tenant, monkeypatch):
    first, second = (enqueue("test.work", tenant_id=tenant) for _ in range(2))
    real, looks = statements.claim_together, []

    def look(*asked: Any, **more: Any) -> list[Job]:
        looks.append(asked)
        return real(*asked, **more)

    monkeypatch.setattr(statements, "claim_together", look)

    assert Pump().run_until_empty() == 2

    assert [status_of(job) for job in (first, second)] == ["completed", "completed"]
    assert len(looks) == 2  # for the first job, and when no more was due


def test_it_claims_several_once_it_knows_that_they_are_short(tenant):
    jobs = [enqueue("test.work", tenant_id=tenant) for _ in range(60)]

    assert Pump().run_until_empty() == 60

    claims = Event.objects.filter(job__in=jobs, why="claim").values_list("at", flat=True)
    assert {status_of(job) for job in jobs} == {"completed"}
    assert len(set(claims)) < 60


def test_it_loses_a_neighbor_of_a_job_that_kills_its_process_once(tenant):
    ended = []

    @handler("test.deadly")
    def deadly(job: JobContext, kills: bool) -> None:
        """Die, or do nothing."""
        if kills:
            raise Died

    for kills in (False, False, False, False, True, False):
        enqueue("test.deadly", tenant_id=tenant, kills=kills)
    for _ in range(4):
        with suppress(Died):
            ended.append(Pump().run_until_empty())
        Job.objects.filter(status="running").update(lease_until=clock.now() - MOMENT)

    assert sum(ended) >= 1
    assert sorted(Job.objects.values_list("status", "reason")) == [("completed", "done")] * 5 + [
        ("failed", "crash_loop")
    ]
    assert max(Job.objects.filter(status="completed").values_list("crashes", flat=True)) <= 1


def test_it_gives_back_what_it_claimed_when_it_is_asked_to_stop(tenant):
    first, second = (enqueue("test.work", tenant_id=tenant) for _ in range(2))

    assert Pump(told=lambda job, outcome: process.ask_to_stop()).run_until_empty() == 1

    second.refresh_from_db()
    assert (status_of(first), second.status, second.attempt) == ("completed", "pending", 0)
    assert second.attempts.get().outcome == "released"


@pytest.mark.parametrize(("point", "left"), [("settle.before", "running"), ("settle.after", "completed")])
def test_it_loses_nothing_when_its_process_dies_between_two_jobs(tenant, point, left):
    """Before the commit both jobs stand as they stood; after it, the next one is leased and nobody runs it."""
    jobs = [enqueue("test.work", tenant_id=tenant) for _ in range(2)]

    def die(reached: str) -> None:
        if reached == point:
            raise SystemExit

    faults.watch(die)
    with pytest.raises(SystemExit):
        Pump().run_until_empty()
    faults.watch(None)

    assert status_of(jobs[0]) == left
    with clock.moved(timedelta(seconds=31)):
        Pump().run_until_empty()
    assert [status_of(job) for job in jobs] == ["completed", "completed"]
    assert Event.objects.filter(job__in=jobs, why="done").count() == 2


def test_it_wakes_what_is_overdue_before_it_runs_until_empty(job):
    lost = statements.claim("elsewhere:1", timedelta(seconds=30))
    with clock.moved(timedelta(seconds=31)):
        assert lost is not None
        assert Pump().run_until_empty() == 1


def test_it_runs_the_jobs_of_one_worker_only(job, tenant):
    other = enqueue("other.work", tenant_id=tenant)

    assert Pump(only="other").run_until_empty() == 1

    assert (status_of(job), status_of(other)) == ("pending", "completed")


def test_it_claims_nothing_once_asked_to_stop(job):
    process.ask_to_stop()

    Pump().run_for(timedelta(seconds=10))

    assert Pump().run_until_empty() == 0
    assert status_of(job) == "pending"


def test_it_gives_a_running_job_back_when_its_grace_is_over(tenant, stopped_for):
    job = enqueue("test.steps", tenant_id=tenant, number=3)
    stopped_for(process.GIVE_BACK_AFTER + 1)

    Pump().run_one()

    job.refresh_from_db()
    assert (job.status, job.attempt, job.attempts.get().outcome) == ("pending", 0, "released")


def test_it_serves_for_a_slice_and_no_longer(job):
    began = time.monotonic()

    Pump().run_for(MOMENT)

    assert status_of(job) == "completed"
    assert 0.3 <= time.monotonic() - began < 3


def test_it_shows_that_it_is_there_and_what_it_has_claimed(job):
    Pump(cluster="host:1").run_for(MOMENT)
    Pump(cluster="host:1").run_for(MOMENT)

    heartbeat = ClusterHeartbeat.objects.get()
    assert (heartbeat.process, heartbeat.cluster, heartbeat.role) == (process.name(), "host:1", "pump")
    assert heartbeat.claims == 1


@pytest.mark.postgresql_only
def test_it_plans_anew_what_it_planned_while_a_table_was_small():
    def plan() -> str:
        cursor.execute("EXPLAIN EXECUTE one (1)")
        return str(cursor.fetchall())

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("CREATE TEMPORARY TABLE small ON COMMIT DROP AS SELECT 0 AS id")
        cursor.execute("CREATE UNIQUE INDEX small_id ON small (id); ANALYZE small")
        cursor.execute("PREPARE one (integer) AS SELECT FROM small WHERE id = $1")
        assert "Seq Scan" in plan()
        cursor.execute("INSERT INTO small SELECT generate_series(1, 10000)")
        assert "Seq Scan" in plan()

        Pump().run_for(MOMENT)

        assert "small_id" in plan()
        cursor.execute("DEALLOCATE one")


def test_it_takes_its_turn_at_the_sweep():
    Pump().run_for(MOMENT)

    assert Duty.objects.get(name="sweep").finished_at is not None


def test_it_takes_back_what_another_process_lost(job):
    statements.claim("elsewhere:1", timedelta(seconds=30))

    with clock.moved(timedelta(seconds=31)):
        Pump().run_for(MOMENT)

    assert status_of(job) == "completed"


def test_it_waits_for_a_database_that_is_away_and_says_so_once(job, monkeypatch, caplog):
    refusals = iter([True, True, False])
    real = bells.bell

    def away_at_first() -> object:
        if next(refusals):
            raise OperationalError("away")
        return real()

    monkeypatch.setattr(bells, "bell", away_at_first)
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(pump, "AWAY_WAIT", 0.05)

    Pump().run_for(MOMENT)

    assert status_of(job) == "completed"
    assert caplog.text.count("the database is away or locked (OperationalError); waiting for it") == 1
    assert caplog.text.count("the database is back") == 1


def test_it_settles_a_job_that_lost_its_database_as_soon_as_it_is_back(job, monkeypatch):
    def go_away(*_: object, **__: object) -> str:
        raise OperationalError("away")

    monkeypatch.setattr(executor, "perform", go_away)
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(pump, "AWAY_WAIT", 0)

    Pump().run_for(MOMENT)

    job.refresh_from_db()
    assert (job.status, job.attempt, job.crashes) == ("pending", 1, 0)
    assert job.error == "The database went away, or refused, while it ran."


def test_it_hands_django_q2_no_failure_to_store(monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Pump, "run_for", fail)
    monkeypatch.setattr(pump, "AWAY_WAIT", 0)

    pump.run("host:1")

    assert "the pump failed" in caplog.text


@pytest.mark.parametrize(("due_in", "longest"), [(None, 1.0), (0.5, 0.5), (3600, 1.0)])
def test_it_sleeps_until_the_next_job_is_due_and_a_second_at_most(tenant, due_in, longest):
    if due_in is not None:
        enqueue("test.work", tenant_id=tenant, scheduled_for=clock.now() + timedelta(seconds=due_in))

    assert longest - 0.4 < pump._idle_seconds() <= longest
