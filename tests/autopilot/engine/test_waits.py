"""Waiting for a time and for an answer from outside: a row, not a thread."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import answer_arrived, faults
from autopilot.exceptions import Invalid, Retryable, Snooze, Uncertain
from autopilot.models import Job, Step
from autopilot.sweep import timers
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import Crash, again, crashed, job_of, keys, run
from tests.autopilot.engine.standing import standing

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def asking(answers, **options):
    """Return a handler that asks an outside, which gives these answers one after the other."""

    def ask():
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return lambda job: job.answer("decision", ask, **options)


# --- sleep ------------------------------------------------------------------------------------------------------------


def test_it_sleeps_without_a_process_and_goes_on():
    job, outcome = run(lambda job: job.sleep("nap", "1h"))
    assert (outcome, job.status, job.wait_reason) == ("suspended", "waiting", "timer")
    assert (job.lease_owner, job.lease_until, job.deadline) == ("", None, None)

    with clock.moved(HOUR - timedelta(seconds=5)):
        assert run_jobs() == []
    with clock.moved(HOUR):
        assert run_jobs() == [("test.handler", "completed")]


def test_it_sleeps_until_the_time_that_its_first_run_fixed():
    def handle(job):
        job.tx("begin", lambda: None)
        job.sleep("nap", "1h")

    job = job_of(handle)
    run_job(job)
    first = again(job).wake_at
    assert first is not None

    with clock.moved(HOUR):
        run_jobs()

    assert again(job).status == "completed"
    assert Step.objects.get(key="nap").output == first.isoformat()


def test_it_does_not_sleep_a_second_time():
    def handle(job):
        job.sleep("nap", "1h")
        if job.attempt == 1:
            raise Crash
        return "rested"

    job = job_of(handle)
    run_job(job)
    with clock.moved(HOUR):
        timers.run()
        crashed(job)
        run_jobs()

        assert again(job).result == "rested"


def test_it_does_not_sleep_for_no_time():
    assert run(lambda job: job.sleep("nap", timedelta(0)))[1] == "completed"


def test_it_begins_with_fresh_attempts_after_a_wait():
    job = job_of(lambda job: job.sleep("nap", "1h"))
    Job.objects.filter(pk=job.pk).update(attempt=1, crashes=2)

    run_job(job)

    job = again(job)
    assert (job.attempt, job.crashes, job.status) == (0, 0, "waiting")


# --- answer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [{"decision": "approved"}, "text", 0, False, ""])
def test_it_takes_an_answer_at_once(answer):
    job, outcome = run(asking([answer]))

    assert (outcome, job.result) == ("completed", answer)


def test_it_asks_again_after_a_while_until_there_is_an_answer():
    answers = [None, None, "yes"]
    job = job_of(asking(answers, every="1h"))
    run_jobs()
    assert (again(job).status, again(job).wait_reason) == ("waiting", "answer")

    for hours in (1, 2, 3):
        with clock.moved(HOUR * hours):
            run_jobs()

    assert answers == []
    assert again(job).result == "yes"


def test_it_asks_only_once_what_was_answered():
    answers = ["yes"]

    def handle(job):
        answer = asking(answers)(job)
        if job.attempt == 1:
            raise Crash
        return answer

    job = job_of(handle)
    crashed(job)
    run_jobs()

    assert again(job).result == "yes"


def test_it_asks_at_once_when_the_answer_is_announced():
    job = job_of(asking([None, "yes"], every="30d"))
    run_jobs()

    assert answer_arrived(job.pk)
    run_jobs()

    assert again(job).result == "yes"
    assert again(job).answers == 1


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Retryable("Busy."), HOUR),
        (Retryable("Busy.", after=timedelta(minutes=5)), HOUR),
        (Retryable("Busy.", after=3 * HOUR), 3 * HOUR),
        (Uncertain(), HOUR),
    ],
)
def test_it_asks_later_when_the_outside_cannot_say(error, wait):
    before = clock.now()

    job, outcome = run(asking([error], every="1h"))

    assert outcome == "suspended"
    assert before + wait <= job.wake_at <= clock.now() + wait
    assert job.attempt == 0


@pytest.mark.parametrize(
    ("error", "outcome"), [(Invalid("No."), "invalid"), (ValueError("Odd."), "retry"), (Snooze(HOUR), "snoozed")]
)
def test_it_lets_other_errors_pass(error, outcome):
    assert run(asking([error]))[1] == outcome


def test_it_asks_once_more_when_an_answer_is_announced_while_it_asks():
    """Nobody was waiting yet when the answer came; without the count it would be slept over."""
    seen = []

    def handle(job):
        def ask():
            seen.append(1)
            if len(seen) == 1:
                assert not answer_arrived(job.id)
                return None
            return "yes"

        return job.answer("decision", ask, every="30d")

    assert run(handle)[0].result == "yes"
    assert len(seen) == 2


@pytest.mark.parametrize("status", ["pending", "running", "completed", "failed"])
def test_it_wakes_nobody_who_does_not_wait(status):
    job = standing(status)

    assert not answer_arrived(job.pk)

    job.refresh_from_db()
    assert (job.status, job.answers) == (status, 1)


def test_it_wakes_nobody_who_waits_for_something_else():
    job = standing("waiting")

    assert not answer_arrived(job.pk)

    assert again(job).status == "waiting"


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "status"), [("suspend.before_commit", "running"), ("suspend.after_commit", "waiting")]
)
@pytest.mark.parametrize("wait", ["sleep", "answer"])
def test_it_either_waits_or_runs_wherever_the_process_dies(point, status, wait):
    job = job_of(lambda job: job.sleep("nap", "1h") if wait == "sleep" else job.answer("a", lambda: None))
    _crash_at(point)

    with pytest.raises(Crash):
        run_job(job)

    assert again(job).status == status
    assert Step.objects.filter(job=job).exists() == (wait == "sleep" and status == "waiting")


def _crash_at(point):
    def hook(reached):
        if reached == point:
            raise Crash

    faults.watch(hook)


def test_it_counts_the_occurrences_of_waits():
    job = job_of(lambda job: [job.sleep("nap", "1h"), job.sleep("nap", "1h")])
    run_job(job)
    with clock.moved(HOUR):
        run_jobs()
        assert again(job).status == "waiting"
    with clock.moved(2 * HOUR):
        run_jobs()

    assert again(job).status == "completed"
    assert keys(job) == ["nap", "nap#2"]
