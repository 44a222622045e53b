"""Workers have a row each, and operators pause and resume them: running jobs finish, or stop at their next step."""

from functools import partial

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_migrate

from autopilot import schedules, workers
from autopilot.engine import enqueue, handler, registry, statements
from autopilot.engine.context import JobContext
from autopilot.exceptions import ControlRefused
from autopilot.models import AuditEntry, Job, Worker
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.fixtures import own_registry, stranger, tenant  # noqa: F401 (fixtures)
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.engine.standing import LEASE

pytestmark = pytest.mark.django_db
DRAIN, STOP = Worker.Pause.DRAIN, Worker.Pause.STOP


@pytest.fixture
def worker() -> Worker:
    """A worker that runs."""
    return Worker.objects.create(name="test", description="Tests.")


@pytest.fixture
def operator(db) -> User:
    """A person who may pause and resume workers."""
    return person("oscar", group_of("Operator", "control_worker"))


class Long:
    """A job of three steps, in the first of which something else happens."""

    def __init__(self, meanwhile) -> None:
        self.meanwhile = meanwhile
        self.done: list[str] = []
        handler("test.long")(self.run)

    def run(self, job: JobContext) -> list[str]:
        """Do the three steps."""
        for name in ("first", "second", "third"):
            job.tx(name, partial(self.step, name))
        return self.done

    def step(self, name: str) -> None:
        """Note that a step was done."""
        self.done.append(name)
        if name == "first":
            self.meanwhile()


def fresh(row):
    """Return a row as it is now."""
    return type(row).objects.get(pk=row.pk)


def migrate() -> None:
    """Tell the app that a migration has ended."""
    config = apps.get_app_config("autopilot")
    post_migrate.send(sender=config, app_config=config, verbosity=0, interactive=False, using="default")


def test_it_has_a_row_for_every_family_after_a_migration():
    Worker.objects.all().delete()

    migrate()

    assert list(Worker.objects.values_list("name", flat=True)) == registry.workers()
    assert "sample" in registry.workers()
    assert not Worker.objects.filter(description="").exists()


def test_it_keeps_what_operators_configured_when_a_migration_comes():
    Worker.objects.update_or_create(name="sample", defaults={"concurrency": 3, "description": "Ours."})

    migrate()

    kept = Worker.objects.get(name="sample")
    assert (kept.concurrency, kept.description) == (3, "Ours.")


@pytest.mark.parametrize("mode", [DRAIN, STOP])
def test_it_records_who_paused_it_how_and_why(mode, worker, operator):
    workers.pause(worker, by=operator, reason="The portal is being moved.", mode=mode)

    paused = fresh(worker)
    assert (paused.enabled, paused.pause, paused.pause_reason) == (False, mode, "The portal is being moved.")
    assert (paused.paused_by, paused.paused_at is None) == (operator, False)
    entry = AuditEntry.objects.get(name="autopilot.worker.paused")
    assert (entry.actor, entry.subject_id) == (operator, "test")
    assert entry.data == {"reason": "The portal is being moved.", "mode": mode}


def test_it_records_who_resumed_it_and_forgets_the_pause(worker, operator):
    workers.pause(worker, by=operator, reason="Stocktaking.")

    workers.resume(worker, by=operator, reason="Go on.")

    resumed = fresh(worker)
    assert (resumed.enabled, resumed.pause, resumed.pause_reason) == (True, "", "")
    assert (resumed.paused_by, resumed.paused_at) == (None, None)
    assert AuditEntry.objects.get(name="autopilot.worker.resumed").actor == operator


def test_it_may_be_paused_harder_but_not_twice_alike(worker, operator):
    workers.pause(worker, by=operator, reason="Slowly.", mode=DRAIN)
    workers.pause(worker, by=operator, reason="At once.", mode=STOP)

    with pytest.raises(ControlRefused, match="already paused"):
        workers.pause(worker, by=operator, reason="Once more.", mode=STOP)

    assert fresh(worker).pause_reason == "At once."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"reason": " "}, "Say why"),
        ({"reason": "x", "mode": ""}, "drain"),
        ({"reason": "x", "mode": "kill"}, "drain"),
    ],
)
def test_it_is_not_paused_without_a_reason_or_a_way(options, told, worker, operator):
    with pytest.raises(ControlRefused, match=told):
        workers.pause(worker, by=operator, **options)

    assert fresh(worker).enabled


def test_it_is_not_resumed_when_it_is_not_paused(worker, operator):
    with pytest.raises(ControlRefused, match="not paused"):
        workers.resume(worker, by=operator, reason="Go on.")

    assert not AuditEntry.objects.filter(name="autopilot.worker.resumed").exists()


