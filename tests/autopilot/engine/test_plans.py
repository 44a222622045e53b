"""The queries that run often use the index that is made for them, however much lies around that is done with."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from autopilot import clock
from autopilot.engine import enqueue, handler, statements
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Job, OutboxMessage, Worker
from autopilot.models.jobs import rank_of
from autopilot.sweep import escalations, expiry, leases, outbox, reminders, retention, start_by, timers
from tests.autopilot.engine.standing import LEASE, needed, nothing

pytestmark = pytest.mark.django_db

NOISE = 5000
LATER = timedelta(hours=1)


@pytest.fixture
def _noise() -> None:
    """Thousands of jobs, checkpoints and messages that nobody looks for, and a few of each that are."""
    jobs = [*_jobs("completed", NOISE), *_jobs("pending", 300, due=LATER), *_jobs("pending", 60), *_jobs("running", 30)]
    jobs += [*_jobs("waiting", 300)]
    Job.objects.bulk_create(jobs)
    Checkpoint.objects.bulk_create(_checkpoint(job, number) for number, job in enumerate(jobs))
    OutboxMessage.objects.bulk_create(_message(number) for number in range(NOISE))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _jobs(status: str, count: int, due: timedelta = timedelta(0)) -> list[Job]:
    now = clock.now()
    at = now + due
    common: dict[str, Any] = {"kind": "test.nothing", "worker": "test", "payload_digest": "0", "status": status}
    # What a duty looks for, as a lease that has run out, lies in the future here: noise in every index, too.
    later = {name: now + LATER for name in ("lease_until", "wake_at", "purge_after") if name in needed(status)}
    return [
        Job(tenant_id=uuid7(), scheduled_for=at, rank=rank_of(at, 5), **common | needed(status) | later)
        for _ in range(count)
    ]


def _checkpoint(job: Job, number: int) -> Checkpoint:
    done = job.status != "waiting"
    now = clock.now()
    return Checkpoint(
        job=job, tenant_id=job.tenant_id, generation=1, key="a", kind="approval_required", payload_digest="0",
        status="approved" if done else "pending", decided_at=now if done else None,
        due_at=now + LATER, expires_at=now + LATER, created_at=now - timedelta(minutes=number),
    )  # fmt: skip


def _message(number: int) -> OutboxMessage:
    sent = number % 50 > 0
    now = clock.now()
    return OutboxMessage(
        tenant_id=uuid7(), topic="a.topic", status="sent" if sent else "pending", sent_at=now if sent else None,
        next_attempt_at=now + LATER,
    )  # fmt: skip


def plans_of(deed: Callable[[], object]) -> list[str]:
    """Return the plan of each statement that a deed executes, with the very parameters it has."""
    return _plans_on_postgresql(deed) if connection.vendor == "postgresql" else _plans_on_sqlite(deed)


def _plans_on_postgresql(deed: Callable[[], object]) -> list[str]:
    plans: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if _is_planned(sql):
            execute(f"EXPLAIN {sql}", parameters, many, context)
            plans.append("\n".join(str(row) for row in context["cursor"].fetchall()))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explain):
        deed()
    return plans


def _plans_on_sqlite(deed: Callable[[], object]) -> list[str]:
    """Listen to the database itself: the hot statements do not go through Django's cursors."""
    statements: list[str] = []
    connection.connection.set_trace_callback(statements.append)
    try:
        deed()
    finally:
        connection.connection.set_trace_callback(None)
    plans = [connection.connection.execute(f"EXPLAIN QUERY PLAN {sql}") for sql in statements if _is_planned(sql)]
    return ["\n".join(str(row) for row in plan.fetchall()) for plan in plans]


def _is_planned(sql: str) -> bool:
    return sql.lstrip().upper().startswith(("SELECT", "UPDATE", "WITH"))


def _inbox() -> list[Checkpoint]:
    return list(Checkpoint.objects.pending().order_by("created_at", "id")[:50])


def _claim() -> Job | None:
    return statements.claim("first", LEASE)


