"""New code is tried on every job that has begun before it is deployed."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from autopilot import replay
from autopilot.engine import decide, enqueue, handler, registry
from autopilot.engine.context import JobContext
from autopilot.identifiers import uuid7
from autopilot.models import Event, Job, OutboxMessage, Step
from autopilot.testing import run_jobs
from tests.autopilot.management.calls import run, run_json

pytestmark = pytest.mark.django_db

KIND = "test.deployed"


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    with registry.registered_for_test():
        yield


@pytest.fixture
def waiting() -> Job:
    """A job that sent something, and waits for a person."""

    @handler(KIND)
    def first_version(job: JobContext, subject: str) -> None:
        job.tx("prepare", lambda: {"subject": subject})
        receipt = job.once("send", lambda: {"number": "7"})
        job.approval("review", title="Fine?", payload=receipt)

    job = enqueue(KIND, tenant_id=uuid7(), subject="a thing")
    assert run_jobs() == [(KIND, "suspended")]
    return job


def deploy(function):
    """Put another version of the handler in the place of the first."""
    registry._handlers.pop(KIND)
    handler(KIND, version=2)(function)


def test_it_passes_code_that_goes_on_as_the_job_began(waiting):
    def adds_a_step_at_the_end(job: JobContext, subject: str) -> None:
        job.tx("prepare", lambda: pytest.fail("a stored step ran again"))
        job.once("send", lambda: pytest.fail("a stored step ran again"))
        job.approval("review", title="Fine?", payload={})
        job.tx("more", lambda: pytest.fail("a replay did something"))

    deploy(adds_a_step_at_the_end)

    assert [problem for _, problem in replay.check()] == [None]


def test_it_takes_a_rejection_as_the_end_it_is(waiting):
    reviewer = User.objects.create_superuser("reviewer", password="x")
    decide(waiting.checkpoints.get().pk, actor=reviewer, verdict="reject", version=1, comment="No.")

    assert [problem for _, problem in replay.check()] == [None]


def test_it_does_nothing_to_the_job(waiting):
    before = (Event.objects.count(), Step.objects.count(), OutboxMessage.objects.count())

    list(replay.check())

    assert (Event.objects.count(), Step.objects.count(), OutboxMessage.objects.count()) == before
    assert Job.objects.get(pk=waiting.pk).status == "waiting"


def renamed(job: JobContext, subject: str) -> None:
    job.tx("prepare", dict)
    job.once("send_packet", dict)
    job.approval("review", title="Fine?", payload={})


def removed(job: JobContext, subject: str) -> None:
    job.tx("prepare", dict)
    job.approval("review", title="Fine?", payload={})


def of_another_effect(job: JobContext, subject: str) -> None:
    job.tx("prepare", dict)
    job.call("send", lambda key: {})


def of_another_payload(job: JobContext, subject: str, amount: int) -> None:
    job.tx("prepare", dict)


def broken(job: JobContext, subject: str) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (renamed, "'send', which may happen once only"),
        (removed, "'send', which may happen once only"),
        (of_another_effect, "was a once and is now a call"),
        (of_another_payload, "amount"),
        (broken, "ZeroDivisionError outside a step"),
    ],
)
def test_it_names_code_that_would_break_a_job(waiting, function, text):
    deploy(function)

    [(job, problem)] = replay.check()

    assert problem is not None
    assert (problem.job_id, problem.kind) == (job.pk, KIND)
    assert text in problem.text


def test_it_names_a_kind_that_is_gone(waiting):
    registry._handlers.pop(KIND)

    [(_, problem)] = replay.check()

    assert problem is not None
    assert "No handler is registered" in problem.text


def test_the_command_ends_with_an_error_and_names_the_job(waiting):
    deploy(removed)

    ran = run_json("replay_check")

    assert (ran.code, [row["job"] for row in ran.json]) == (1, [str(waiting.pk)])
    assert "1 job replayed, 1 would not go on as they began." in ran.err
    assert "Do not deploy this code" in ran.err


def test_the_command_is_content_with_the_code_that_began_the_job(waiting):
    ran = run("replay_check", "--format", "csv")

    assert (ran.code, ran.out) == (0, "job,kind,problem\r\n")
    assert "1 job replayed, 0 would not go on" in ran.err
