"""People run, pause and enable schedules: with a reason, once for two presses, and without moving their times."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from autopilot import clock, schedules, sweep, workers
from autopilot.engine import JobContext, handler
from autopilot.exceptions import ControlRefused
from autopilot.models import AuditEntry, Job, Schedule, Worker
from autopilot.testing import run_jobs
from tests.autopilot.engine.fixtures import own_registry, stranger, tenant  # noqa: F401 (fixtures)
from tests.autopilot.engine.people import group_of, person

pytestmark = pytest.mark.django_db
DEEDS = [schedules.run_now, schedules.pause, schedules.enable]


@pytest.fixture
def operator(db) -> User:
    """A person who may control workers."""
    return person("oscar", group_of("Operator", "control_worker"))


def say(job: JobContext, subject: str = "") -> dict[str, str]:
    """Say something."""
    return {"said": subject}


@pytest.fixture
def worker(own_registry) -> Worker:  # noqa: F811
    """A worker of one kind, whose row nothing else has touched."""
    handler("test.say")(say)
    return Worker.objects.get_or_create(name="test")[0]


@pytest.fixture
def schedule(worker) -> Schedule:
    """A schedule that comes once a year."""
    return made(worker, "yearly")


def made(worker, name, **fields) -> Schedule:
    """Return a schedule of the worker."""
    chosen = {"kind": "test.say", "payload": {"subject": name}, "cron": "0 6 1 1 *"} | fields
    return Schedule.objects.create(name=name, worker=worker, **chosen)


def entry(name) -> AuditEntry:
    """Return the one deed of a name."""
    return AuditEntry.objects.get(name=f"autopilot.{name}")


def test_it_runs_now_with_its_payload_and_says_who_and_why(schedule, operator):
    job = schedules.run_now(schedule, by=operator, reason="The list came late.")

    schedule.refresh_from_db()
    assert (job.payload, job.requested_by) == ({"subject": "yearly"}, operator)
    assert (schedule.last_job, schedule.last_slot) == (job, None)
    assert entry("schedule.run").data == {"reason": "The list came late.", "job_id": str(job.pk)}
    assert run_jobs() == [("test.say", "completed")]


def test_it_runs_once_for_two_presses(schedule, operator):
    schedules.run_now(schedule, by=operator, reason="Now.")

    with pytest.raises(ControlRefused, match="not finished"):
        schedules.run_now(schedule, by=operator, reason="Now.")
    run_jobs()
    with pytest.raises(ControlRefused, match="a moment ago"):
        schedules.run_now(schedule, by=operator, reason="Now.")
    with clock.moved(schedules.AGAIN_AFTER + timedelta(seconds=1)):
        schedules.run_now(schedule, by=operator, reason="Once more.")

    assert Job.objects.count() == 2


def test_it_keeps_its_own_times(worker, operator):
    schedule = made(worker, "by the minute", cron="* * * * *")
    schedules.run_now(schedule, by=operator, reason="Now.")
    run_jobs()

    with clock.moved(timedelta(minutes=2)):
        sweep.run({"schedules": sweep.DUTIES["schedules"]})

    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "test.gone"}, "test.gone"),
        ({"payload": [1]}, "object"),
        ({"payload": {"subject": 3}}, "subject"),
        ({"payload": {"tenant_id": "x"}}, "tenant_id"),
    ],
)
def test_it_says_why_it_cannot_run_now(worker, operator, fields, told):
    schedule = made(worker, "bad", **fields)

    with pytest.raises(ControlRefused, match=told):
        schedules.run_now(schedule, by=operator, reason="Now.")

    assert not Job.objects.exists()


def test_it_pauses_and_enables_and_catches_up_once(worker, operator):
    schedule = made(worker, "by the minute", cron="* * * * *")
    duties = {"schedules": sweep.DUTIES["schedules"]}
    schedules.pause(schedule, by=operator, reason="Stocktaking.")

    with clock.moved(timedelta(minutes=5)):
        sweep.run(duties)
        assert not Job.objects.exists()
        schedules.enable(schedule, by=operator, reason="Done.")
        sweep.run(duties)

    assert Job.objects.count() == 1
    assert entry("schedule.paused").data["reason"] == "Stocktaking."
    assert entry("schedule.enabled").actor == operator


def test_it_is_not_paused_or_enabled_twice(schedule, operator):
    with pytest.raises(ControlRefused, match="already enabled"):
        schedules.enable(schedule, by=operator, reason="x")
    schedules.pause(schedule, by=operator, reason="x")
    with pytest.raises(ControlRefused, match="already paused"):
        schedules.pause(schedule, by=operator, reason="x")

    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("deed", DEEDS)
def test_it_asks_for_a_reason(deed, schedule, operator):
    with pytest.raises(ControlRefused, match="Say why"):
        deed(schedule, by=operator, reason=" ")

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_it_obeys_only_people_who_may_control_workers(deed, schedule, stranger):  # noqa: F811
    with pytest.raises(PermissionDenied):
        deed(schedule, by=stranger, reason="x")

    assert not Job.objects.exists()


def test_a_worker_runs_its_enabled_schedules(worker, operator):
    made(worker, "one")
    made(worker, "broken", payload=[1])
    made(worker, "off", enabled=False)

    jobs = workers.run_now(worker, by=operator, reason="Month’s end.")

    assert [job.payload for job in jobs] == [{"subject": "one"}]
    assert AuditEntry.objects.filter(name="autopilot.schedule.run").count() == 1


def test_a_worker_without_schedules_says_so(worker, operator):
    with pytest.raises(ControlRefused, match="no schedule to run"):
        workers.run_now(worker, by=operator, reason="Now.")


def test_a_worker_says_why_none_of_its_schedules_runs(worker, operator):
    made(worker, "broken", payload=[1])

    with pytest.raises(ControlRefused, match="broken: It cannot run"):
        workers.run_now(worker, by=operator, reason="Now.")


def test_it_tells_its_next_times():
    assert [str(slot) for slot in schedules.upcoming("0 0 1 1 *", "UTC", 2)][1].endswith("-01-01 00:00:00+00:00")
    with pytest.raises(ValueError, match="cannot be read"):
        schedules.upcoming("99 * * * *", "UTC", 1)
