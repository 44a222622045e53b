"""A job that failed or was cancelled goes on: where it stopped, from one of its steps, or from the beginning."""

import pytest

from autopilot.engine import Requeue, cancel, decide, effects_done, enqueue, message, requeue
from autopilot.exceptions import ControlRefused, Invalid
from autopilot.models import AuditEntry, Job, Step
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import KIND, again, job_of, run
from tests.autopilot.engine.standing import last_event, new, standing

pytestmark = pytest.mark.django_db


class World:
    """What the steps of a job did, in their order, and whether its last one still fails."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.broken = True

    def handle(self, job):
        """Do three effects and fail until the world is mended."""
        self.step(job.tx, "first")
        job.call("second", self.done.append)
        self.step(job.once, "third")
        job.tx("last", self.fail)
        return "done"

    def step(self, effect, name) -> None:
        effect(name, lambda: self.done.append(name))

    def fail(self) -> None:
        """Fail for good while the world is broken."""
        if self.broken:
            raise Invalid("It is broken.")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def failed(world, alice) -> Job:
    """A job that failed at its last step, and would not now."""
    job, outcome = run(world.handle, requested_by=alice)
    assert outcome == "invalid"
    world.broken = False
    return job


def test_it_resumes_with_everything_that_is_stored(failed, world, olga):
    requeue(failed.pk, actor=olga, reason="Mended.")
    run_jobs()

    job = again(failed)
    assert (job.status, job.result, job.generation) == ("completed", "done", 1)
    assert world.done == ["first", f"{job.pk}:1:second", "third"]


def test_it_goes_on_from_a_step(failed, world, olga):
    requeue(failed.pk, actor=olga, reason="Mended.", mode=Requeue.FROM_STEP, step="second")
    run_jobs()

    job = again(failed)
    assert (job.status, job.generation) == ("completed", 2)
    assert world.done == ["first", f"{job.pk}:1:second", "third", f"{job.pk}:2:second", "third"]
    assert list(Step.objects.filter(job=job, generation=2).values_list("key", "inherited")) == [
        ("first", True),
        ("second", False),
        ("third", False),
        ("last", False),
    ]


def test_it_restarts_from_the_beginning_and_leaves_the_old_steps_to_be_read(failed, world, olga):
    requeue(failed.pk, actor=olga, reason="Again.", mode=Requeue.RESTART)
    run_jobs()

    assert world.done.count("first") == world.done.count("third") == 2
    assert Step.objects.filter(job=failed, generation=1).count() == 3
    assert Step.objects.filter(job=failed, generation=2).count() == 4


def test_it_begins_with_fresh_counts_and_tells_who_and_why(failed, olga):
    Job.objects.filter(pk=failed.pk).update(attempt=9, crashes=9, snoozes=9)

    requeue(failed.pk, actor=olga, reason="Mended.", mode=Requeue.FROM_STEP, step="third")

    job = again(failed)
    event = last_event(job)
    assert (job.status, job.attempt, job.crashes, job.snoozes) == ("pending", 0, 0, 0)
    assert (job.reason, job.error, job.finished_at, job.purge_after) == ("", "", None, None)
    assert (event.why, event.actor) == ("requeue", "olga")
    assert event.detail == {"reason": "Mended.", "mode": "from_step", "step": "third", "generation": 2}
    assert AuditEntry.objects.get(name="autopilot.job.requeued").data == {"reason": "Mended.", "mode": "from_step"}


@pytest.mark.parametrize("status", ["pending", "running", "waiting", "completed", "skipped", "blocked"])
def test_it_refuses_what_did_not_fail(status, olga):
    with pytest.raises(ControlRefused, match=f"this one is {status}"):
        requeue(standing(status).pk, actor=olga, reason="Again.")


def test_it_wants_a_reason(failed, olga):
    with pytest.raises(ControlRefused, match="Say why"):
        requeue(failed.pk, actor=olga, reason="  ")


def test_it_names_the_steps_when_one_is_unknown(failed, olga):
    with pytest.raises(ControlRefused, match=r"no step 'fourth'\. It has: first, second, third"):
        requeue(failed.pk, actor=olga, reason="Again.", mode=Requeue.FROM_STEP, step="fourth")

    assert again(failed).status == "failed"
    assert Step.objects.filter(job=failed).count() == 3


def test_it_refuses_to_double_a_live_job(world, olga, tenant):
    job, _ = run(world.handle, unique_key="k")
    twin = enqueue(KIND, tenant_id=job.tenant_id, unique_key="k")

    with pytest.raises(ControlRefused, match="Another live job does this already"):
        requeue(job.pk, actor=olga, reason="Again.")

    assert (again(job).status, again(twin).status) == ("failed", "pending")
    assert not AuditEntry.objects.exists()


def test_it_runs_a_cancelled_job_again(olga):
    job = new()
    cancel(job.pk, actor=olga, reason="Not needed.")

    requeue(job.pk, actor=olga, reason="Needed after all.")

    assert again(job).cancel_requested_at is None
    assert run_jobs() == [("test.nothing", "completed")]


def test_it_forgets_by_when_the_job_had_to_start(olga):
    job = standing("failed", start_by=new().created_at)

    requeue(job.pk, actor=olga, reason="Start it now.")

    assert again(job).start_by is None


# --- checkpoints ------------------------------------------------------------------------------------------------------


def reviewed(world):
    def handle(job):
        job.tx("before", lambda: world.done.append("before"))
        job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")
        job.tx("after", lambda: world.done.append("after"))
        job.tx("last", world.fail)

    return handle


def approve(job, by) -> None:
    decide(job.checkpoints.get(status="pending").pk, actor=by, verdict="approve", version=1)


@pytest.fixture
def approved_and_failed(world, alice, bob) -> Job:
    """A job that was approved, went on and failed."""
    job, _ = run(reviewed(world), requested_by=alice)
    approve(job, bob)
    run_jobs()
    world.broken = False
    return again(job)


def test_it_inherits_an_approval_that_came_before_the_step(approved_and_failed, world, olga, bob):
    requeue(approved_and_failed.pk, actor=olga, reason="Mended.", mode=Requeue.FROM_STEP, step="after")
    run_jobs()

    old, new_one = approved_and_failed.checkpoints.order_by("generation")
    assert again(approved_and_failed).status == "completed"
    assert world.done == ["before", "after", "after"]
    assert (new_one.status, new_one.inherited_from, new_one.generation) == ("approved", old, 2)
    assert new_one.outcome["by"] == bob.pk
    assert [group.name for group in new_one.reviewers.all()] == ["Reviewer"]
    assert not new_one.decisions.exists()


@pytest.mark.parametrize(("mode", "step"), [(Requeue.FROM_STEP, "before"), (Requeue.RESTART, "")])
def test_it_asks_again_when_it_begins_before_the_approval(approved_and_failed, olga, mode, step):
    requeue(approved_and_failed.pk, actor=olga, reason="Mended.", mode=mode, step=step)
    run_jobs()

    assert again(approved_and_failed).status == "waiting"
    assert approved_and_failed.checkpoints.get(generation=2).status == "pending"


def test_it_takes_no_decision_on_a_checkpoint_of_an_earlier_generation(approved_and_failed, olga, carol):
    requeue(approved_and_failed.pk, actor=olga, reason="Mended.", mode=Requeue.RESTART)
    run_jobs()

    assert not approved_and_failed.checkpoints.filter(generation=1, status="pending").exists()


@pytest.mark.parametrize("end", ["reject", "cancel"])
def test_it_refuses_to_resume_after_a_checkpoint_that_ended_without_approval(world, alice, bob, olga, end):
    job, _ = run(reviewed(world), requested_by=alice)
    if end == "reject":
        decide(job.checkpoints.get().pk, actor=bob, verdict="reject", version=1, comment="No.")
        run_jobs()
    else:
        cancel(job.pk, actor=olga, reason="Not needed.")

    with pytest.raises(ControlRefused, match="restart it to ask again"):
        requeue(job.pk, actor=olga, reason="Again.")

    requeue(job.pk, actor=olga, reason="Again.", mode=Requeue.RESTART)
    run_jobs()
    assert job.checkpoints.get(generation=2).status == "pending"


def test_it_keeps_an_answer_about_a_doubtful_call_out_of_the_next_generation(world, olga, alice):
    """“It did not happen” was said about the first generation's call, not about one to come."""
    calls: list[int] = []

    def handle(job):
        job.once("submit", lambda: _broken(calls))
        job.tx("last", world.fail)

    job = job_of(handle, requested_by=alice)
    run_job(job)
    decide(job.checkpoints.get().pk, actor=olga, verdict="not_happened", version=1)
    run_jobs()
    world.broken = False
    requeue(job.pk, actor=olga, reason="Again.", mode=Requeue.RESTART)
    run_jobs()

    assert len(calls) == 3
    assert job.checkpoints.get(generation=2).status == "pending"


def _broken(calls: list[int]) -> dict[str, str]:
    calls.append(1)
    if len(calls) != 2:
        raise ConnectionResetError("The connection broke.")
    return {"number": "A-1"}


def test_it_lists_the_effects_that_a_requeue_might_repeat(world):
    message("test.told")(lambda: None)

    def handle(job):
        job.emit("test.told")
        world.handle(job)

    job, _ = run(handle)

    assert [(step.key, step.effect) for step in effects_done(job)] == [
        ("emit:test.told", "emit"),
        ("second", "call"),
        ("third", "once"),
    ]


def test_it_lists_an_effect_of_which_nobody_knows(world):
    def broken():
        raise ConnectionResetError("The connection broke.")

    job, _ = run(lambda job: job.once("submit", broken))

    assert [(step.key, step.state) for step in effects_done(job)] == [("submit", "started")]
