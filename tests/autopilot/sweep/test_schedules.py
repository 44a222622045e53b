"""The duty that enqueues what the calendar says."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from autopilot import clock, workers
from autopilot.engine import handler
from autopilot.models import Job, Schedule, Worker
from autopilot.sweep import schedules
from autopilot.tenants import NETWORK
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.standing import nothing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_schedules")]

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> timedelta:
    """Return by how much to move the clock so that it shows a wall-clock time in New York."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) - clock.now()


def schedule(name: str = "daily", cron: str = "30 2 * * *", created: str = "2030-01-01 12:00", **fields) -> Schedule:
    """Return a stored schedule of a kind that does nothing, created at a wall-clock time in New York."""
    handler("test.nothing")(nothing)
    worker, _ = Worker.objects.get_or_create(name="test")
    created_at = datetime.fromisoformat(created).replace(tzinfo=NEW_YORK)
    facts = {"kind": "test.nothing", "time_zone": "America/New_York", "worker": worker, "created_at": created_at}
    return Schedule.objects.create(name=name, cron=cron, **facts | fields)


def days(*moments: str) -> list[str]:
    """Run the duty at each moment; returns the slots it enqueued, as New York's clocks show them."""
    for moment in moments:
        with clock.moved(at(moment)):
            schedules.run()
    slots = [datetime.fromisoformat(key.partition(":")[2].partition(":")[2]) for key in _keys()]
    return [slot.astimezone(NEW_YORK).strftime("%m-%d %H:%M") for slot in slots]


def _keys() -> list[str]:
    return list(Job.objects.order_by("created_at").values_list("unique_key", flat=True))


def test_it_enqueues_a_job_when_its_time_has_come():
    daily = schedule(payload={})

    with clock.moved(at("2030-01-02 02:29")):
        assert schedules.run() == 0
    with clock.moved(at("2030-01-02 02:31")):
        assert [schedules.run(), schedules.run()] == [1, 0]

    job = Job.objects.get()
    daily.refresh_from_db()
    assert (job.kind, job.tenant_id, job.requester_label) == ("test.nothing", NETWORK, "schedule daily")
    assert (daily.last_job, daily.problem) == (job, "")
    assert daily.last_slot == datetime(2030, 1, 2, 7, 30, tzinfo=UTC)
    assert daily.next_run_at == datetime(2030, 1, 3, 7, 30, tzinfo=UTC)
    assert daily.last_run_at >= daily.last_slot


def test_it_hands_the_payload_to_the_job():
    schedule(kind="sample.simple", payload={"subject": "every day"})

    days("2030-01-02 03:00")

    assert Job.objects.get().payload == {"subject": "every day"}


def test_it_runs_once_on_every_date_across_the_changes_of_the_clock():
    schedule(created="2030-03-09 12:00")

    assert days("2030-03-10 12:00", "2030-03-11 12:00") == ["03-10 03:00", "03-11 02:30"]


def test_it_runs_once_in_the_hour_that_autumn_repeats():
    schedule(cron="30 1 * * *", created="2030-11-02 12:00")

    assert days("2030-11-03 01:45", "2030-11-03 12:00", "2030-11-04 12:00") == ["11-03 01:30", "11-04 01:30"]


def test_it_keeps_to_the_end_of_the_month():
    schedule(cron="0 6 L * *", created="2030-01-15 12:00")

    assert days("2030-01-31 12:00", "2030-02-28 12:00", "2030-03-31 12:00") == [
        "01-31 06:00",
        "02-28 06:00",
        "03-31 06:00",
    ]


def test_it_catches_up_once_with_all_that_was_missed():
    schedule(cron="*/10 * * * *")

    assert days("2030-01-05 09:57", "2030-01-05 09:58", "2030-01-05 10:01") == ["01-05 09:50", "01-05 10:00"]


def test_it_runs_nothing_that_is_switched_off_or_whose_worker_is_paused(olga):
    schedule("off", enabled=False)
    paused = schedule("paused")
    workers.pause(paused.worker, by=olga, reason="Maintenance.")
    assert days("2030-01-02 12:00") == []

    workers.resume(Worker.objects.get(name="test"), by=olga, reason="Go on.")

    assert days("2030-01-03 12:00") == ["01-03 02:30"]


BAD: dict[str, dict[str, Any]] = {
    "an unknown kind": {"kind": "test.unknown"},
    "a payload that does not fit": {"payload": {"colour": "red"}},
    "a payload that is no object": {"payload": [1]},
    "a payload that names an option of the queue": {"payload": {"tenant_id": "x"}},
    "a priority that is none": {"payload": {"priority": 99}},
    "an unreadable time": {"cron": "every day"},
    "a time that never comes": {"cron": "0 0 31 2 *"},
    "an unknown zone": {"time_zone": "Mars/Olympus"},
}


@pytest.mark.parametrize("name", BAD)
def test_it_lets_no_bad_schedule_stop_another(name):
    schedule("a first good one")
    bad = schedule("bad", **BAD[name])
    schedule("z last good one")

    assert days("2030-01-02 12:00") == ["01-02 02:30"] * 2

    bad.refresh_from_db()
    assert bad.problem


def test_it_forgets_the_problem_of_a_schedule_that_was_mended():
    bad = schedule(kind="test.unknown")
    days("2030-01-02 12:00")

    Schedule.objects.update(kind="test.nothing")
    days("2030-01-02 12:01")

    bad.refresh_from_db()
    assert (bad.problem, Job.objects.count()) == ("", 1)


def test_two_at_once_enqueue_a_slot_once(shared_database):
    Schedule.objects.all().delete()
    for number in range(5):
        schedule(f"number {number}")

    with clock.moved(at("2030-01-02 12:00")):
        counts = at_once(schedules.run, schedules.run)

    assert sum(counts) == Job.objects.count() == 5
