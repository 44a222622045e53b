"""At most once, then ask: a call to an outside without idempotency is never repeated on a guess."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from autopilot.engine import decide, faults
from autopilot.exceptions import HandlerMistake, Invalid, Retryable, Snooze, Uncertain
from autopilot.models import Checkpoint, Step
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import Crash, again, crashed, job_of, keys, run

pytestmark = pytest.mark.django_db


class Portal:
    """An outside that cannot recognize a repetition: every call is another submission."""

    def __init__(self, *answers) -> None:
        self.received = 0
        self.answers = list(answers)

    def submit(self):
        """Receive a submission, and answer, refuse or break as the test says."""
        answer = self.answers.pop(0) if self.answers else {"number": "A-1"}
        if isinstance(answer, BaseException) and getattr(answer, "reached", True) is False:
            raise answer
        self.received += 1
        if isinstance(answer, BaseException):
            raise answer
        return answer


def lost() -> BaseException:
    """A connection that breaks after the other side has received everything."""
    return ConnectionResetError("The connection broke.")


def refused(error: BaseException) -> BaseException:
    """An error before anything was received."""
    error.reached = False  # type: ignore[attr-defined]
    return error


def question(job) -> Checkpoint:
    """Return the one question that waits for an answer."""
    return Checkpoint.objects.get(job=job, kind="reconcile", status="pending")


def answered(job, olga, verdict: str) -> None:
    data = {"number": "R-9"} if verdict == "happened" else {}
    decide(question(job).pk, actor=olga, verdict=verdict, version=1, data=data)


@pytest.fixture
def portal() -> Portal:
    return Portal()


def submitting(portal, **options):
    return lambda job: job.once("submit", portal.submit, **options)


def test_it_calls_once_and_remembers_the_answer(portal):
    def handle(job):
        receipt = job.once("submit", portal.submit)
        if job.attempt == 1:
            raise Crash
        return receipt

    job = job_of(handle)
    crashed(job)
    run_jobs()

    assert portal.received == 1
    assert again(job).result == {"number": "A-1"}


@pytest.mark.parametrize(
    ("point", "received"), [("once.after_intent", 0), ("once.before_call", 0), ("once.after_call", 1)]
)
def test_it_asks_a_person_when_the_process_died_around_the_call(portal, point, received, olga):
    job = job_of(submitting(portal))
    _crash_once_at(point)

    crashed(job)
    run_jobs()

    asked = question(job)
    assert portal.received == received
    assert (again(job).status, again(job).wait_reason) == ("waiting", "checkpoint")
    assert asked.title == "Did “submit” happen?"
    assert [group.name for group in asked.reviewers.all()] == ["Operator"]
    assert asked.payload == {"step": "submit", "round": 1, "kind": "test.handler", "subject": {}}


def _crash_once_at(point: str) -> None:
    def hook(reached: str) -> None:
        if reached == point:
            faults.watch(None)
            raise Crash

    faults.watch(hook)


def test_it_takes_the_persons_word_that_it_happened(olga):
    portal = Portal(lost())
    job = job_of(submitting(portal))
    assert run_job(job) == "suspended"

    answered(job, olga, "happened")
    run_jobs()

    assert portal.received == 1
    assert again(job).result == {"number": "R-9", "confirmed_by": "olga"}


def test_it_calls_again_when_a_person_says_that_it_did_not_happen(olga):
    portal = Portal(refused(ConnectionRefusedError("Nobody there.")))
    job = job_of(submitting(portal))
    run_jobs()

    answered(job, olga, "not_happened")
    run_jobs()

    assert portal.received == 1
    assert again(job).result == {"number": "A-1"}


def test_it_asks_anew_for_every_call_that_is_in_doubt(olga):
    portal = Portal(lost(), lost())
    job = job_of(submitting(portal))
    run_jobs()
    answered(job, olga, "not_happened")
    run_jobs()

    assert question(job).key == "submit:reconcile:2"
    assert portal.received == 2


def test_it_asks_anew_after_a_refusal_in_between(olga):
    """An answer about one call is not an answer about the next, even if the portal was surely not reached meanwhile."""
    portal = Portal(refused(lost()), refused(Retryable("Busy.")), lost())
    job = job_of(submitting(portal))
    run_jobs()
    answered(job, olga, "not_happened")
    assert run_job(job) == "retry"
    _make_due(job)

    run_job(job)

    assert again(job).status == "waiting"
    assert question(job).key == "submit:reconcile:2"
    assert portal.received == 1


def _make_due(job) -> None:
    now = again(job).created_at
    type(job).objects.filter(pk=job.pk).update(scheduled_for=now, rank=now)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Retryable("Busy."), "retry"), (Invalid("No."), "invalid"), (Snooze(timedelta(minutes=1)), "snoozed")],
)
def test_it_needs_nobody_when_it_surely_did_not_happen(error, outcome):
    portal = Portal(refused(error))

    job, ended = run(submitting(portal))

    assert ended == outcome
    assert keys(job) == []
    assert not job.checkpoints.exists()


def test_it_probes_before_it_asks():
    portal = Portal(lost())

    job, outcome = run(submitting(portal, probe=lambda: {"number": "P-7"}))

    assert (outcome, job.result) == ("completed", {"number": "P-7"})
    assert portal.received == 1
    assert not job.checkpoints.exists()


def test_it_asks_when_the_probe_cannot_tell(olga):
    job, outcome = run(submitting(Portal(lost()), probe=lambda: None))

    assert outcome == "suspended"
    assert question(job).title == "Did “submit” happen?"


def test_it_tries_again_when_the_probe_is_not_reached(portal):
    answers = [Retryable("Busy."), {"number": "P-7"}]

    def probe():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    portal = Portal(lost())
    job = job_of(submitting(portal, probe=probe))
    assert run_job(job) == "retry"
    _make_due(job)

    assert run_job(job) == "completed"
    assert portal.received == 1
    assert again(job).result == {"number": "P-7"}


def test_it_probes_once_more_when_a_later_run_comes_by(portal, olga):
    """A probe that could not tell may tell later: nobody is asked in vain."""
    found = [None, {"number": "P-7"}]

    def handle(job):
        return job.once("submit", Portal(lost()).submit, probe=lambda: found.pop(0))

    job = job_of(handle)
    assert run_job(job) == "suspended"
    answered(job, olga, "not_happened")

    assert run_job(job) == "completed"
    assert again(job).result == {"number": "P-7"}


def test_it_calls_every_occurrence_once():
    portal = Portal({"number": "1"}, {"number": "2"})

    job, _ = run(lambda job: [job.once("submit", portal.submit)["number"] for _ in range(2)])

    assert job.result == ["1", "2"]
    assert keys(job) == ["submit", "submit#2"]


@pytest.mark.parametrize("error", [Retryable("Busy."), Uncertain(), ConnectionResetError("Broken.")])
def test_it_asks_a_person_when_the_probe_is_not_reached_to_the_last(error):
    def probe():
        raise error

    job = job_of(submitting(Portal(lost()), probe=probe), max_attempts=2)
    assert run_job(job) == "retry"
    _make_due(job)

    assert run_job(job) == "suspended"
    assert question(job).title == "Did “submit” happen?"


def test_it_asks_nobody_while_the_probe_is_put_off():
    answers = [Snooze(timedelta(seconds=5)), {"number": "P-7"}]

    def probe():
        answer = answers.pop(0)
        if isinstance(answer, Snooze):
            raise answer
        return answer

    portal = Portal(lost())
    job = job_of(submitting(portal, probe=probe), max_attempts=1)
    assert run_job(job) == "snoozed"
    _make_due(job)

    assert run_job(job) == "completed"
    assert (portal.received, again(job).result) == (1, {"number": "P-7"})
    assert not job.checkpoints.exists()


@pytest.mark.parametrize("error", [Invalid("Never heard of it."), HandlerMistake("Mend it.")])
def test_it_asks_a_person_at_once_when_the_probe_can_never_work(error):
    def probe():
        raise error

    assert run(submitting(Portal(lost()), probe=probe))[1] == "suspended"


@pytest.mark.parametrize("limit", ["attempts", "crashes"])
def test_it_asks_a_person_instead_of_failing_when_the_last_process_dies_in_the_call(olga, limit):
    """A job that is given up has no later run to find out: what may have happened is asked about all the same."""
    portal = Portal(Crash(), {"number": "A-2"})
    job = job_of(submitting(portal), max_attempts=1 if limit == "attempts" else 9, max_crashes=1)

    job = crashed(job)

    assert (job.status, job.wait_reason, job.attempt, job.crashes) == ("waiting", "checkpoint", 0, 0)
    assert "ended or froze" in job.attempts.get().error
    answered(job, olga, "not_happened")
    run_jobs()
    assert (again(job).status, again(job).result, portal.received) == ("completed", {"number": "A-2"}, 2)


def test_it_fails_when_the_last_process_dies_after_the_doubt_was_cleared(olga):
    portal = Portal(lost())

    def handle(job):
        if Checkpoint.objects.filter(status="not_happened").exists():
            raise Crash
        job.once("submit", portal.submit)

    job = job_of(handle, max_crashes=1)
    run_job(job)
    answered(job, olga, "not_happened")

    assert (crashed(job).status, again(job).reason) == ("failed", "crash_loop")


def test_it_fails_when_there_is_nobody_to_ask():
    Group.objects.filter(name="Operator").delete()

    assert crashed(job_of(submitting(Portal(Crash())), max_crashes=1)).status == "failed"
    assert not Checkpoint.objects.exists()


# --- the code changed while a job waited ------------------------------------------------------------------------------


def renamed(portal):
    """A handler whose once step is called “send” by the code of the first run and “submit” by later code."""

    def handle(job):
        if not Step.objects.filter(job=job._job).exists():
            job.once("send", portal.submit)
            raise Crash
        return job.once("submit", portal.submit)

    return handle


@pytest.mark.parametrize("verdict", ["happened", "not_happened"])
def test_it_asks_before_it_runs_a_step_that_might_have_been_renamed(portal, olga, verdict):
    job = job_of(renamed(portal))
    crashed(job)

    assert run_job(job) == "suspended"
    asked = question(job)
    decide(asked.pk, actor=olga, verdict=verdict, version=1)
    run_jobs()

    assert asked.title == "Is “submit” the step that was called “send”?"
    assert portal.received == (1 if verdict == "happened" else 2)
    assert again(job).result == {"number": "A-1"}
    assert keys(job) == (["submit"] if verdict == "happened" else ["send", "submit"])


def test_it_asks_about_the_outcome_as_well_when_a_renamed_step_had_died_in_its_call(olga):
    portal = Portal(Crash())
    job = job_of(renamed(portal))
    crashed(job)
    run_job(job)

    decide(question(job).pk, actor=olga, verdict="happened", version=1)
    run_jobs()

    assert portal.received == 1
    assert question(job).title == "Did “submit” happen?"


def test_it_asks_once_about_a_renamed_step_and_not_again_at_the_next_one(portal, olga):
    """What was taken over under its new name is no step that nobody came by."""

    def handle(job):
        if not Step.objects.filter(job=job._job).exists():
            job.once("send", portal.submit)
            raise Crash
        return [job.once(name, portal.submit)["number"] for name in ("submit", "report")]

    job = job_of(handle)
    crashed(job)
    run_job(job)
    decide(question(job).pk, actor=olga, verdict="happened", version=1)
    run_jobs()

    assert (again(job).status, keys(job), portal.received) == ("completed", ["submit", "report"], 2)
