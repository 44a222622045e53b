"""The duty that takes back jobs whose process died or froze."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from autopilot import clock
from autopilot.engine import controls, statements
from autopilot.engine.fences import renew
from autopilot.models import Event, Job
from autopilot.sweep import leases
from tests.autopilot.engine.concurrency import Actor, at_once
from tests.autopilot.engine.standing import LEASE, new, standing

pytestmark = pytest.mark.django_db

PAST = timedelta(seconds=1)


def lapsed(**fields) -> Job:
    """Return a running job whose lease has run out."""
    job = standing("running", **fields)
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - PAST)
    job.refresh_from_db()
    return job


def test_it_puts_a_job_with_an_expired_lease_back():
    job = lapsed(concurrency_slot=0, concurrency_key="k")

    assert leases.run() == 1

    event = job.events.last()
    job.refresh_from_db()
    assert (job.status, job.crashes, job.attempt, job.lease_owner, job.concurrency_slot) == ("pending", 1, 1, "", None)
    assert job.scheduled_for <= clock.now()
    assert (event.why, event.detail) == ("lease_expired", {"process": "first"})
    assert job.attempts.get().outcome == "lost"


def test_it_lets_a_lost_job_go_before_all_that_came_after_it():
    new()
    job = lapsed(rank=clock.now() - timedelta(minutes=30))

    leases.run()

    claimed = statements.claim("second", LEASE)
    assert claimed == job


def test_it_leaves_a_lease_that_holds():
    standing("running")

    assert leases.run() == 0


def test_it_does_so_once():
    lapsed()

    assert [leases.run(), leases.run()] == [1, 0]


def test_it_puts_a_job_aside_after_its_last_crash():
    job = lapsed(crashes=2)

    leases.run()

    job.refresh_from_db()
    assert (job.status, job.reason, job.crashes) == ("failed", "crash_loop", 3)
    assert job.error == "The process that ran it ended or froze 3 times."
    assert (job.attempts.get().outcome, job.attempts.get().error) == ("lost", job.error)


def test_it_fails_a_job_that_has_no_attempt_left():
    job = lapsed(attempt=3)

    leases.run()

    job.refresh_from_db()
    assert (job.status, job.reason, job.crashes) == ("failed", "attempts_exhausted", 1)
    assert job.attempts.get().error


def test_it_ends_a_cancelled_job_instead_of_putting_it_back():
    job = lapsed(cancel_requested_at=clock.now())

    assert leases.run() == 1

    assert Job.objects.get(pk=job.pk).status == "cancelled"


def test_it_leaves_a_job_that_was_renewed_since_it_looked():
    job = lapsed()
    Job.objects.update(lease_until=clock.now() + LEASE)
    assert renew(job)

    assert not leases.reap(job)

    assert Job.objects.get(pk=job.pk).crashes == 0


def test_it_leaves_a_job_that_was_claimed_since_it_looked():
    job = lapsed()
    leases.run()
    claimed = statements.claim("second", LEASE)
    Job.objects.update(lease_until=clock.now() - PAST)

    assert claimed == job
    assert not leases.reap(job)


def test_two_at_once_take_a_job_back_once(shared_database):
    for _ in range(10):
        lapsed()

    counts = at_once(leases.run, leases.run)

    assert sum(counts) == 10
    assert Event.objects.filter(why="lease_expired").count() == 10
    assert set(Job.objects.values_list("crashes", flat=True)) == {1}


@pytest.mark.postgresql_only
def test_it_waits_for_no_row_that_a_frozen_transaction_holds(shared_database):
    frozen, lost = lapsed(), lapsed()
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=frozen.pk)

        assert Actor(leases.run).ended() == 1

    assert list(Event.objects.filter(why="lease_expired").values_list("job", flat=True)) == [lost.pk]
    assert leases.run() == 1


def test_it_is_not_stopped_by_a_job_that_cannot_be_taken_back(monkeypatch, caplog):
    broken, lost = lapsed(), lapsed()
    put_back = controls.put_back

    def refuse(job: Job, *rest: Any, **changes: Any) -> str:
        if job == broken:
            raise IntegrityError("this one cannot move")
        return put_back(job, *rest, **changes)

    monkeypatch.setattr(controls, "put_back", refuse)

    assert leases.run() == 1

    assert Job.objects.get(pk=lost.pk).status == "pending"
    assert f"the lost job {broken.pk} could not be taken back: IntegrityError" in caplog.text


def test_its_crashes_are_quarantined_however_they_come():
    """Three processes in a row die in one job: it is not started a fourth time."""
    new()
    for _ in range(3):
        assert statements.claim("first", LEASE)
        Job.objects.update(lease_until=clock.now() - PAST, max_attempts=9)
        leases.run()

    job = Job.objects.get()
    assert (job.status, job.reason, job.attempt) == ("failed", "crash_loop", 3)
    assert statements.claim("first", LEASE) is None
