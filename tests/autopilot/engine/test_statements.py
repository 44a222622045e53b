"""The hot statements: claim and settle write what `move` writes, field by field, whatever the session's settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from autopilot import clock
from autopilot.engine import statements
from autopilot.engine.transitions import chain_hash, move
from autopilot.models import Attempt, Event, Job, Worker
from autopilot.testing import claim
from tests.autopilot.engine.standing import LEASE, new, standing

pytestmark = pytest.mark.django_db

RETENTION = timedelta(days=365)


def row_of(record: Any) -> dict[str, Any]:
    """Return a row as the database holds it, without keys that a sequence gives."""
    return {
        field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields if field.attname != "id"
    }


def written(job: Job, before: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a move changed, and its event and attempt, with new times told as their distance from the event."""
    event = Event.objects.filter(job=job).last()
    assert event is not None
    rows = {
        "job": changes(row_of(Job.objects.get(pk=job.pk)), before),
        "event": row_of(event),
        "attempt": row_of(Attempt.objects.get(job=job)),
    }
    assert event.hash == chain_hash(event)
    assert rows["job"].pop("event_hash") == rows["event"].pop("hash") == event.hash
    return {name: {key: distance(value, event.at) for key, value in row.items()} for name, row in rows.items()}


def changes(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if value != before[name]}


def distance(value: Any, moment: datetime) -> Any:
    return value - moment if isinstance(value, datetime) else value


def by_move(job: Job, *arguments: Any, **changed: Any) -> dict[str, dict[str, Any]]:
    """Return what `move` would write, and take it back."""
    before = row_of(Job.objects.get(pk=job.pk))
    with transaction.atomic():
        assert move(job.pk, *arguments, **changed)
        if arguments[1] == "running":
            started_at = Event.objects.get(job=job, seq=2).at
            Attempt.objects.create(job=job, epoch=1, number=1, process="first", started_at=started_at)
        rows = written(job, before)
        transaction.set_rollback(True)
    return rows


@pytest.mark.parametrize("result", [None, {}, {"n": 1, "names": ["ä", "😀"]}, [1, 2.5, None], "text", 0, False])
def test_it_settles_as_move_would(result):
    job = standing("running", error="An earlier attempt broke.", error_fingerprint="abc")
    before = row_of(job)
    finished = {"result": result, "reason": "done", "error": "", "error_fingerprint": ""}
    expected = by_move(job, "running", "completed", "done", guard={"epoch": job.epoch}, **finished)

    assert statements.settle(job, result, RETENTION)

    actual = written(job, before)
    assert near(actual) == near(expected)
    assert Job.objects.filter(pk=job.pk, result__isnull=True).exists() == (result is None)


def test_it_claims_as_move_would():
    job = new(priority=7)
    before = row_of(job)
    times = dict.fromkeys(("lease_until", "deadline", "first_started_at"), clock.now())
    expected = by_move(
        job, "pending", "running", "claim", lease_owner="first", epoch=1, attempt=1, concurrency_slot=None, **times
    )

    claimed = statements.claim("first", LEASE)

    actual = written(job, before)
    assert claimed is not None
    assert row_of(claimed) == row_of(Job.objects.get(pk=job.pk))
    # What `move` cannot know: the times that a claim gives, and that its event belongs to the new epoch already.
    given = {name: actual["job"].pop(name) for name in times}
    assert given == {"lease_until": LEASE, "deadline": timedelta(seconds=600), "first_started_at": timedelta(0)}
    assert times.keys() == {name for name in times if expected["job"].pop(name)}
    assert (actual["event"].pop("epoch"), expected["event"].pop("epoch")) == (1, 0)
    assert actual == expected


