"""The effects of a handler and their memo: what happened once is not done again by a later run."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from autopilot import audit, clock
from autopilot.engine import cancel, emit, faults, message
from autopilot.engine.context import JobContext
from autopilot.models import AuditEntry, Job, OutboxMessage, Step
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import Crash, again, crashed, job_of, keys, run

pytestmark = pytest.mark.django_db


def crash_at(point: str, times: int = 1) -> None:
    """Let the process die the first times it comes to a fault point."""
    left = [times]

    def hook(reached: str) -> None:
        if reached == point and left[0]:
            left[0] -= 1
            raise Crash

    faults.watch(hook)


def write(job: JobContext, name: str = "test.written") -> dict[str, int]:
    """Write to the local database."""
    audit.record(None, name, job._job)
    return {"written": AuditEntry.objects.filter(name=name).count()}


# --- tx ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["tx.before_commit", "tx.after_commit"])
def test_it_writes_once_whenever_the_process_dies(point):
    job = job_of(lambda job: job.tx("write", lambda: write(job)))
    crash_at(point)

    crashed(job)
    written_before = AuditEntry.objects.filter(name="test.written").count()
    run_jobs()

    assert written_before == (1 if point == "tx.after_commit" else 0)
    assert again(job).result == {"written": 1}
    assert AuditEntry.objects.filter(name="test.written").count() == 1


def test_it_takes_writes_back_that_raise():
    def handle(job):
        def half():
            write(job)
            raise ValueError("No.")

        job.tx("write", half)

    job, outcome = run(handle)

    assert outcome == "retry"
    assert not AuditEntry.objects.filter(name="test.written").exists()
    assert keys(job) == []


def test_it_goes_on_after_a_write_that_the_database_refused():
    def handle(job):
        first = Step.objects.filter(job=job._job)
        try:
            job.tx("twice", lambda: [first.create(**step(job)), first.create(**step(job))])
        except IntegrityError:
            return job.tx("other", lambda: "went on")

    assert run(handle)[0].result == "went on"


def step(job):
    return {"job": job._job, "generation": 9, "key": "k", "effect": "tx", "epoch": 1}


# --- call -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["call.before_call", "call.after_call", "call.after_commit"])
def test_it_calls_with_one_key_until_the_answer_is_stored(point):
    called: list[str] = []

    def handle(job):
        return job.call("post", called.append)

    job = job_of(handle)
    crash_at(point)

    crashed(job)
    run_jobs()

    assert set(called) == {f"{job.pk}:1:post"}
    assert len(called) == (2 if point == "call.after_call" else 1)
    assert again(job).status == "completed"


def test_it_gives_every_occurrence_of_a_call_its_own_key():
    called: list[str] = []

    job, _ = run(lambda job: [job.call("post", called.append) for _ in range(3)])

    assert called == [f"{job.pk}:1:post", f"{job.pk}:1:post#2", f"{job.pk}:1:post#3"]


# --- emit, now, uuid --------------------------------------------------------------------------------------------------


def test_it_leaves_a_message_once(monkeypatch):
    message("test.told")(lambda subject_id: None)

    def handle(job):
        job.emit("test.told", subject_id=job.id)
        job.tx("crash", lambda: None)
        job.emit("test.told", subject_id=job.id)

    job = job_of(handle)
    crash_at("tx.before_commit")
    crashed(job)
    run_jobs()

    messages = OutboxMessage.objects.filter(topic="test.told")
    assert [(each.job_id, each.tenant_id, each.references) for each in messages] == [
        (job.pk, job.tenant_id, {"subject_id": str(job.pk)})
    ] * 2


def test_it_fails_a_message_that_nobody_can_build():
    job, outcome = run(lambda job: job.emit("test.unknown"))

    assert outcome == "invalid"
    assert "No message is registered for the topic 'test.unknown'" in job.error


def test_it_emits_outside_a_job_in_the_callers_transaction(tenant):
    message("test.told")(lambda: None)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        emit("test.told", tenant_id=tenant)
        raise ZeroDivisionError

    assert not OutboxMessage.objects.exists()


def test_it_keeps_time_and_chance():
    seen = []

    def handle(job):
        seen.append((job.now(), job.uuid(), job.uuid(), job.now()))
        job.tx("crash", lambda: None)

    job = job_of(handle)
    crash_at("tx.before_commit")
    crashed(job)
    with clock.moved(timedelta(days=1)):
        run_jobs()

    assert len(seen) == 2
    assert seen[0] == seen[1]
    now, first, second, later = seen[0]
    assert now <= later
    assert now.tzinfo is not None
    assert isinstance(first, UUID)
    assert first != second
    assert keys(job) == ["now", "uuid", "uuid#2", "now#2", "crash"]


# --- what is read, and when -------------------------------------------------------------------------------------------


def once_crashed(function: Callable[[JobContext], object]) -> Job:
    """Return a job whose first run stored the step “first” and died; a later run does the function after that step."""

    def handle(job):
        job.tx("first", lambda: "stored")
        if job._job.epoch == 1:
            raise Crash
        return function(job)

    job = job_of(handle)
    crashed(job)
    return job


def test_it_sees_a_cancellation_at_the_next_write_after_what_it_only_repeats(olga):
    done: list[str] = []

    def cancelled_meanwhile(job):
        cancel(job.id, actor=olga, reason="Not needed.")
        job.tx("second", lambda: done.append("written"))

    job = once_crashed(cancelled_meanwhile)

    assert run_job(job) == "cancelled"
    assert (done, keys(job)) == ([], ["first"])


@pytest.mark.parametrize("effect", ["tx", "call", "once", "emit", "answer", "sleep", "now", "info", "approval"])
def test_it_does_nothing_any_more_once_another_run_owns_the_job(effect):
    """What the late run has read may be repeated; whatever would be new is not begun."""
    message("test.told")(lambda: None)
    done: list[str] = []
    effects: dict[str, Callable[[JobContext], object]] = {
        "tx": lambda job: job.tx("a", lambda: done.append("written")),
        "call": lambda job: job.call("a", done.append),
        "once": lambda job: job.once("a", lambda: done.append("called")),
        "emit": lambda job: job.emit("test.told"),
        "answer": lambda job: job.answer("a", lambda: done.append("asked")),
        "sleep": lambda job: job.sleep("a", "1h"),
        "now": lambda job: job.now(),
        "info": lambda job: job.info("a", title="Look."),
        "approval": lambda job: job.approval("a", title="Fine?", payload={}),
    }

    def overtaken(job):
        Job.objects.filter(pk=job.id).update(epoch=F("epoch") + 1)
        effects[effect](job)

    job = once_crashed(overtaken)

    assert run_job(job) == "fenced"
    assert (done, keys(job), job.checkpoints.count(), OutboxMessage.objects.count()) == ([], ["first"], 0, 0)


@pytest.mark.parametrize("effect", ["tx", "call"])
@pytest.mark.parametrize(("left", "renewed"), [(0.4, True), (0.6, False)])
def test_it_renews_a_lease_of_which_less_than_half_is_left(effect, left, renewed):
    until = clock.now() + settings.AUTOPILOT_LEASE * left

    def handle(job):
        Job.objects.filter(pk=job.id).update(lease_until=until)
        job.tx("a", lambda: lease_of(job)) if effect == "tx" else job.call("a", lambda key: lease_of(job))
        return leases.pop() > until

    leases: list[Any] = []

    def lease_of(job):
        leases.append(Job.objects.get(pk=job.id).lease_until)

    job, outcome = run(handle)

    assert (outcome, job.result) == ("completed", renewed)


# --- what is stored ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "stored"),
    [
        (None, None),
        ("a\0b", "a\ufffdb"),
        ("\ud800 half", "\ufffd half"),
        (math.nan, None),
        ([math.inf, -math.inf, 1.5], [None, None, 1.5]),
        (2**70, str(2**70)),
        (Decimal("12.50"), "12.50"),
        (datetime(2030, 1, 2, tzinfo=UTC), "2030-01-02T00:00:00+00:00"),
        ({1: "one", "b": (1, 2)}, {"1": "one", "b": [1, 2]}),
        (b"\xff", "\ufffd"),
    ],
)
@pytest.mark.parametrize("effect", ["tx", "call", "once"])
def test_it_stores_any_output_and_returns_it_as_later_runs_see_it(effect, output, stored):
    seen = []

    def handle(job):
        effects = {
            "tx": lambda: job.tx("a", lambda: output),
            "call": lambda: job.call("a", lambda key: output),
            "once": lambda: job.once("a", lambda: output),
        }
        seen.append(effects[effect]())
        if job.attempt == 1:
            raise Crash

    job = job_of(handle)
    crashed(job)
    run_jobs()

    assert seen == [stored, stored]
    assert again(job).status == "completed"


def test_it_survives_an_output_that_holds_itself():
    tangle: list[object] = [1]
    tangle.append(tangle)

    assert run(lambda job: job.tx("a", lambda: tangle))[0].result == [1, "\ufffd"]


# --- mistakes of a handler's author -----------------------------------------------------------------------------------


def test_it_numbers_the_occurrences_of_a_name():
    job, _ = run(lambda job: [job.tx("a", partial(int, n)) for n in range(3)])

    assert job.result == [0, 1, 2]
    assert keys(job) == ["a", "a#2", "a#3"]


MISTAKES: dict[str, tuple[Callable[[JobContext], object], str]] = {
    "two effects under one name": (
        lambda job: [job.tx("a", lambda: 1), job.call("a", lambda key: 2)],
        "The step 'a' of test.handler is a tx here and a call there",
    ),
    "a name with a number sign": (lambda job: job.tx("a#2", lambda: 1), "'a#2' is no name of a step"),
    "an empty name": (lambda job: job.tx("", lambda: 1), "'' is no name of a step"),
    "an endless name": (lambda job: job.tx("a" * 101, lambda: 1), "is no name of a step: 1 to 100 characters"),
    "a step inside a step": (
        lambda job: job.tx("outer", lambda: job.tx("inner", lambda: 1)),
        "The step 'inner' begins inside the step 'outer'",
    ),
    "a step inside a call": (
        lambda job: job.call("outer", lambda key: job.uuid()),
        "'uuid' begins inside the step 'outer'",
    ),
    "a wait inside a step": (lambda job: job.tx("outer", lambda: job.sleep("nap", "1h")), "'nap' begins inside"),
    "a step inside a question": (
        lambda job: job.answer("ask", lambda: job.now()),
        "'now' begins inside the step 'ask'",
    ),
    "a length of time that is none": (lambda job: job.sleep("nap", "soon"), "'soon' is no length of time"),
    "an unknown group": (
        lambda job: job.approval("a", title="Fine?", payload={}, reviewers=("Nobody", "Nowhere")),
        "There is no group of reviewers named Nobody, Nowhere",
    ),
    "an unknown form": (
        lambda job: job.approval("a", title="Fine?", payload={}, form="test.unknown"),
        "No review form is registered as 'test.unknown'",
    ),
    "a quorum of nobody": (lambda job: job.approval("a", title="Fine?", payload={}, quorum=0), "A quorum of 0 people"),
    "an unknown end": (
        lambda job: job.approval("a", title="Fine?", payload={}, on_expiry="explode"),
        "on_expiry is 'explode'; it must be fail, cancel, resume",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_it_fails_at_once_and_says_what_is_wrong_with(name):
    handle, message = MISTAKES[name]

    job, outcome = run(handle)

    assert (outcome, job.status, job.reason, job.attempt) == ("invalid", "failed", "invalid", 1)
    assert message in job.error


@pytest.mark.parametrize("effect", ["tx", "call", "once", "now"])
def test_it_begins_no_step_inside_a_transaction_of_the_handler(effect):
    """An intent or a memo in there would vanish with it, after the world has changed."""
    called = []

    def handle(job):
        with transaction.atomic():
            effects = {
                "tx": lambda: job.tx("a", lambda: called.append(1)),
                "call": lambda: job.call("a", called.append),
                "once": lambda: job.once("a", lambda: called.append(1)),
                "now": job.now,
            }
            effects[effect]()

    job, outcome = run(handle)

    assert outcome == "invalid"
    assert "inside a database transaction" in job.error
    assert called == []


def test_it_refuses_a_stored_step_that_has_another_effect_now():
    effects = ["tx", "call"]

    def handle(job):
        if effects.pop(0) == "tx":
            job.tx("a", lambda: 1)
            raise Crash
        job.call("a", lambda key: 2)

    job = job_of(handle)
    crashed(job)

    assert run_job(job) == "invalid"
    assert "The step 'a' of test.handler was a tx and is now a call" in again(job).error


def test_it_notes_which_version_of_the_handler_stored_a_step():
    job = job_of(lambda job: job.tx("a", lambda: 1), version=7)

    run_job(job)

    assert Step.objects.get().handler_version == 7
    assert again(job).handler_version == 7