LOOKS: list[tuple[str, Callable[[], object]]] = [
    ("job_claim", _claim),
    ("job_reap", leases.run),
    ("job_wake", timers.run),
    ("job_start_by", start_by.run),
    ("job_purge", retention.run),
    ("checkpoint_inbox", _inbox),
    ("checkpoint_expiry", expiry.run),
    ("checkpoint_due", reminders.run),
    ("checkpoint_due", escalations.run),
    ("outbox_due", outbox.run),
]
READS_ALL = ("Seq Scan on autopilot_job", "SCAN autopilot_job'")


@pytest.mark.usefixtures("_noise")
def test_it_looks_by_the_index_made_for_it():
    """One test for all of them, because the noise takes its time."""
    without = {}
    for index, look in LOOKS:
        plans = plans_of(look)
        if not any(index in plan for plan in plans):
            without[index] = plans

    assert without == {}


@pytest.mark.usefixtures("_noise")
def test_it_never_reads_all_jobs_to_claim_or_settle_one():
    handler("test.nothing")(nothing)
    job = _claim()
    assert job is not None
    enqueue("test.nothing", tenant_id=uuid7(), concurrency_key="k", unique_key="k", priority=10)

    plans = plans_of(_claim)
    plans += plans_of(lambda: enqueue("test.nothing", tenant_id=uuid7(), unique_key="k"))
    plans += plans_of(lambda: statements.settle(job, None, LATER))
    following = _claim()
    assert following is not None
    fused = plans_of(lambda: statements.settle_and_claim([(following, None)], LATER, "first", LEASE))

    assert any("job_claim" in plan for plan in fused)
    plans += fused
    assert [plan for plan in plans if any(read in plan for read in READS_ALL)] == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("analyzed", [False, True])
def test_it_neither_scans_nor_sorts_whatever_sqlite_knows_of_its_tables(analyzed):
    """What a claim costs does not grow with the backlog, nor with what is done: every row is found by an index."""
    _few_jobs(concurrency_key="k")
    if analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    plans = _plans_of_a_job_and_the_next()

    assert len(plans) >= 9
    assert [plan for plan in plans if "SCAN" in plan or "TEMP B-TREE" in plan] == []


@pytest.mark.postgresql_only
def test_it_settles_by_keys_alone_however_few_jobs_run_when_that_is_planned():
    _few_jobs()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")

    job = _claim()
    assert job is not None
    (plan,) = plans_of(lambda: statements.settle(job, None, LATER))

    assert ("autopilot_job_pkey" in plan, "attempt_one_per_epoch" in plan) == (True, True)
    assert set(re.findall(r"using (\w+)", plan)) <= {"autopilot_job_pkey", "attempt_one_per_epoch"}


@pytest.mark.postgresql_only
def test_it_claims_in_the_order_of_the_queue_although_it_was_empty_when_it_was_counted():
    """An index that is smaller than the queue's own would be taken instead, and the whole backlog sorted."""
    handler("test.nothing")(nothing)
    Job.objects.bulk_create(_jobs("pending", 3000))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE autopilot_job SET status = 'completed', finished_at = now()")
        cursor.execute("ANALYZE autopilot_job")
    Job.objects.bulk_create(_jobs("pending", 10))

    (plan,) = plans_of(_claim)

    assert "job_claim" in plan


def _few_jobs(**options: Any) -> None:
    handler("test.nothing", slots=3)(nothing)
    Worker.objects.create(name="test", concurrency=3)
    for _ in range(3):
        enqueue("test.nothing", tenant_id=uuid7(), **options)


def _plans_of_a_job_and_the_next() -> list[str]:
    claimed: list[Job | None] = []
    plans = plans_of(lambda: claimed.append(_claim()))
    (job,) = claimed
    assert job is not None
    plans += plans_of(lambda: claimed.extend(statements.settle_and_claim([(job, None)], LATER, "first", LEASE)[1]))
    following = claimed[-1]
    assert following is not None
    return plans + plans_of(lambda: statements.settle(following, None, LATER))
