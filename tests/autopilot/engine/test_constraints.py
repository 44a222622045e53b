"""What the database itself refuses: rows that no code of ours writes, and that a mistake in it could."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Attempt, Checkpoint, Job, OutboxMessage, Step, Worker
from tests.autopilot.engine.standing import new, standing

pytestmark = pytest.mark.django_db

NOW = clock.now()
LEASED = {"lease_owner": "first", "lease_until": NOW}
REFUSED_JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "an unknown status": ("pending", {"status": "resting"}),
    "running without a lease": ("pending", {"status": "running"}),
    "running without an owner": ("running", {"lease_owner": ""}),
    "running without an end of its lease": ("running", {"lease_until": None}),
    "a lease without running": ("pending", LEASED),
    "an owner without running": ("waiting", {"lease_owner": "first"}),
    "a deadline without running": ("pending", {"deadline": NOW}),
    "a slot without running": ("pending", {"concurrency_slot": 0}),
    "a worker's slot without running": ("completed", {"worker_slot": 0}),
    "final without an end": ("pending", {"status": "completed"}),
    "an end without being final": ("pending", {"finished_at": NOW}),
    "failed without an end": ("failed", {"finished_at": None}),
    "waiting without a reason": ("waiting", {"wait_reason": ""}),
    "waiting for an unknown reason": ("waiting", {"wait_reason": "weather"}),
    "waiting since no time": ("waiting", {"waiting_since": None}),
    "a wait reason without waiting": ("pending", {"wait_reason": "timer"}),
    "a wake-up without waiting": ("running", {"wake_at": NOW}),
    "priority 0": ("pending", {"priority": 0}),
    "priority 11": ("pending", {"priority": 11}),
}


def refused(statement):
    """Return whether the database refuses a write, at the latest when deferred checks are due."""
    try:
        with transaction.atomic():
            statement()
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("name", REFUSED_JOBS)
def test_it_refuses_a_job_that_is(name):
    status, changes = REFUSED_JOBS[name]
    job = standing(status)

    assert refused(lambda: Job.objects.filter(pk=job.pk).update(**changes))


def test_it_refuses_a_second_live_job_of_a_unique_key():
    first, second = new(unique_key="k"), new()
    same = {"tenant_id": first.tenant_id, "kind": first.kind, "unique_key": "k"}

    assert refused(lambda: Job.objects.filter(pk=second.pk).update(**same))
    assert not refused(lambda: Job.objects.filter(pk=second.pk).update(**same | {"tenant_id": uuid7()}))


@pytest.mark.parametrize(
    "slot",
    [{"concurrency_key": "k", "concurrency_slot": 2}, {"worker": "w", "worker_slot": 2}],
)
def test_it_refuses_two_running_jobs_in_one_slot(slot):
    standing("running", **slot)

    assert refused(lambda: standing("running", **slot))


def test_it_refuses_a_second_child_of_a_key():
    parent, first, second = new(), new(), new()
    Job.objects.filter(pk=first.pk).update(parent=parent, parent_key="a")

    assert refused(lambda: Job.objects.filter(pk=second.pk).update(parent=parent, parent_key="a"))


def test_it_refuses_a_second_event_of_a_number():
    event = new().events.get()
    event.pk = None

    assert refused(lambda: event.save(force_insert=True))


def test_it_refuses_a_second_attempt_of_an_epoch():
    attempt = standing("running").attempts.get()
    attempt.pk = None

    assert refused(lambda: attempt.save(force_insert=True))


@pytest.mark.parametrize(
    "changes", [{"finished_at": NOW}, {"outcome": "failed"}, {"outcome": "completed", "finished_at": None}]
)
def test_it_refuses_an_attempt_that_ended_without_an_outcome_or_the_other_way_round(changes):
    attempt = standing("running").attempts.get()

    assert refused(lambda: Attempt.objects.filter(pk=attempt.pk).update(**changes))


def test_it_refuses_a_step_stored_twice():
    job = new()
    step = {"job": job, "generation": 1, "key": "a", "effect": "tx", "epoch": 1}
    Step.objects.create(**step)

    assert refused(lambda: Step.objects.create(**step))
    assert not refused(lambda: Step.objects.create(**step | {"generation": 2}))
    assert refused(lambda: Step.objects.create(**step | {"key": "b", "state": "resting"}))


def checkpoint(**fields):
    """Return a stored checkpoint of a new job."""
    fitting = {"tenant_id": uuid7(), "generation": 1, "key": "a", "kind": "approval_required", "title": "Fine?"}
    return Checkpoint.objects.create(job=new(), payload_digest="0" * 64, **fitting | fields)


@pytest.mark.parametrize(
    "changes",
    [
        {"quorum": 0},
        {"status": "approved"},
        {"decided_at": NOW},
        {"status": "happened", "decided_at": NOW},
        {"status": "noted", "decided_at": NOW},
        {"kind": "info"},
        {"kind": "reconcile", "status": "approved", "decided_at": NOW},
        {"kind": "reconcile", "status": "expired", "decided_at": NOW},
    ],
)
def test_it_refuses_a_checkpoint_that_cannot_be(changes):
    pending = checkpoint()

    assert refused(lambda: Checkpoint.objects.filter(pk=pending.pk).update(**changes))


def test_it_refuses_a_second_checkpoint_of_a_key():
    first = checkpoint()
    first.pk = uuid7()

    assert refused(lambda: first.save(force_insert=True))


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled": False},
        {"pause": "drain"},
        {"enabled": False, "pause": "nap"},
        {"concurrency": 0},
        {"max_attempts": 0},
    ],
)
def test_it_refuses_a_worker_that_cannot_be(changes):
    Worker.objects.create(name="test")

    assert refused(lambda: Worker.objects.filter(name="test").update(**changes))


def test_it_refuses_a_message_that_was_sent_at_no_time():
    message = OutboxMessage.objects.create(tenant_id=uuid7(), topic="a.topic")

    assert refused(lambda: OutboxMessage.objects.filter(pk=message.pk).update(status="sent"))
    assert refused(lambda: OutboxMessage.objects.filter(pk=message.pk).update(sent_at=NOW - timedelta(days=1)))