def test_it_obeys_only_people_who_may_control_workers(worker, operator, stranger):  # noqa: F811
    with pytest.raises(PermissionDenied):
        workers.pause(worker, by=stranger, reason="Because.")
    workers.pause(worker, by=operator, reason="Because.")
    with pytest.raises(PermissionDenied):
        workers.resume(worker, by=stranger, reason="Go on.")

    assert not fresh(worker).enabled


@pytest.mark.parametrize("reason", ["x" * 1000, "a\0b"])
def test_it_stores_any_reason_that_a_person_can_send(reason, worker, operator):
    workers.pause(worker, by=operator, reason=reason)

    assert len(fresh(worker).pause_reason) <= workers.LONGEST_REASON


@pytest.mark.parametrize("mode", [DRAIN, STOP])
def test_it_starts_nothing_while_it_is_paused_and_everything_afterwards(mode, worker, operator, tenant):  # noqa: F811
    handler("test.nothing")(lambda job: None)
    workers.pause(worker, by=operator, reason="Stocktaking.", mode=mode)
    enqueue("test.nothing", tenant_id=tenant)
    while_paused = run_jobs()
    workers.resume(worker, by=operator, reason="Go on.")

    assert (while_paused, run_jobs()) == ([], [("test.nothing", "completed")])


def test_it_leaves_other_workers_at_work(worker, operator, tenant):  # noqa: F811
    workers.pause(worker, by=operator, reason="Stocktaking.", mode=STOP)
    enqueue("sample.simple", tenant_id=tenant, subject="a thing")

    assert run_jobs() == [("sample.simple", "completed")]


def test_it_lets_running_jobs_finish_when_it_is_drained(worker, operator, tenant):  # noqa: F811
    long = Long(lambda: workers.pause(worker, by=operator, reason="Slowly.", mode=DRAIN))
    job = enqueue("test.long", tenant_id=tenant)

    assert run_job(job) == "completed"

    assert long.done == ["first", "second", "third"]


def test_it_has_running_jobs_given_back_at_their_next_step_when_it_is_stopped(worker, operator, tenant):  # noqa: F811
    long = Long(lambda: workers.pause(worker, by=operator, reason="At once.", mode=STOP))
    job = enqueue("test.long", tenant_id=tenant)

    assert run_job(job) == "given_back"

    back = fresh(job)
    assert long.done == ["first"]
    assert (back.status, back.attempt, back.crashes) == ("pending", 0, 0)
    assert job.attempts.get().outcome == "released"
    assert statements.claim("second", LEASE) is None


def test_it_goes_on_where_it_was_stopped(worker, operator, tenant):  # noqa: F811
    long = Long(lambda: workers.pause(worker, by=operator, reason="At once.", mode=STOP))
    job = enqueue("test.long", tenant_id=tenant)
    run_job(job)
    workers.resume(worker, by=operator, reason="Go on.")

    assert run_job(job) == "completed"

    assert long.done == ["first", "second", "third"]
    assert fresh(job).attempt == 1


def test_it_runs_no_more_jobs_at_once_than_its_limit(worker, tenant):  # noqa: F811
    Worker.objects.update(concurrency=2)
    handler("test.nothing")(lambda job: None)
    for _ in range(3):
        enqueue("test.nothing", tenant_id=tenant)

    claimed = [statements.claim("process", LEASE) for _ in range(3)]

    assert [job is None for job in claimed] == [False, False, True]


def test_it_gives_new_jobs_as_many_attempts_as_operators_say(worker, tenant):  # noqa: F811
    handler("test.nothing", max_attempts=5)(lambda job: None)
    before = enqueue("test.nothing", tenant_id=tenant)
    Worker.objects.update(max_attempts=2)

    assert (before.max_attempts, enqueue("test.nothing", tenant_id=tenant).max_attempts) == (5, 2)


def test_it_accepts_a_schedule_that_could_be_enqueued():
    schedules.check("sample.simple", {"subject": "a thing"})

    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("kind", "payload", "told"),
    [
        ("sample.gone", {}, "No handler is registered for the kind 'sample.gone'"),
        ("sample.simple", {}, "/subject is missing"),
        ("sample.simple", {"subject": "x", "more": 1}, "/more is no parameter"),
        ("sample.simple", ["x"], "must be an object"),
        ("sample.simple", None, "must be an object"),
    ],
)
def test_it_says_what_to_write_where_a_schedule_cannot_run(kind, payload, told):
    with pytest.raises(ValueError, match=told):
        schedules.check(kind, payload)
