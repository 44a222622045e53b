"""Jobs that are claimed together: each has a run of its own, and no neighbor suffers for another more than once."""

from threading import Thread
from typing import Any

import pytest
from django.db import DataError

from autopilot import clock
from autopilot.engine import executor, handler, registry, statements
from autopilot.engine.groups import Group
from autopilot.engine.statements import Together
from autopilot.engine.transitions import chain_hash
from autopilot.models import Event, Job, Worker
from autopilot.sweep import leases
from tests.autopilot.engine.runs import Crash, again, job_of
from tests.autopilot.engine.standing import LEASE, new

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_faults", "own_registry")]

RETENTION = LEASE
THREE = Together(3, {"test.nothing", "test.handler"})


def claimed(together: Together = THREE) -> list[Job]:
    return statements.claim_together("first", LEASE, together)


def run(group: Group) -> None:
    """Run a group as a pump does."""
    while job := group.begin_next():
        group.end(job, executor.perform(job, lambda: False, companions=group))
    group.complete()


def outcomes(*jobs: Job) -> list[str]:
    return [again(job).status for job in jobs]


def test_it_claims_several_in_their_order_each_with_a_run_of_its_own():
    jobs = [new(priority=priority) for priority in (3, 9, 5, 1)]

    taken = claimed()

    assert taken == [jobs[1], jobs[2], jobs[0]]
    for job in taken:
        assert (job.status, job.epoch, job.attempt, job.lease_owner) == ("running", 1, 1, "first")
        assert job == again(job)
        assert (job.attempts.get().epoch, job.attempts.get().process) == (1, "first")
        first, second = Event.objects.filter(job=job)
        assert (second.previous_hash, second.hash) == (first.hash, chain_hash(second))
    assert again(jobs[3]).status == "pending"


@pytest.mark.parametrize(
    "unlike",
    [
        {"kind": "test.other"},
        {"concurrency_key": "k"},
        {"crashes": 1},
        {"max_crashes": 1},
        {"max_attempts": 1},
        {"attempt": 2, "max_attempts": 3},
    ],
    ids=str,
)
def test_it_ends_the_line_with_one_that_may_not_come_along(unlike):
    first, second, third = (new() for _ in range(3))
    Job.objects.filter(pk=second.pk).update(**unlike)

    assert [claimed(), claimed(), claimed()] == [[first], [second], [third]]


def test_it_claims_the_jobs_of_a_limited_worker_one_by_one():
    Worker.objects.create(name="test", concurrency=2)
    jobs = [new() for _ in range(3)]

    assert [claimed(), claimed(), claimed()] == [[jobs[0]], [jobs[1]], []]


def test_it_claims_one_where_no_kind_is_known_to_be_short():
    first, second = new(), new()

    assert claimed(Together(3, ())) == [first]
    assert outcomes(second) == ["pending"]


def test_it_completes_together_those_alone_that_are_still_its_own():
    jobs = [new() for _ in range(3)]
    mine, lost, unwanted = claimed()
    Job.objects.filter(pk=lost.pk).update(epoch=7)
    Job.objects.filter(pk=unwanted.pk).update(cancel_requested_at=clock.now())
    following = new()

    settled, taken = statements.settle_and_claim(
        [(job, {"n": 1}) for job in (mine, lost, unwanted)], RETENTION, "first", LEASE
    )

    assert (settled, taken) == ({mine.pk}, [])
    assert outcomes(*jobs, following) == ["completed", "running", "running", "pending"]
    assert [again(job).result for job in jobs] == [{"n": 1}, None, None]


def test_it_completes_some_and_claims_as_many_in_one():
    new(), new()
    finished = claimed()
    following = [new(), new()]

    settled, taken = statements.settle_and_claim([(job, None) for job in finished], RETENTION, "first", LEASE, THREE)

    assert (settled, taken) == ({job.pk for job in finished}, following)


