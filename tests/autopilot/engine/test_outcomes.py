"""How an attempt ends: what a handler raises, what it swallows, and what the engine makes of it."""

import logging
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError

from autopilot import clock
from autopilot.engine import executor, handler, statements
from autopilot.engine.retry import RetryPolicy
from autopilot.engine.signals import CancelSeen, GivenBack, LeaseLost, Suspended
from autopilot.exceptions import ApprovalExpired, HandlerMistake, Invalid, Rejected, Retryable, Snooze, Uncertain
from autopilot.models import Attempt, Job, Worker
from autopilot.testing import claim, run_job
from tests.autopilot.engine.runs import again, job_of, run
from tests.autopilot.engine.standing import LEASE, last_event

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def raising(error):
    def handle(job):
        raise error

    return handle


def test_it_completes_with_what_the_handler_returned():
    job, outcome = run(lambda job: {"n": 1})

    assert (outcome, job.status, job.reason, job.result) == ("completed", "completed", "done", {"n": 1})
    assert job.attempts.get().outcome == "completed"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Rejected("No."), "rejected"),
        (Invalid("Never."), "invalid"),
        (HandlerMistake("Mend it."), "invalid"),
        (ApprovalExpired(), "expired"),
    ],
)
def test_it_never_retries_what_is_final(error, reason):
    job, outcome = run(raising(error))

    assert (outcome, job.status, job.reason, job.attempt) == (reason, "failed", reason, 1)
    assert job.error == f"{type(error).__name__}: {error}"
    assert job.attempts.get().outcome == "failed"
    assert "Traceback" in job.attempts.get().error


@pytest.mark.parametrize("error", [Retryable("Busy."), ValueError("Odd."), Uncertain(), OSError(5, "Broken")])
def test_it_tries_again_later_what_may_work(error):
    before = clock.now()

    job, outcome = run(raising(error))

    event = last_event(job)
    assert (outcome, job.status, job.attempt) == ("retry", "pending", 1)
    assert before + timedelta(seconds=5) <= job.scheduled_for <= clock.now() + timedelta(seconds=10)
    assert job.error.startswith(type(error).__name__)
    assert job.attempts.get().outcome == "retried"
    assert 5 <= event.detail["delay_seconds"] <= 10


def test_it_waits_at_least_as_long_as_the_other_side_says():
    before = clock.now()

    job, _ = run(raising(Retryable("Busy.", after=timedelta(hours=3))))

    assert job.scheduled_for >= before + timedelta(hours=3)


def test_it_waits_longer_after_each_failure_as_the_operator_configured():
    Worker.objects.create(name="test", retry_base_seconds=100, retry_cap_seconds=150)
    job = job_of(raising(ValueError("Odd.")), max_attempts=9)
    delays = []

    for _ in range(3):
        run_job(job)
        delays.append(last_event(again(job)).detail["delay_seconds"])
        Job.objects.update(scheduled_for=job.created_at, rank=job.created_at)

    assert 50 <= delays[0] <= 100
    assert all(75 <= delay <= 150 for delay in delays[1:])
    assert RetryPolicy().base == timedelta(seconds=10)


def test_it_fails_when_the_attempts_are_used_up():
    job = job_of(raising(ValueError("Odd.")), max_attempts=3)
    outcomes = []

    for _ in range(3):
        outcomes.append(run_job(job))
        Job.objects.update(scheduled_for=job.created_at, rank=job.created_at)

    job = again(job)
    assert outcomes == ["retry", "retry", "attempts_exhausted"]
    assert (job.status, job.reason, job.attempt) == ("failed", "attempts_exhausted", 3)
    assert list(job.attempts.values_list("number", "outcome")) == [(1, "retried"), (2, "retried"), (3, "failed")]


