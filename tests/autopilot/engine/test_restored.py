"""After a restore from a backup, older work asks before it calls the outside: the time that was lost may have done it."""

from datetime import timedelta

import pytest

from autopilot import clock, restores
from autopilot.engine import decide
from autopilot.exceptions import Retryable
from autopilot.models import AuditEntry, Checkpoint
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import again, job_of

pytestmark = pytest.mark.django_db


class Portal:
    """An outside that counts what it receives."""

    def __init__(self, *answers) -> None:
        self.received = 0
        self.answers = list(answers)

    def submit(self):
        """Receive a submission, or break as the test says."""
        answer = self.answers.pop(0) if self.answers else {"number": "A-1"}
        if isinstance(answer, Exception):
            raise answer
        self.received += 1
        return answer


def restore(after=timedelta(minutes=1)) -> None:
    """Write down what a restore writes down."""
    AuditEntry.objects.create(
        name=restores.NAME, subject_type=restores.SUBJECT_TYPE, subject_id="here", at=clock.now() + after
    )


def question(job) -> Checkpoint:
    """Return the one question that waits for an answer."""
    return Checkpoint.objects.get(job=job, kind="reconcile", status="pending")


def test_it_is_never_in_doubt_without_a_restore():
    assert restores.restored_at() is None
    assert not restores.is_in_doubt(clock.now())


def test_it_is_in_doubt_what_is_older_than_the_newest_restore():
    restore(timedelta(hours=-5))
    restore(timedelta(hours=-1))

    assert restores.is_in_doubt(clock.now() - timedelta(hours=2))
    assert not restores.is_in_doubt(clock.now())


def test_an_older_job_asks_a_person_before_its_first_call(olga):
    portal = Portal()
    job = job_of(lambda job: job.once("submit", portal.submit))
    restore()

    run_jobs()

    assert portal.received == 0
    assert again(job).status == "waiting"
    assert "restored from a backup" in question(job).summary
    decide(question(job).pk, actor=olga, verdict="happened", version=1, data={"number": "R-9"})
    run_jobs()
    assert portal.received == 0
    assert again(job).result["number"] == "R-9"


def test_it_calls_once_when_a_person_says_that_it_did_not_happen(olga):
    portal = Portal()
    job = job_of(lambda job: job.once("submit", portal.submit))
    restore()
    run_jobs()

    decide(question(job).pk, actor=olga, verdict="not_happened", version=1)
    run_jobs()

    assert portal.received == 1
    assert again(job).status == "completed"


def test_it_takes_what_the_probe_finds_and_asks_nobody():
    portal = Portal()
    job = job_of(lambda job: job.once("submit", portal.submit, probe=lambda: {"number": "P-1"}))
    restore()

    run_job(job)

    assert (portal.received, again(job).result) == (0, {"number": "P-1"})
    assert not Checkpoint.objects.exists()


def test_it_does_not_ask_again_when_the_call_does_not_work_at_once(olga):
    portal = Portal(Retryable())
    job = job_of(lambda job: job.once("submit", portal.submit), max_attempts=5)
    restore()
    run_jobs()
    decide(question(job).pk, actor=olga, verdict="not_happened", version=1)
    run_jobs()

    with clock.moved(timedelta(hours=1)):
        run_jobs()

    assert portal.received == 1
    assert Checkpoint.objects.filter(job=job).count() == 1


def test_a_younger_job_calls_at_once():
    portal = Portal()
    restore(timedelta(minutes=-1))

    run_job(job_of(lambda job: job.once("submit", portal.submit)))

    assert portal.received == 1
