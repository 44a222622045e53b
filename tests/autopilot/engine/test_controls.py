"""What operators do to jobs: cancel, hold and release, each allowed, recorded and safe to repeat."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from autopilot import clock
from autopilot.engine import cancel, decide, enqueue, faults, hold, release, requeue
from autopilot.engine.signals import GivenBack
from autopilot.exceptions import ControlRefused, Retryable, Snooze
from autopilot.models import AuditEntry, Job
from autopilot.sweep import leases
from autopilot.testing import run_job, run_jobs
from autopilot.trace import tracing
from tests.autopilot.engine.runs import again, job_of, run
from tests.autopilot.engine.standing import last_event, new, standing

pytestmark = pytest.mark.django_db


def cancelling(job) -> None:
    """Cancel a job, as a person in another process does."""
    assert cancel(job.id, actor=None, reason="By the applicant.") == "running"


# --- cancel -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["blocked", "pending", "waiting"])
def test_it_cancels_at_once_what_nobody_runs(status, olga):
    job = standing(status)

    assert cancel(job.pk, actor=olga, reason="Not needed.") == "cancelled"

    event = last_event(job)
    assert (again(job).status, again(job).reason) == ("cancelled", "cancelled")
    assert (event.why, event.actor, event.detail) == ("cancel", "olga", {"reason": "Not needed."})
    assert AuditEntry.objects.get(name="autopilot.job.cancelled").actor == olga


def test_it_closes_the_checkpoints_of_a_cancelled_job(olga, reviewers):
    job, _ = run(lambda job: job.approval("review", title="Fine?", payload={}, reviewers="Reviewer"))

    cancel(job.pk, actor=olga, reason="Not needed.")

    checkpoint = job.checkpoints.get()
    assert checkpoint.status == "cancelled"
    assert checkpoint.decided_at is not None


def test_it_only_asks_a_running_job_to_stop(olga):
    job = standing("running")

    assert cancel(job.pk, actor=olga, reason="Not needed.") == "running"

    assert again(job).cancel_requested_at is not None


def test_it_stops_a_run_at_its_next_step():
    done = []

    def handle(job):
        job.tx("first", lambda: done.append(1))
        cancelling(job)
        job.tx("second", lambda: done.append(2))

    job, outcome = run(handle)

    assert (outcome, job.status, done) == ("cancelled", "cancelled", [1])
    assert job.attempts.get().outcome == "cancelled"


def test_it_stops_a_run_that_has_no_step_left():
    def handle(job):
        cancelling(job)
        return "done"

    job, outcome = run(handle)

    assert (outcome, job.status, job.result) == ("cancelled", "cancelled", None)


@pytest.mark.parametrize("error", [ValueError("Odd."), Retryable("Busy."), Snooze(timedelta(hours=1))])
def test_it_cancels_instead_of_trying_again(error):
    def handle(job):
        cancelling(job)
        raise error

    job, outcome = run(handle)

    assert (outcome, job.status) == ("cancelled", "cancelled")


def test_it_cancels_instead_of_giving_back():
    def handle(job):
        cancelling(job)
        raise GivenBack

    job, outcome = run(handle)

    assert (outcome, job.status) == ("cancelled", "cancelled")


def test_it_cancels_what_dies_with_its_process():
    job = standing("running", cancel_requested_at=clock.now())
    Job.objects.update(lease_until=clock.now())

    assert leases.run() == 1

    assert (again(job).status, again(job).attempts.get().outcome) == ("cancelled", "cancelled")


def test_it_does_not_wait_for_a_person_once_it_is_cancelled(reviewers):
    def handle(job):
        cancelling(job)
        job.approval("review", title="Fine?", payload={}, reviewers="Reviewer")

    job, outcome = run(handle)

    assert outcome == "cancelled"
    assert not job.checkpoints.exists()


@pytest.mark.parametrize("point", ["call.before_call", "call.after_call", "once.before_call", "once.after_call"])
def test_it_never_tears_an_effect_that_is_on_its_way(point):
    called = []

    def handle(job):
        job.call("post", lambda key: called.append(key)) if "call.b" in point or "call.a" in point else None
        job.once("submit", lambda: called.append("once"))
        job.tx("after", lambda: called.append("after"))

    job = job_of(handle)

    def hook(reached):
        if reached == point:
            faults.watch(None)
            cancel(job.pk, actor=None, reason="")

    faults.watch(hook)
    outcome = run_job(job)

    assert outcome == "cancelled"
    assert "after" not in called
    assert len(called) == 1


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "skipped"])
def test_it_leaves_what_has_ended(status, olga):
    job = standing(status)

    assert cancel(job.pk, actor=olga, reason="Too late.") == status

    assert again(job).event_seq == 2
    assert not AuditEntry.objects.exists()


def test_it_cancels_the_children_with_their_parent(olga):
    parent = new()
    waiting, running, done = standing("waiting"), standing("running"), standing("completed")
    Job.objects.filter(pk__in=[waiting.pk, running.pk, done.pk]).update(parent=parent)
    grandchild = new(parent=again(waiting))

    cancel(parent.pk, actor=olga, reason="Not needed.")

    assert [again(job).status for job in (parent, waiting, grandchild, running, done)] == [
        "cancelled",
        "cancelled",
        "cancelled",
        "running",
        "completed",
    ]
    assert again(running).cancel_requested_at is not None


def test_it_cancels_twice_without_harm(olga):
    job = new()

    assert cancel(job.pk, actor=olga, reason="a") == cancel(job.pk, actor=olga, reason="b") == "cancelled"

    assert job.events.filter(why="cancel").count() == 1


# --- hold and release -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["pending", "waiting", "blocked"])
def test_it_holds_and_releases_what_does_not_run(status, olga):
    job = standing(status)

    hold(job.pk, actor=olga, reason="x" * 500)
    held = again(job)
    release(job.pk, actor=olga, reason="Go on.")

    assert (held.held_by, held.hold_reason, held.status) == (olga, "x" * 200, status)
    assert (again(job).held_at, again(job).held_by, again(job).hold_reason) == (None, None, "")
    assert list(job.events.values_list("why", flat=True))[-2:] == ["hold", "release"]
    assert set(AuditEntry.objects.values_list("name", flat=True)) == {"autopilot.job.held", "autopilot.job.released"}


@pytest.mark.parametrize("status", ["running", "completed", "failed", "cancelled", "skipped"])
def test_it_refuses_to_hold_what_runs_or_has_ended(status, olga):
    with pytest.raises(ControlRefused, match=f"A {status} job cannot be held"):
        hold(standing(status).pk, actor=olga, reason="Wait.")


def test_it_refuses_to_release_what_is_not_held(olga):
    with pytest.raises(ControlRefused, match="not held"):
        release(new().pk, actor=olga, reason="Go on.")


def test_it_keeps_a_held_job_when_its_decision_comes(olga, alice, bob):
    job, _ = run(
        lambda job: job.approval("review", title="Fine?", payload={}, reviewers="Reviewer").decided_by,
        requested_by=alice,
    )
    hold(job.pk, actor=olga, reason="Wait.")
    decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1)
    assert run_jobs() == []

    release(job.pk, actor=olga, reason="Go on.")

    assert run_jobs() == [("test.handler", "completed")]


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["cancel", "hold", "release", "requeue"])
def test_it_refuses_people_without_the_permission(deed, stranger, bob):
    job = standing("failed" if deed == "requeue" else "pending")
    deeds = {
        "cancel": lambda person: cancel(job.pk, actor=person, reason="Because."),
        "hold": lambda person: hold(job.pk, actor=person, reason="Because."),
        "release": lambda person: release(job.pk, actor=person, reason="Go on."),
        "requeue": lambda person: requeue(job.pk, actor=person, reason="Because."),
    }

    for person in (stranger, bob):
        with pytest.raises(PermissionDenied):
            deeds[deed](person)

    assert again(job).event_seq == 2
    assert not AuditEntry.objects.exists()


def test_it_lets_who_asked_for_a_job_cancel_it_with_its_parts(stranger):
    job = standing("pending", requested_by=stranger)
    part = standing("pending", parent=job, parent_key="part")

    assert cancel(job.pk, actor=stranger, reason="By mistake.") == "cancelled"

    assert again(part).status == "cancelled"
    assert AuditEntry.objects.filter(name="autopilot.job.cancelled", actor=stranger).count() == 2


def test_it_refuses_who_asked_for_a_job_and_left(stranger):
    job = standing("pending", requested_by=stranger)
    stranger.is_active = False

    with pytest.raises(PermissionDenied):
        cancel(job.pk, actor=stranger, reason="By mistake.")

    assert again(job).status == "pending"


@pytest.mark.parametrize("deed", [cancel, hold, release, requeue])
def test_it_asks_people_for_a_reason(deed, olga):
    job = standing("failed" if deed is requeue else "pending")

    with pytest.raises(ControlRefused, match="Say why"):
        deed(job.pk, actor=olga, reason=" ")

    assert again(job).event_seq == 2
    assert not AuditEntry.objects.exists()


def test_it_audits_each_deed_with_person_reason_and_address(olga):
    deeds = {"held": hold, "released": release, "cancelled": cancel, "requeued": requeue}
    job = standing("pending")

    with tracing(ip="192.0.2.7"):
        for done, deed in deeds.items():
            deed(job.pk, actor=olga, reason=f"It is {done}.")

    told = AuditEntry.objects.order_by("pk").values_list("name", "actor", "ip", "data__reason")
    assert list(told) == [(f"autopilot.job.{done}", olga.pk, "192.0.2.7", f"It is {done}.") for done in deeds]
    assert last_event(job).detail["reason"] == "It is requeued."


def test_it_takes_reasons_that_no_database_holds(olga, tenant):
    job = enqueue("sample.simple", tenant_id=tenant, subject="a")

    hold(job.pk, actor=olga, reason="\0")
    cancel(job.pk, actor=olga, reason="\ud800")

    assert again(job).hold_reason == "\ufffd"
    assert last_event(job).detail == {"reason": "\ufffd"}