def test_it_does_not_count_a_snooze():
    job = job_of(raising(Snooze(MINUTE)), max_attempts=1)
    before = clock.now()

    for _ in range(5):
        assert run_job(job) == "snoozed"
        assert again(job).scheduled_for >= before + MINUTE
        Job.objects.update(scheduled_for=job.created_at, rank=job.created_at)

    job = again(job)
    assert (job.status, job.attempt, job.snoozes) == ("pending", 0, 5)
    assert set(job.attempts.values_list("outcome", flat=True)) == {"snoozed"}


def test_it_leaves_an_unknown_kind_to_a_process_that_knows_it():
    job = job_of(lambda job: None)
    Job.objects.update(kind="test.of_the_future")

    assert run_job(job) == "snoozed"
    assert again(job).scheduled_for > clock.now() + timedelta(seconds=50)
    assert again(job).attempt == 0


def test_it_fails_for_good_when_a_stored_payload_does_not_fit_the_code():
    job = job_of(lambda job: None)
    Job.objects.update(payload={"unknown": 1})

    assert run_job(job) == "invalid"
    assert "/unknown is no parameter" in again(job).error


def test_it_stores_errors_that_no_database_holds_as_they_are():
    job, _ = run(raising(ValueError("\0 \ud800" + "x" * 9000)))

    assert job.error.startswith("ValueError: \ufffd \ufffdxxx")
    assert len(job.error) == executor.LONGEST_ERROR
    assert len(job.attempts.get().error) == executor.LONGEST_ERROR


