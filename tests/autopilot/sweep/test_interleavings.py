"""What a duty saw may have changed before it acts: it acts on what is true then, or not at all."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from autopilot import clock
from autopilot.engine import cancel, decide, requeue, statements, waits
from autopilot.exceptions import AlreadyDecided
from autopilot.models import Checkpoint, Event, Job
from autopilot.sweep import expiry, leases, retention, start_by, timers
from tests.autopilot.engine.concurrency import Actor, Gate, at_once, until_blocked
from tests.autopilot.engine.people import group_of, person
from tests.autopilot.engine.standing import LEASE, new, standing
from tests.autopilot.sweep.asking import asked, fresh

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LATE = 2 * HOUR


def lapsed(**fields: Any) -> Job:
    """Return a running job whose lease has just run out."""
    return standing("running", **{"lease_until": clock.now() - SECOND} | fields)


def test_it_counts_no_crash_twice_when_the_next_lease_has_run_out_as_well():
    seen = lapsed()
    leases.run()
    statements.claim("second", LEASE)
    Job.objects.update(lease_until=clock.now() - SECOND)

    assert not leases.reap(seen)

    assert (fresh(seen).status, fresh(seen).crashes) == ("running", 1)


@pytest.mark.parametrize("crashes", [0, 2])
def test_it_ends_a_job_that_was_cancelled_while_its_process_died(crashes, olga):
    job = lapsed(crashes=crashes)
    cancel(job.pk, actor=olga, reason="Not wanted any more.")

    assert leases.run() == 1

    assert (fresh(job).status, fresh(job).reason) == ("cancelled", "cancelled")


def test_it_leaves_a_job_alone_that_waits_for_a_later_time_since_it_looked(monkeypatch):
    job = standing("waiting", wake_at=clock.now() - SECOND)
    wake = waits.wake

    def wake_too_late(job_id: UUID, why: str, **guard: Any) -> bool:
        Job.objects.filter(pk=job_id).update(wake_at=clock.now() + HOUR)
        return wake(job_id, why, **guard)

    monkeypatch.setattr(waits, "wake", wake_too_late)

    assert timers.run() == 0

    assert fresh(job).status == "waiting"


def test_it_leaves_a_job_alone_that_began_and_was_given_back_after_it_looked():
    job = standing("pending", first_started_at=clock.now(), start_by=clock.now() - MINUTE)

    assert not start_by._end(job.pk)


def test_it_is_not_kept_from_late_jobs_by_those_that_have_begun(monkeypatch):
    monkeypatch.setattr(start_by, "BATCH", 1)
    standing("pending", first_started_at=clock.now(), start_by=clock.now() - 2 * MINUTE)
    late = standing("pending", start_by=clock.now() - MINUTE)

    assert start_by.run() == 1

    assert fresh(late).status == "failed"


def test_it_cancels_what_a_job_cancelled_by_expiry_asked_others_to_do():
    checkpoint = asked(expires="1h", on_expiry="cancel")
    child = new(parent=checkpoint.job)

    with clock.moved(LATE):
        expiry.run()

    assert fresh(child).status == "cancelled"


def test_it_expires_each_checkpoint_once_however_many_sweep(shared_database):
    for _ in range(8):
        asked(expires="1h")

    with clock.moved(LATE):
        counts = at_once(*[expiry.run] * 4)

    assert sum(counts) == Event.objects.filter(why="expired").count() == 8


@pytest.mark.postgresql_only
def test_it_waits_for_a_decision_that_is_being_taken_and_respects_it(shared_database):
    bob = person("bob", group_of("Reviewer", "decide_checkpoint"))
    checkpoint = asked(expires="1h")
    gate = Gate("decide.before_wake")
    decider = Actor(lambda: decide(checkpoint.pk, actor=bob, verdict="approve", version=1))
    gate.wait()

    with clock.moved(LATE):
        sweeper = Actor(expiry.run)
        until_blocked(sweeper)
        gate.open()
        decider.ended()
        swept = sweeper.ended()

    checkpoint.refresh_from_db()
    assert (swept, checkpoint.status, fresh(checkpoint.job).status) == (0, "approved", "pending")


@pytest.mark.postgresql_only
def test_it_is_respected_by_a_decision_that_comes_while_it_acts(shared_database):
    bob = person("bob", group_of("Reviewer", "decide_checkpoint"))
    checkpoint = asked(expires="1h")

    with transaction.atomic():
        with clock.moved(LATE):
            assert expiry.run() == 1
        decider = Actor(lambda: decide(checkpoint.pk, actor=bob, verdict="approve", version=1))
        until_blocked(decider)

    with pytest.raises(AlreadyDecided, match="already expired"):
        decider.ended()
    assert fresh(checkpoint.job).status == "failed"


@pytest.mark.postgresql_only
def test_it_locks_the_job_before_the_checkpoint_as_a_decision_does(shared_database):
    checkpoint = asked(expires="1h")

    with clock.moved(LATE):
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=checkpoint.job_id)
            sweeper = Actor(expiry.run)
            until_blocked(sweeper)
            free = Checkpoint.objects.select_for_update(nowait=True).get(pk=checkpoint.pk)
        swept = sweeper.ended()

    assert (free, swept) == (checkpoint, 1)


@pytest.mark.postgresql_only
def test_it_deletes_no_job_that_somebody_is_requeuing(shared_database):
    olga = person("olga", group_of("Operator", "control_job"))
    job = standing("failed", purge_after=clock.now() - SECOND)

    with transaction.atomic():
        requeue(job.pk, actor=olga, reason="The portal works again.")
        swept = Actor(retention.run).ended()

    assert (swept, fresh(job).status) == (0, "pending")