def test_it_completes_what_has_finished_before_another_takes_a_step():
    seen: list[str] = []

    def handle(job: Any) -> None:
        if first.pk != job.id:
            job.tx("look", lambda: seen.append(again(first).status))

    first, second = job_of(handle), job_of(handle)

    run(Group(claimed()))

    assert seen == ["completed"]
    assert outcomes(first, second) == ["completed", "completed"]


def test_it_counts_one_crash_of_a_neighbor_and_claims_it_alone_from_then_on():
    def handle(job: Any) -> None:
        if job.id == poison.pk:
            raise Crash

    jobs = [job_of(handle) for _ in range(3)]
    poison = jobs[1]
    sizes = []

    while taken := claimed():
        sizes.append(len(taken))
        try:
            run(Group(taken))
        except Crash:
            Job.objects.filter(status="running").update(lease_until=clock.now() - LEASE)
            leases.run()
    ended = [again(job) for job in jobs]

    assert sizes == [3, 1, 1, 1, 1]
    assert [job.status for job in ended] == ["completed", "failed", "completed"]
    assert [job.crashes for job in ended] == [1, 3, 1]
    assert ended[1].reason == "crash_loop"


def test_it_looks_at_a_job_before_it_begins_when_the_claim_is_old(monkeypatch):
    ran = []
    jobs = [job_of(lambda job: ran.append(job.id)) for _ in range(3)]
    group = Group(claimed())
    monkeypatch.setattr(group, "is_old", lambda: True)
    Job.objects.filter(pk=jobs[1].pk).update(cancel_requested_at=clock.now())

    run(group)

    assert ran == [jobs[0].pk, jobs[2].pk]
    assert outcomes(*jobs) == ["completed", "cancelled", "completed"]
    assert [outcome for _, outcome in group.ended()] == ["completed", "cancelled", "completed"]


def test_it_gives_back_what_has_not_begun():
    jobs = [job_of(lambda job: None) for _ in range(3)]
    group = Group(claimed())
    job = group.begin_next()
    assert job is not None
    group.end(job, executor.perform(job, lambda: False, companions=group))

    group.disband()

    assert outcomes(*jobs) == ["completed", "pending", "pending"]
    assert [again(job).attempt for job in jobs] == [1, 0, 0]
    assert group.begin_next() is None


def test_it_keeps_no_other_thread_waiting_while_it_completes():
    jobs = [job_of(lambda job: None) for _ in range(2)]
    group = Group(claimed())

    with group._lock:
        other = Thread(target=group.relieve)
        other.start()
        other.join(5)

        assert not other.is_alive()
    assert outcomes(*jobs) == ["running", "running"]


def test_it_lets_a_failure_be_that_of_its_own_job():
    def handle(job: Any) -> None:
        if job.id == jobs[1].pk:
            raise ZeroDivisionError

    jobs = [job_of(handle) for _ in range(3)]

    run(Group(claimed()))

    assert outcomes(*jobs) == ["completed", "pending", "completed"]
    assert [again(job).attempts.get().outcome for job in jobs] == ["completed", "retried", "completed"]


def test_it_saves_the_others_when_the_result_of_one_cannot_be_stored(monkeypatch):
    real = statements.settle_together

    def refuse(finished: Any, retention: Any) -> Any:
        if any(job == jobs[1] for job, _ in finished):
            raise DataError("too large")
        return real(finished, retention)

    monkeypatch.setattr(statements, "settle_together", refuse)
    jobs = [job_of(lambda job: None) for _ in range(3)]
    put_off: list[Job] = []
    group = Group(claimed())
    with pytest.raises(DataError):
        run(group)

    group.rescue(put_off.append)

    assert put_off == [jobs[1]]
    assert outcomes(*jobs) == ["completed", "running", "completed"]


def test_it_lets_a_handler_have_its_jobs_alone():
    handler("test.alone", alone=True)(lambda job: None)

    assert not registry.may_share("test.alone")
    assert not registry.may_share("test.unknown")