class Unspeakable(Exception):
    """An error that cannot even be told."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def test_it_settles_an_error_that_cannot_be_told():
    job, outcome = run(raising(Unspeakable()))

    assert (outcome, job.error) == ("retry", "Unspeakable: <Unspeakable>")


# --- what a handler must let pass -------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["return", "raise"])
def test_it_catches_a_handler_that_swallows_a_suspension(end, reviewers, caplog):
    def handle(job):
        try:
            job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")
        except BaseException as error:
            if end == "raise":
                raise ValueError("Odd.") from error
        return {"done": True}

    with caplog.at_level(logging.ERROR):
        job, outcome = run(handle)

    assert (outcome, job.status, job.result) == ("swallowed", "waiting", None)
    assert job.error == "The handler swallowed Suspended: it must let BaseException pass."
    assert "the handler of test.handler swallowed Suspended" in caplog.text


def test_it_does_nothing_more_for_a_handler_that_swallowed_a_suspension(reviewers):
    done = []

    def handle(job):
        try:
            job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")
        except BaseException:
            job.tx("after", lambda: done.append(1))

    job, outcome = run(handle)

    assert (outcome, job.status, done) == ("fenced", "waiting", [])


@pytest.mark.parametrize(
    ("signal", "status", "prepare"),
    [
        (CancelSeen, "cancelled", {"cancel_requested_at": clock.now()}),
        (LeaseLost, "running", {"lease_until": clock.now() - MINUTE}),
    ],
)
def test_it_does_not_complete_a_job_whose_handler_swallowed(signal, status, prepare):
    def handle(job):
        Job.objects.filter(pk=job.id).update(**prepare)
        try:
            job.tx("write", lambda: None)
        except signal:
            return "all done"

    job, outcome = run(handle)

    assert (outcome, job.status, job.result) == ("swallowed", status, None)


def test_it_gives_a_job_back_whose_handler_swallowed_that_it_must_stop():
    def handle(job):
        try:
            job.tx("write", lambda: None)
        except GivenBack:
            return "all done"

    job = job_of(handle)

    assert executor.perform(claim(job), lambda: True) == "swallowed"
    assert (again(job).status, again(job).result) == ("pending", None)


def test_none_of_the_signals_is_an_exception():
    assert not [signal for signal in (CancelSeen, GivenBack, LeaseLost, Suspended) if issubclass(signal, Exception)]


# --- ends that are not the handler's ----------------------------------------------------------------------------------


def test_it_gives_back_at_the_next_step_what_it_is_to_stop():
    job = job_of(lambda job: [job.tx("a", lambda: 1), job.tx("b", lambda: 2)], max_attempts=1)
    steps = iter([False, True])

    assert executor.perform(claim(job), lambda: next(steps)) == "given_back"

    job = again(job)
    assert (job.status, job.attempt, job.lease_owner) == ("pending", 0, "")
    assert list(job.steps.values_list("key", flat=True)) == ["a"]
    assert job.attempts.get().outcome == "released"
    assert run_job(job) == "completed"


@pytest.mark.parametrize(("pause", "outcome"), [("stop", "given_back"), ("drain", "completed")])
def test_it_gives_back_what_a_stopped_worker_runs(pause, outcome):
    def handle(job):
        Worker.objects.create(name="test", enabled=False, pause=pause)
        job.tx("a", lambda: 1)

    assert run(handle)[1] == outcome


def test_it_gives_back_and_passes_on_an_interrupt():
    job = job_of(raising(KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        run_job(job)

    assert (again(job).status, again(job).attempt) == ("pending", 0)


def test_it_counts_an_attempt_that_ends_its_process():
    """Else a handler that calls sys.exit would end one process after the other, for ever."""
    job = job_of(raising(SystemExit(3)), max_attempts=2)

    for _ in range(2):
        with pytest.raises(SystemExit):
            run_job(job)
        Job.objects.update(scheduled_for=job.created_at, rank=job.created_at)

    assert (again(job).status, again(job).reason, again(job).error) == ("failed", "attempts_exhausted", "SystemExit: 3")


@pytest.mark.parametrize(
    "error",
    [ValueError("Odd."), Invalid("No."), Snooze(MINUTE), KeyboardInterrupt()],
    ids=lambda error: repr(error)[:9],
)
def test_it_changes_nothing_of_a_job_that_another_run_owns(error):
    def handle(job):
        Job.objects.filter(pk=job.id).update(epoch=9)
        Attempt.objects.filter(job=job.id).update(epoch=9)
        raise error

    job = job_of(handle)
    with suppress(KeyboardInterrupt):
        assert run_job(job) == "fenced"

    job = again(job)
    assert (job.status, job.epoch, job.error, job.event_seq) == ("running", 9, "", 2)
    assert job.attempts.get().outcome == "running"


def test_it_passes_on_that_the_database_is_away(monkeypatch):
    def away(*arguments):
        raise OperationalError("The server closed the connection.")

    job = claim(job_of(lambda job: None))
    monkeypatch.setattr(statements, "settle_together", away)

    with pytest.raises(OperationalError):
        executor.perform(job, lambda: False)

    assert again(job).status == "running"


# --- grouping ---------------------------------------------------------------------------------------------------------


def fingerprint_of(function) -> str:
    Job.objects.all().delete()
    return run(function)[0].error_fingerprint


def failing_with(text):
    def handle(job):
        raise ValueError(text)

    return handle


def failing_elsewhere(job):
    raise ValueError("No place for 7.")


def test_it_groups_failures_of_one_cause():
    first = fingerprint_of(failing_with("No place for 7."))

    assert first == fingerprint_of(failing_with("No place for 93."))
    assert first == fingerprint_of(failing_with("no place for 0190f0a1-7c3e-7b52-9d1e-3f6c2a8b4d10."))


def test_it_keeps_failures_of_different_causes_apart():
    fingerprints = {
        fingerprint_of(failing_with("No place for 7.")),
        fingerprint_of(failing_with("No time for 7.")),
        fingerprint_of(failing_elsewhere),
        fingerprint_of(raising(TypeError("No place for 7."))),
    }

    assert len(fingerprints) == 4
    assert executor.fingerprint("a.b", ValueError("x")) != executor.fingerprint("a.c", ValueError("x"))


def test_it_groups_nothing_that_completed():
    job = job_of(failing_with("Odd."))
    run_job(job)
    Job.objects.update(scheduled_for=job.created_at, rank=job.created_at, kind="test.mended")
    handler("test.mended")(lambda job: None)
    claimed = statements.claim("test", LEASE)
    assert claimed is not None

    executor.perform(claimed, lambda: False)

    assert (again(job).status, again(job).error, again(job).error_fingerprint) == ("completed", "", "")
