"""What each thing a job does may cost, in statements to the database: its transaction's beginning and end included."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot.engine import decide, enqueue, executor, handler, message
from autopilot.engine.context import JobContext
from autopilot.testing import claim, run_job
from tests.autopilot.engine.people import fresh
from tests.autopilot.engine.runs import Crash, again, crashed, job_of

pytestmark = pytest.mark.django_db

RING = 1 if connection.vendor == "postgresql" else 0
FENCE = COMMIT = BEGIN = STORE = READ = 1


@contextmanager
def costing(most: int) -> Iterator[None]:
    """Fail if a block asks the database more often than this."""
    with CaptureQueriesContext(connection) as asked:
        yield
    told = "\n".join(str(query["sql"])[:120] for query in asked.captured_queries)
    assert len(asked) <= most, f"{len(asked)} statements instead of {most}:\n{told}"


STEPS: dict[str, tuple[Callable[[JobContext], object], int]] = {
    "tx": (lambda job: job.tx("a tx", lambda: 1), BEGIN + FENCE + STORE + COMMIT),
    "call": (lambda job: job.call("a call", len), READ + BEGIN + FENCE + STORE + COMMIT),
    "emit": (lambda job: job.emit("test.told"), BEGIN + FENCE + STORE + STORE + COMMIT),
    "now": (lambda job: job.now(), BEGIN + FENCE + STORE + COMMIT),
    "info": (lambda job: job.info("a info", title="Look."), BEGIN + FENCE + STORE + STORE + COMMIT),
}


@pytest.mark.parametrize("effect", STEPS)
def test_it_bounds_the_cost_of(effect):
    message("test.told")(lambda: None)
    step, most = STEPS[effect]

    def handle(job):
        with costing(most):
            step(job)

    assert run_job(job_of(handle)) == "completed"


def test_it_repeats_all_stored_steps_for_one_read():
    message("test.told")(lambda: None)

    def handle(job):
        with costing(READ if job.attempt > 1 else 100):
            for effect in ("tx", "call", "emit", "now"):
                for _ in range(5):
                    STEPS[effect][0](job)
        if job.attempt == 1:
            raise Crash

    job = job_of(handle)
    crashed(job)

    assert run_job(job) == "completed"
    assert job.steps.count() == 20


def approving(job: JobContext) -> None:
    job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")


def test_it_bounds_the_cost_of_asking_a_person(reviewers):
    claimed = claim(job_of(approving))
    policy, checkpoint, revision, groups, invitation, mail = (1,) * 6
    job, event, attempt = (1,) * 3

    with costing(
        BEGIN + FENCE + policy + checkpoint + revision + groups + invitation + mail + job + event + attempt + COMMIT
    ):
        assert executor.perform(claimed, lambda: False) == "suspended"


def test_it_bounds_the_cost_of_a_decision_and_of_what_follows(alice, bob):
    job = job_of(approving, requested_by=alice)
    run_job(job)
    key, person = again(job).checkpoints.get().pk, fresh(bob)
    lock_job, lock_checkpoint, groups, permissions, own_groups, vote, checkpoint, moved, event = (
        1,
        1,
        1,
        2,
        1,
        3,
        1,
        1,
        1,
    )

    with costing(
        BEGIN + lock_job + lock_checkpoint + groups + permissions + own_groups + vote + checkpoint + moved + event
        + RING + COMMIT
    ):  # fmt: skip
        decide(key, actor=person, verdict="approve", version=1)
    claimed = claim(job)
    settle = 8

    with costing(READ + settle):
        assert executor.perform(claimed, lambda: False) == "completed"


def test_it_puts_a_job_in_the_queue_with_one_statement(tenant):
    """With its event, the policy of its worker and the ring; what SQLite is asked natively is not counted."""
    handler("test.nothing")(lambda job: None)

    with costing(1):
        enqueue("test.nothing", tenant_id=tenant)
