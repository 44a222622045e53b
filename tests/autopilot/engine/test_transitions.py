"""The table of legal moves, and `move`, which alone makes them."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from autopilot import clock
from autopilot.engine.transitions import LEGAL, NOWHERE, OUTCOMES, chain_hash, move, note, uncounted
from autopilot.exceptions import IllegalMove
from autopilot.models import FINAL, Attempt, Event, Job
from autopilot.models.jobs import rank_of
from tests.autopilot.engine.standing import REASONS, STATUSES, last_event, needed, standing

pytestmark = pytest.mark.django_db

TRIPLES = list(product(STATUSES, STATUSES, REASONS))
LEGAL_TRIPLES = [triple for triple in TRIPLES if triple[2] in LEGAL.get(triple[:2], ())]
MADE_BY_MOVE = [triple for triple in LEGAL_TRIPLES if triple[1] != "running"]


def test_it_knows_the_moves_of_the_engine_and_no_other():
    """Written out once more, from the states' table, so that a change of the table is a decision."""
    assert {
        f"{source or '∅'} → {target}: {' '.join(sorted(reasons))}" for (source, target), reasons in LEGAL.items()
    } == {
        "∅ → pending: enqueue",
        "∅ → blocked: enqueue",
        "blocked → pending: advance",
        "blocked → waiting: advance",
        "blocked → skipped: advance",
        "blocked → cancelled: cancel",
        "pending → running: claim",
        "pending → cancelled: cancel",
        "pending → failed: start_by_passed",
        "running → completed: done",
        "running → waiting: suspend",
        "running → pending: deadline give_back lease_expired retry snooze",
        "running → failed: attempts_exhausted crash_loop deadline expired invalid rejected",
        "running → cancelled: cancel",
        "waiting → pending: answer children_done decision expiry timer",
        "waiting → failed: expired",
        "waiting → cancelled: cancel expired",
        "failed → pending: requeue",
        "cancelled → pending: requeue",
    }


def test_it_refuses_every_other_move():
    job = standing("pending")
    refused = 0

    for source, target, why in set(TRIPLES) - set(LEGAL_TRIPLES):
        with pytest.raises(IllegalMove):
            move(job.pk, source, target, why)
        refused += 1

    assert refused == len(TRIPLES) - len(LEGAL_TRIPLES) > 1000
    assert Event.objects.filter(job=job).count() == 2


def test_it_says_which_move_it_refuses():
    with pytest.raises(IllegalMove, match="never moves from completed to running because of claim"):
        move(standing("completed").pk, "completed", "running", "claim")


def test_it_refuses_a_move_when_one_of_several_sources_is_illegal():
    job = standing("failed")

    with pytest.raises(IllegalMove):
        move(job.pk, ("failed", "completed"), "pending", "requeue")


def test_it_never_moves_out_of_completed_and_skipped():
    assert not [pair for pair in LEGAL if pair[0] in {"completed", "skipped"}]


@pytest.mark.parametrize(("source", "target", "why"), MADE_BY_MOVE)
def test_it_makes_every_legal_move(source, target, why):
    job = standing(source)
    changes: dict[str, Any] = {"wait_reason": "children"} if target == "waiting" else {}

    assert move(job.pk, source, target, why, actor="olga", detail={"n": 1}, **changes)

    moved = Job.objects.get(pk=job.pk)
    event = last_event(moved)
    assert moved.status == target
    assert (event.from_status, event.to_status, event.why, event.actor) == (source, target, why, "olga")
    assert (moved.event_seq, moved.event_hash) == (event.seq, event.hash)
    assert event.previous_hash == job.event_hash
    assert event.hash == chain_hash(event)
    assert (moved.finished_at is None) == (target not in FINAL)
    assert (moved.lease_owner, moved.lease_until, moved.deadline) == ("", None, None)
    assert (moved.waiting_since is None) == (target != "waiting")


@pytest.mark.parametrize(("source", "target", "why"), [triple for triple in MADE_BY_MOVE if triple[0] == "running"])
def test_it_closes_the_attempt_of_a_run_that_ends(source, target, why):
    job = standing(source)
    changes: dict[str, Any] = {"wait_reason": "children"} if target == "waiting" else {}

    move(job.pk, source, target, why, attempt_error="Traceback", **changes)

    attempt = job.attempts.get()
    assert attempt.outcome == OUTCOMES.get(why, Attempt.Outcome.FAILED)
    assert attempt.finished_at == last_event(job).at
    assert attempt.error == "Traceback"