def near(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows without the start of the attempt, which lies before the event by as much as a test takes."""
    rows["attempt"].pop("started_at")
    return rows


def test_it_keeps_the_first_start_of_a_job_that_is_claimed_again():
    job = new()
    first = claim(job)
    move(job.pk, "running", "pending", "give_back", scheduled_for=clock.now())

    second = claim(job)

    assert second.first_started_at == first.first_started_at
    assert (second.epoch, second.attempt) == (2, 2)
    assert list(job.attempts.values_list("epoch", "number")) == [(1, 1), (2, 2)]


@contextmanager
def session_in(zone: str) -> Iterator[None]:
    """Let the database's session show times in another zone; Django itself reads them in UTC only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        yield
        if connection.vendor == "postgresql":
            cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
def test_it_writes_the_same_hash_whatever_the_time_zone(zone, settings):
    settings.TIME_ZONE = zone
    job = new()
    with timezone.override(zone), session_in(zone):
        statements.settle(claim(job), {"n": 1}, RETENTION)

    events = list(Event.objects.filter(job=job))
    assert [event.hash for event in events] == [chain_hash(event) for event in events]
    assert [event.previous_hash for event in events] == ["", events[0].hash, events[1].hash]


def test_it_claims_nothing_when_nothing_is_due():
    new(scheduled_for=clock.now() + timedelta(minutes=1))

    assert statements.claim("first", LEASE) is None


def test_it_settles_nothing_for_a_run_that_lost_its_job():
    job = standing("running")
    Job.objects.filter(pk=job.pk).update(epoch=job.epoch + 1)

    assert not statements.settle(job, {}, RETENTION)

    assert Job.objects.get(pk=job.pk).event_seq == 2


def test_it_settles_nothing_when_somebody_asked_to_cancel():
    job = standing("running", cancel_requested_at=clock.now())

    assert not statements.settle(job, {}, RETENTION)


@pytest.mark.parametrize("status", ["pending", "waiting", "failed", "completed"])
def test_it_settles_nothing_that_does_not_run(status):
    job = standing(status)

    assert not statements.settle(job, {}, RETENTION)

    assert model_to_dict(Job.objects.get(pk=job.pk)) == model_to_dict(job)


def test_it_frees_the_slots_of_a_settled_job():
    job = standing("running", concurrency_slot=0, worker_slot=1)

    statements.settle(job, {}, RETENTION)

    job.refresh_from_db()
    assert (job.concurrency_slot, job.worker_slot) == (None, None)


# --- settle and claim in one ------------------------------------------------------------------------------------------


def both(job: Job, result: Any = None) -> tuple[bool, Job | None]:
    settled, claimed = statements.settle_and_claim([(job, result)], RETENTION, "first", LEASE)
    assert len(claimed) <= 1
    return settled == {job.pk}, next(iter(claimed), None)


def test_it_settles_and_claims_as_each_alone_would():
    job, following = standing("running"), new()
    before, rows_before = row_of(job), row_of(following)
    with transaction.atomic():
        assert statements.settle(job, {"n": 1}, RETENTION)
        assert statements.claim("first", LEASE) == following
        expected = written(job, before), written(following, rows_before)
        transaction.set_rollback(True)

    settled, claimed = both(job, {"n": 1})

    assert (settled, claimed) == (True, following)
    assert claimed is not None
    assert row_of(claimed) == row_of(Job.objects.get(pk=following.pk))
    assert near(written(job, before)) == near(expected[0])
    assert written(following, rows_before) == expected[1]


def test_it_settles_when_there_is_nothing_to_claim():
    job = standing("running")

    assert both(job) == (True, None)

    assert Job.objects.get(pk=job.pk).status == "completed"


@pytest.mark.parametrize("lost", [{"epoch": 7}, {"cancel_requested_at": clock.now()}])
def test_it_claims_nothing_for_a_run_that_does_not_complete(lost):
    job, following = standing("running"), new()
    Job.objects.filter(pk=job.pk).update(**lost)

    assert both(job) == (False, None)

    assert Event.objects.filter(job=job).count() == 2
    assert row_of(Job.objects.get(pk=following.pk)) == row_of(following)


def test_it_passes_by_a_worker_that_was_paused_meanwhile():
    job, following = standing("running"), new()
    Worker.objects.create(name="test", enabled=False, pause="drain")

    assert both(job) == (True, None)

    assert Job.objects.get(pk=following.pk).status == "pending"


@pytest.mark.parametrize("limited", ["key", "worker"])
def test_it_lets_the_next_look_at_the_latest_have_the_slot_that_became_free(limited):
    key = "k" if limited == "key" else ""
    Worker.objects.create(name="test", concurrency=1 if limited == "worker" else None)
    new(concurrency_key=key)
    following = new(concurrency_key=key)
    job = statements.claim("first", LEASE)
    assert job is not None
    assert statements.claim("second", LEASE) is None

    settled, claimed = both(job)

    assert settled
    assert (claimed or statements.claim("first", LEASE)) == following


def test_it_exceeds_no_limit_of_a_key_that_others_use_up():
    standing("running", concurrency_key="k", concurrency_slot=0)
    job, _ = standing("running"), new(concurrency_key="k")

    assert both(job) == (True, None)
