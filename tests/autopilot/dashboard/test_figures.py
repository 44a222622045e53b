"""The figures of the dashboard are what happened and what stands, and stay cheap."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.models import Event, EventTally, Worker
from autopilot.reports import figures, queue, totals
from autopilot.sweep import tallies
from autopilot.testing import run_jobs
from tests.autopilot.dashboard.states import DAY, HOUR, MINUTE, SECOND, due, ended, heartbeat, running
from tests.autopilot.engine.runs import job_of
from tests.autopilot.engine.standing import new, standing
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db
RIPE = 61 * SECOND


def test_it_counts_what_stands_where():
    asked()
    due(3)
    due(2, ago=-HOUR)
    running(5)
    standing("waiting")

    taken = figures.take_snapshot()

    assert [taken.queue.standing(status) for status in ("pending", "running", "waiting")] == [5, 1, 2]
    assert taken.reviews == 1


def test_it_tells_depth_by_worker():
    due(2, worker="one")
    due(1, ago=-HOUR, worker="one")
    running(5, worker="two")
    Worker.objects.update_or_create(name="two", defaults={"enabled": False, "pause": "drain"})

    found = {each.worker: each for each in figures.take_snapshot().depths}

    assert (found["one"].due, found["one"].later, found["one"].is_enabled) == (2, 1, True)
    assert (found["two"].running, found["two"].is_enabled) == (1, False)


def test_it_knows_how_long_the_oldest_has_been_due():
    due(1, ago=20 * MINUTE)
    due(1)

    oldest = figures.take_snapshot().queue.oldest_due

    assert 19 * MINUTE < clock.now() - oldest < 21 * MINUTE


def test_it_counts_what_ended_before_and_after_it_is_tallied():
    ended(3)
    ended(1, "attempts_exhausted", "failed")
    ended(2, "rejected", "failed")
    fresh = figures.take_snapshot()

    with clock.moved(RIPE):
        assert tallies.run() > 0
    ended(1)
    later = figures.take_snapshot()

    assert (fresh.completed, fresh.failed, fresh.rejected, fresh.success) == (3, 1, 2, 0.75)
    assert (later.completed, later.failed, later.rejected, later.success) == (4, 1, 2, 0.8)


def test_it_counts_what_is_not_tallied_whatever_its_numbers(monkeypatch):
    monkeypatch.setattr(totals, "LONGEST_TAIL", 5)
    ended(2)
    last = Event.objects.last()
    for number in (100_000, 200_000):
        Event.objects.create(
            pk=last.pk + number, job=last.job, seq=number, from_status="running", to_status="failed", why="x", epoch=1,
            hash="x", at=clock.now(),
        )  # fmt: skip

    counted = totals.moves("to_status")

    assert counted == {("pending",): 2, ("completed",): 2, ("failed",): 1}


def test_it_has_no_rate_where_nothing_ended():
    assert figures.take_snapshot().success is None


def test_it_tells_the_last_day_hour_by_hour():
    ended(1, ago=DAY + HOUR)
    ended(2, ago=3 * HOUR)
    ended(1)

    hours = figures.take_snapshot().hours

    assert len(hours) == 24
    assert [hour.completed for hour in hours if hour.completed] == [2, 1]


def test_it_tells_how_long_jobs_waited_and_ran():
    for _ in range(3):
        job_of(lambda job: None)
    with clock.moved(45 * SECOND):
        run_jobs()
        with clock.moved(RIPE):
            tallies.run()
            latencies = figures.take_snapshot().latencies

    assert latencies["wait"].count == latencies["run"].count == 3
    assert 30 < latencies["wait"].half <= 60
    assert latencies["run"].most < 1


def test_it_knows_who_is_there_and_since_when():
    now = clock.now()
    heartbeat(process="a:1", started_at=now - DAY)
    heartbeat(process="a:2", started_at=now - HOUR)
    heartbeat(2 * MINUTE, process="b:1", started_at=now - 3 * DAY)
    heartbeat(process="a", role="supervisor", started_at=now - 9 * DAY)

    found = queue.cluster()

    assert (found.alive, found.since) == (2, now - DAY)
    assert now - found.seen_at < 3 * SECOND


def test_it_sums_by_whatever_is_asked():
    ended(2)
    with clock.moved(RIPE):
        tallies.run()
    ended(1)

    assert totals.moves("to_status", targets=("completed",)) == {("completed",): 3}
    assert sum(totals.moves("worker", "kind", "hour", targets=("completed",)).values()) == sum(
        totals.moves("to_status", targets=("completed",)).values()
    )


def test_it_takes_no_event_twice_and_leaves_none_out_while_they_are_counted():
    moved = Event.objects.exclude(from_status="pending", to_status="pending")
    for _ in range(5):
        new()
    with clock.moved(RIPE):
        tallies.run()
    new()

    assert sum(totals.moves("why").values()) == moved.count() == 6
    assert EventTally.objects.get().count == 5


def test_it_is_taken_once_for_all_who_ask_within_seconds(settings, django_assert_num_queries):
    settings.CACHES = settings.CACHES | {"figures": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    caches["figures"].clear()
    first = figures.snapshot()

    with django_assert_num_queries(0):
        assert figures.snapshot() == first


def test_it_asks_as_often_for_many_jobs_as_for_few():
    figures.take_snapshot()
    with CaptureQueriesContext(connection) as few:
        figures.take_snapshot()
    due(30)
    ended(30)
    for number in range(10):
        heartbeat(process=f"p{number}")
        Worker.objects.create(name=f"w{number}")
    with CaptureQueriesContext(connection) as many:
        figures.take_snapshot()

    assert len(many) <= len(few) <= 24