@pytest.mark.parametrize("actual", STATUSES)
def test_it_moves_nothing_that_stands_elsewhere(actual):
    job = standing(actual)
    sources = [(source, target, why) for source, target, why in MADE_BY_MOVE if source != actual]

    assert not any(move(job.pk, *triple, wait_reason="timer") for triple in sources)

    assert Job.objects.get(pk=job.pk).status == actual
    assert job.events.count() == 2


def test_it_moves_nothing_that_does_not_meet_the_guard():
    job = standing("running")

    assert not move(job.pk, "running", "completed", "done", guard={"epoch": job.epoch + 1})
    assert not move(job.pk, "running", "completed", "done", guard={"lease_until__lte": clock.now()})

    job.refresh_from_db()
    assert (job.status, job.event_seq) == ("running", 2)
    assert job.attempts.get().outcome == "running"


def test_it_moves_from_one_of_several_sources():
    job = standing("waiting")

    assert move(job.pk, ("pending", "blocked", "waiting"), "cancelled", "cancel")

    assert last_event(job).from_status == "waiting"


def test_it_moves_a_job_once():
    job = standing("waiting")

    assert move(job.pk, "waiting", "pending", "timer")
    assert not move(job.pk, "waiting", "pending", "timer")


def test_it_reckons_the_rank_anew_when_the_due_time_changes():
    job = standing("running", priority=9)
    due = clock.now() + timedelta(hours=1)

    move(job.pk, "running", "pending", "retry", scheduled_for=due)

    job.refresh_from_db()
    assert (job.scheduled_for, job.rank) == (due, rank_of(due, 9))


def test_it_sets_fields_and_takes_back_an_attempt_with_the_move():
    job = standing("running")

    move(job.pk, "running", "pending", "snooze", attempt=uncounted(), snoozes=4)

    job.refresh_from_db()
    assert (job.attempt, job.snoozes) == (0, 4)


def test_it_clears_why_a_job_had_ended_when_it_goes_on():
    job = standing("failed", error="It broke.", error_fingerprint="abc")

    move(job.pk, "failed", "pending", "requeue")

    job.refresh_from_db()
    assert (job.reason, job.error, job.error_fingerprint) == ("", "", "")
    assert (job.finished_at, job.purge_after) == (None, None)


def test_it_leaves_no_trace_of_a_move_that_is_rolled_back():
    job = standing("running")

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        move(job.pk, "running", "completed", "done")
        raise ZeroDivisionError

    assert Job.objects.get(pk=job.pk).status == "running"
    assert job.events.count() == 2
    assert job.attempts.get().outcome == "running"


def test_it_notes_what_moves_nothing():
    job = standing("pending")

    note(job.pk, "hold", actor="olga", detail={"reason": "Wait."})

    event = last_event(job)
    job.refresh_from_db()
    assert (event.from_status, event.to_status, event.why) == ("pending", "pending", "hold")
    assert (job.event_seq, job.event_hash) == (3, event.hash)


def test_its_hash_covers_everything_an_event_says():
    event = last_event(standing("pending"))
    changed = {
        "previous_hash": "0" * 64,
        "job_id": standing("pending").pk,
        "seq": 7,
        "from_status": "failed",
        "to_status": "failed",
        "why": "cancel",
        "epoch": 9,
        "actor": "mallory",
        "detail": {"n": 2},
        "at": event.at + timedelta(microseconds=1),
    }

    hashes = set()
    for name, value in changed.items():
        original = getattr(event, name)
        setattr(event, name, value)
        hashes.add(chain_hash(event))
        setattr(event, name, original)

    assert len(hashes) == len(changed)
    assert event.hash == chain_hash(event)
    assert event.hash not in hashes


def test_it_reads_the_same_hash_back_from_the_database():
    job = standing("running")
    detail = {"delay_seconds": 7.123456789012345, "names": ["ä", "\0", "😀"], "whole": 2**62, "one": 1.0, "none": None}
    move(job.pk, "running", "pending", "retry", detail=detail)

    event = Event.objects.get(job=job, seq=3)

    assert event.hash == chain_hash(event)


def test_it_says_what_every_status_needs():
    assert all(Job.objects.get(pk=standing(status).pk).status == status for status in STATUSES)
    assert needed("pending") == {}
    assert (NOWHERE, "pending") in LEGAL
