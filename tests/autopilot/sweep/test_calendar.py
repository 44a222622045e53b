"""What the calendar says is enqueued once, missed runs are caught up once, and one bad schedule stops no other."""

import logging
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autopilot import clock, workers
from autopilot.engine import handler
from autopilot.engine.context import JobContext
from autopilot.models import Job, Schedule, Worker
from autopilot.sweep import schedules
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import fresh

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NIGHTLY = {"cron": "30 2 * * *", "time_zone": "America/New_York"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind() -> None:
    @handler("test.tidy")
    def tidy(job: JobContext, room: str = "all") -> str:
        return room


def scheduled(name: str = "Tidy", *, since: datetime = START, **fields: Any) -> Schedule:
    """Return a schedule that exists since a moment."""
    worker, _ = Worker.objects.get_or_create(name="test")
    return Schedule.objects.create(
        name=name, worker=worker, created_at=since, **{"kind": "test.tidy", **NIGHTLY, **fields}
    )


def at(moment: datetime) -> AbstractContextManager[None]:
    """Let it be some moment."""
    return clock.moved(moment - clock.now())


def runs(*moments: datetime) -> list[int]:
    """Sweep at each of several moments; returns how many jobs each sweep enqueued."""
    counts = []
    for moment in moments:
        with at(moment):
            counts.append(schedules.run())
    return counts


def utc(*parts: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def slots_of(schedule: Schedule, *moments: datetime) -> list[datetime]:
    """Sweep at several moments; returns the slots that were enqueued for, in order."""
    found = []
    for moment in moments:
        if runs(moment) == [1]:
            schedule.refresh_from_db()
            assert schedule.last_slot is not None
            found.append(schedule.last_slot)
    return found


def test_it_enqueues_when_the_time_has_come_and_not_before():
    schedule = scheduled(payload={"room": "attic"})

    counts = runs(utc(2026, 11, 24, 7, 29, 59), utc(2026, 11, 24, 7, 30, 1), utc(2026, 11, 24, 7, 31))

    job = Job.objects.get()
    schedule.refresh_from_db()
    assert counts == [0, 1, 0]
    assert (job.kind, job.payload, job.tenant_id) == ("test.tidy", {"room": "attic"}, NETWORK)
    assert job.requester_label == "schedule Tidy"
    assert (schedule.last_slot, schedule.last_job) == (utc(2026, 11, 24, 7, 30), job)
    assert schedule.last_run_at is not None
    assert schedule.last_run_at > utc(2026, 11, 24, 7, 30)


def test_it_says_when_it_runs_next():
    schedule = scheduled()

    runs(START)
    schedule.refresh_from_db()
    before = schedule.next_run_at
    runs(utc(2026, 11, 24, 8))
    schedule.refresh_from_db()

    assert (before, schedule.next_run_at) == (utc(2026, 11, 24, 7, 30), utc(2026, 11, 25, 7, 30))


def test_it_enqueues_a_job_that_runs():
    scheduled(payload={"room": "attic"})

    with at(START + DAY):
        schedules.run()
        run_jobs()

    assert Job.objects.get().result == "attic"


def test_it_catches_up_once_with_all_that_was_missed():
    schedule = scheduled()

    slots = slots_of(schedule, START + 9 * DAY, START + 9 * DAY + timedelta(minutes=1), START + 10 * DAY)

    assert slots == [utc(2026, 12, 2, 7, 30), utc(2026, 12, 3, 7, 30)]


def test_it_leaves_a_disabled_schedule_alone():
    scheduled(enabled=False)

    assert runs(START + 9 * DAY) == [0]

    assert not Job.objects.exists()


def test_it_catches_up_once_when_a_paused_worker_is_resumed(olga):
    schedule = scheduled()
    workers.pause(schedule.worker, by=fresh(olga), reason="Stocktaking.")
    paused = runs(START + DAY, START + 2 * DAY)
    workers.resume(schedule.worker, by=fresh(olga), reason="Go on.")

    resumed = runs(START + 3 * DAY, START + 3 * DAY + timedelta(minutes=1))

    assert (paused, resumed) == ([0, 0], [1, 0])


def test_it_runs_a_time_that_spring_skips_when_the_gap_ends():
    schedule = scheduled(since=utc(2026, 3, 7, 12))

    slots = slots_of(schedule, *[utc(2026, 3, 7 + day, 23) for day in range(1, 4)])

    assert slots == [utc(2026, 3, 8, 7, 0), utc(2026, 3, 9, 6, 30), utc(2026, 3, 10, 6, 30)]


def test_it_runs_a_time_that_autumn_repeats_once():
    schedule = scheduled(since=utc(2026, 10, 31, 12), cron="30 1 * * *")

    slots = slots_of(schedule, *[utc(2026, 11, 1, 0) + timedelta(minutes=30 * half) for half in range(48)])

    assert slots == [utc(2026, 11, 1, 5, 30)]


def test_it_keeps_the_end_of_the_month_the_end_of_the_month():
    schedule = scheduled(since=utc(2026, 1, 1, 12), cron="0 6 L * *", time_zone="UTC")

    slots = slots_of(schedule, *[utc(2026, month, 1, 12) for month in range(2, 7)])

    assert [(slot.month, slot.day) for slot in slots] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]


def test_it_gives_each_schedule_the_clock_of_its_own_zone():
    zones = ("Asia/Tokyo", "UTC", "America/Los_Angeles")
    for zone in zones:
        scheduled(zone, time_zone=zone)

    runs(START + DAY)

    slots = [Schedule.objects.get(name=zone).last_slot for zone in zones]
    assert slots == [utc(2026, 11, 23, 17, 30), utc(2026, 11, 24, 2, 30), utc(2026, 11, 24, 10, 30)]


BAD = [
    ({"cron": "99 * * * *"}, "cannot be read"),
    ({"cron": "30 2"}, "no schedule of five fields"),
    ({"cron": "0 0 30 2 *"}, "Bad day-of-month"),
    ({"time_zone": "America/Gotham"}, "is no time zone"),
    ({"time_zone": "../../etc/passwd"}, "is no time zone"),
    ({"kind": "test.gone"}, "No handler is registered for the kind 'test.gone'"),
    ({"payload": {"rom": "attic"}}, "/rom is no parameter"),
    ({"payload": {"room": 7}}, "/room must be text"),
    ({"payload": ["attic"]}, "must be an object"),
    ({"payload": {"priority": 10}}, "/priority is no parameter"),
    ({"payload": {"tenant_id": "x"}}, "/tenant_id is no parameter"),
]


@pytest.mark.parametrize(("wrong", "told"), BAD, ids=str)
def test_it_shows_what_is_wrong_with_one_and_runs_the_others(wrong, told):
    scheduled("A first one")
    bad = scheduled("Bad", next_run_at=START, **wrong)
    scheduled("One that comes after it")

    assert runs(START + DAY) == [2]

    bad.refresh_from_db()
    assert told in bad.problem
    assert (bad.last_slot, bad.next_run_at) == (None, None)


def test_it_shows_what_is_wrong_before_the_time_comes():
    bad = scheduled(kind="test.gone")

    runs(START)

    bad.refresh_from_db()
    assert "test.gone" in bad.problem


def test_it_survives_an_error_that_nobody_foresaw(monkeypatch):
    bad, good = scheduled("Bad"), scheduled("Good")

    def fail_for_one(schedule: Schedule) -> bool:
        if schedule == bad:
            Schedule.objects.create(name="Good", worker=schedule.worker)
        return advance(schedule)

    advance = schedules.advance
    monkeypatch.setattr(schedules, "advance", fail_for_one)

    assert runs(START + DAY) == [1]

    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.problem.startswith("IntegrityError: ")
    assert good.last_job is not None


def test_it_catches_up_once_when_what_was_wrong_is_mended():
    schedule = scheduled(kind="test.gone")
    wrong = runs(START + DAY, START + 2 * DAY)
    Schedule.objects.update(kind="test.tidy")

    mended = runs(START + 3 * DAY, START + 3 * DAY + timedelta(minutes=1))

    schedule.refresh_from_db()
    assert (wrong, mended) == ([0, 0], [1, 0])
    assert schedule.problem == ""
    assert schedule.next_run_at == utc(2026, 11, 27, 7, 30)


def test_it_logs_a_problem_when_it_is_new_and_names_it_by_its_type(caplog):
    scheduled(payload={"room": {"name": "Jane Doe"}})

    with caplog.at_level(logging.ERROR, logger="autopilot"):
        runs(START, START + DAY, START + 2 * DAY)

    assert [record.getMessage().split(": ")[-1] for record in caplog.records] == ["ValueError"]


def test_it_forgets_a_schedule_that_was_deleted_after_it_looked():
    schedule = scheduled()
    key = schedule.pk
    schedule.delete()

    assert not schedules.attend(key)


def test_it_enqueues_one_job_for_a_slot_however_many_sweep(shared_database):
    for number in range(6):
        scheduled(f"Schedule {number}")

    with at(START + DAY):
        counts = at_once(*[schedules.run] * 4)

    assert sum(counts) == Job.objects.count() == 6
    assert Job.objects.values("unique_key").distinct().count() == 6
