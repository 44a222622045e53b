"""Limits on how many jobs run at once, by key and by worker: never exceeded, and never used up by nothing."""

from typing import Any

import pytest

from autopilot.engine import enqueue, handler, statements
from autopilot.engine.transitions import RUNNING, move
from autopilot.identifiers import uuid7
from autopilot.models import Job, Worker
from tests.autopilot.engine.standing import LEASE, nothing

pytestmark = pytest.mark.django_db


def queue(count: int, *, slots: int = 1, key: str = "k") -> None:
    """Enqueue jobs that share a key, of which so many may run at once."""
    handler(f"test.in_{slots}")(nothing) if slots == 1 else handler(f"test.in_{slots}", slots=slots)(nothing)
    for _ in range(count):
        enqueue(f"test.in_{slots}", tenant_id=uuid7(), concurrency_key=key)


def claim_all() -> list[Job]:
    """Claim until nothing more may be claimed."""
    return list(iter(lambda: statements.claim("first", LEASE), None))


def end(job: Job) -> None:
    assert move(job.pk, RUNNING, "failed", "invalid", guard={"epoch": job.epoch})


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_it_runs_as_many_of_a_key_as_it_has_slots(slots):
    queue(7, slots=slots)

    taken = claim_all()

    assert [job.concurrency_slot for job in taken] == list(range(slots))


def test_it_gives_the_slot_of_an_ended_job_to_the_next():
    queue(5, slots=3)
    first, second, third = claim_all()

    end(second)

    assert [job.concurrency_slot for job in claim_all()] == [1]
    end(first)
    end(third)
    assert [job.concurrency_slot for job in claim_all()] == [0]


def test_it_keeps_keys_apart():
    queue(2, key="a")
    queue(2, key="b")
    queue(2, key="")

    assert sorted(job.concurrency_key for job in claim_all()) == ["", "", "a", "b"]


def test_it_passes_by_a_full_key_to_what_comes_after_it():
    queue(3, key="a")
    queue(1, key="b")

    assert [job.concurrency_key for job in claim_all()] == ["a", "b"]


def test_it_goes_by_the_limit_of_the_job_that_would_start():
    queue(2, slots=3)
    claim_all()

    queue(1, slots=1)
    queue(2, slots=4)

    assert [(job.concurrency_limit, job.concurrency_slot) for job in claim_all()] == [(4, 2), (4, 3)]


@pytest.mark.parametrize("limit", [1, 3])
def test_it_runs_as_many_of_a_worker_as_an_operator_allows(limit):
    Worker.objects.create(name="test", concurrency=limit)
    queue(6, key="")

    assert [job.worker_slot for job in claim_all()] == list(range(limit))


def test_it_counts_what_already_ran_when_a_limit_is_set():
    queue(2, key="")
    before = claim_all()
    queue(3, key="")

    Worker.objects.create(name="test", concurrency=3)

    assert len(claim_all()) == 1
    end(before[0])
    assert len(claim_all()) == 1


def test_it_admits_nothing_while_more_run_than_a_lowered_limit_allows():
    Worker.objects.create(name="test", concurrency=4)
    queue(6, key="")
    running = claim_all()

    Worker.objects.update(concurrency=2)
    end(running[0])
    end(running[1])

    assert claim_all() == []
    end(running[2])
    assert len(claim_all()) == 1


def test_it_keeps_both_limits_at_once():
    Worker.objects.create(name="test", concurrency=3)
    queue(3, slots=2, key="a")
    queue(3, slots=2, key="b")

    taken = claim_all()

    assert [(job.concurrency_key, job.concurrency_slot, job.worker_slot) for job in taken] == [
        ("a", 0, 0),
        ("a", 1, 1),
        ("b", 0, 2),
    ]


@pytest.mark.parametrize(
    ("target", "why"), [("waiting", "suspend"), ("pending", "lease_expired"), ("cancelled", "cancel")]
)
def test_it_leaks_no_slot_however_a_run_ends(target, why):
    queue(2)
    (job,) = claim_all()

    changes: dict[str, Any] = {"wait_reason": "timer"} if target == "waiting" else {}
    move(job.pk, RUNNING, target, why, **changes)

    assert len(claim_all()) == 1
