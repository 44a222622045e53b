"""Several processes do the same thing at one moment: each thing happens once."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from autopilot import clock
from autopilot.engine import decide, enqueue, handler, statements
from autopilot.exceptions import AlreadyDecided
from autopilot.identifiers import uuid7
from autopilot.models import Attempt, Checkpoint, Decision, Event, Job, Worker
from autopilot.models.jobs import rank_of
from autopilot.sweep import leases
from tests.autopilot.engine.concurrency import Actor, at_once
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.engine.standing import LEASE, new, nothing

pytestmark = pytest.mark.django_db

PAIRS = 400
JOBS, SLOTS, KEYS = 60, 2, 3


def test_it_stores_one_job_for_all_who_ask_with_one_key(shared_database, tenant):
    handler("test.nothing")(nothing)

    for key in ("a", "b", "c", "d", "e"):
        found = at_once(*[lambda key=key: enqueue("test.nothing", tenant_id=tenant, unique_key=key).pk] * 4)

        assert set(found) == {Job.objects.get(unique_key=key).pk}

    assert Event.objects.count() == Job.objects.count() == 5


def take_all() -> list[Job]:
    """Claim until nothing is due."""
    return list(iter(lambda: statements.claim("claimer", LEASE), None))


def test_it_gives_each_job_to_one_of_many_claimers(shared_database):
    jobs = {new().pk for _ in range(24)}

    taken = [job.pk for claimer in at_once(*[take_all] * 4) for job in claimer]

    assert sorted(taken) == sorted(jobs)
    assert Attempt.objects.count() == len(jobs)
    assert set(Job.objects.values_list("epoch", "attempt", "event_seq")) == {(1, 1, 2)}


@pytest.mark.postgresql_only
def test_it_waits_for_no_row_that_somebody_else_has_locked(shared_database):
    first, second = new(priority=9), new(priority=2)

    with transaction.atomic():
        Job.objects.select_for_update().get(pk=first.pk)
        taken = Actor(lambda: statements.claim("other", LEASE)).ended()

    assert taken == second


@pytest.mark.parametrize("limit", ["key", "worker"])
def test_it_never_runs_more_at_once_than_allowed(shared_database, limit):
    """Four claimers, the jobs of which end, crash or are left lying: at no moment do more run than there are slots."""
    handler("test.limited", slots=SLOTS)(nothing)
    if limit == "worker":
        Worker.objects.create(name="test", concurrency=SLOTS)
    for number in range(JOBS):
        key = f"k{number % KEYS}" if limit == "key" else ""
        enqueue("test.limited", tenant_id=uuid7(), concurrency_key=key)
    most = _Most()

    at_once(*[_claimer(seed, most) for seed in range(4)])

    assert set(Job.objects.values_list("status", flat=True)) == {"completed"}
    assert most.of_one_key == SLOTS
    assert not Job.objects.exclude(concurrency_slot=None, worker_slot=None).exists()


class _Most:
    """Counts, from between the claim and the end of each job, how many run by the claimers' own account."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: Counter[str] = Counter()
        self.of_one_key = 0

    def count(self, key: str, change: int) -> None:
        with self.lock:
            self.running[key] += change
            self.of_one_key = max(self.of_one_key, self.running[key])


def _claimer(seed: int, most: _Most) -> Callable[[], None]:
    chance = random.Random(seed)

    def work() -> None:
        while Job.objects.exclude(status="completed").exists():
            job = statements.claim(f"claimer {seed}", LEASE)
            if job is None:
                continue
            most.count(job.concurrency_key, +1)
            time.sleep(chance.random() * 0.01)
            crashes = chance.random() < 0.2 and job.attempt == 1
            most.count(job.concurrency_key, -1)
            if crashes:
                _give_up(job)
            else:
                assert statements.settle(job, None, timedelta(days=1))

    return work


def _give_up(job: Job) -> None:
    """Let the job's lease run out and be noticed, as when its process died."""
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - LEASE)
    assert leases.reap(Job.objects.get(pk=job.pk))


def waiting(count: int, requester) -> list[Checkpoint]:
    """Return the pending checkpoints of as many waiting jobs, put there all at once."""
    now = clock.now()
    common = {"tenant_id": uuid7(), "kind": "test.nothing", "worker": "test", "payload_digest": "0"}
    jobs = [
        Job(
            status="waiting",
            wait_reason="checkpoint",
            waiting_since=now,
            scheduled_for=now,
            rank=rank_of(now, 5),
            **common,
        )
        for _ in range(count)
    ]
    Job.objects.bulk_create(jobs)
    asked = {"tenant_id": uuid7(), "generation": 1, "key": "review", "kind": "approval_required", "title": "Fine?"}
    return Checkpoint.objects.bulk_create(
        [Checkpoint(job=job, requester=requester, payload_digest="0", **asked) for job in jobs]
    )


def test_it_gives_400_simultaneous_pairs_one_outcome_each(shared_database):
    reviewers = group_of("Reviewer", "decide_checkpoint")
    alice, bob, carol = (person(name, reviewers) for name in ("alice", "bob", "carol"))
    checkpoints = waiting(PAIRS, alice)
    barrier = threading.Barrier(2)

    def decider(actor, verdict):
        def act() -> list[bool]:
            return [_decide(barrier, checkpoint, actor, verdict) for checkpoint in checkpoints]

        return act

    approved, rejected = at_once(decider(bob, "approve"), decider(carol, "reject"))

    assert [one + other for one, other in zip(approved, rejected, strict=True)] == [1] * PAIRS
    assert 0 < sum(approved) < PAIRS
    assert Decision.objects.count() == Event.objects.count() == PAIRS
    assert set(Job.objects.values_list("status", "event_seq")) == {("pending", 1)}
    outcomes = Checkpoint.objects.order_by("pk").values_list("status", "decisions__verdict")
    assert set(outcomes) == {("approved", "approve"), ("rejected", "reject")}


def _decide(barrier: threading.Barrier, checkpoint: Checkpoint, actor, verdict: str) -> bool:
    barrier.wait(20)
    try:
        decide(checkpoint.pk, actor=actor, verdict=verdict, version=1, comment="Because.")
    except AlreadyDecided:
        return False
    return True
