"""The duty that counts what happened: everything once, nothing too early."""

import random
from collections import Counter
from datetime import timedelta
from math import inf

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from autopilot import clock
from autopilot.engine import decide, enqueue, handler, requeue
from autopilot.exceptions import Invalid, Retryable
from autopilot.models import DurationTally, Event, EventTally, Job, TallyCursor
from autopilot.models.tallies import BEFORE, hour_of
from autopilot.sweep import tallies
from autopilot.tallies import LAG, counting, percentile
from autopilot.testing import run_jobs
from tests.autopilot.engine.concurrency import Actor, at_once
from tests.autopilot.engine.runs import job_of
from tests.autopilot.engine.standing import new
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
RIPE = LAG + SECOND
DAY = timedelta(days=1)


def counted():
    """Return how often each move was counted."""
    rows = EventTally.objects.order_by().values_list("from_status", "to_status", "why").annotate(Sum("count"))
    return {(source, target, why): count for source, target, why, count in rows}


def moves():
    """Return how often each move happened."""
    rows = Event.objects.values_list("from_status", "to_status", "why")
    return dict(Counter((source, target, why) for source, target, why in rows if source != target))


def bars(measure, **where):
    """Return the bars of a measure."""
    rows = DurationTally.objects.filter(measure=measure, **where).order_by().values_list("upper")
    return dict(rows.annotate(Sum("count")))


def swept():
    """Count everything that happened up to now; returns how many events."""
    with clock.moved(RIPE):
        return tallies.run()


def test_it_counts_every_move_and_no_note():
    job_of(lambda job: None)
    job_of(lambda job: None)
    run_jobs()

    assert swept() == Event.objects.count() == 6

    assert (
        counted()
        == moves()
        == {("", "pending", "enqueue"): 2, ("pending", "running", "claim"): 2, ("running", "completed", "done"): 2}
    )
    assert set(EventTally.objects.values_list("worker", "kind")) == {("test", "test.handler")}
    assert set(EventTally.objects.values_list("hour", flat=True)) <= {
        hour_of(at) for at in Event.objects.values_list("at", flat=True)
    }


def test_it_counts_nothing_twice():
    new()
    swept()
    new()

    assert (swept(), swept()) == (1, 0)

    assert counted() == {("", "pending", "enqueue"): 2}


def test_it_leaves_what_has_just_happened_for_later():
    new()
    with clock.moved(LAG - SECOND):
        assert tallies.run() == 0

    assert swept() == 1


def test_it_counts_in_batches(monkeypatch):
    monkeypatch.setattr(counting, "BATCH", 2)
    monkeypatch.setattr("autopilot.tallies.BATCH", 2)
    for _ in range(5):
        new()

    assert swept() == 5

    assert counted() == {("", "pending", "enqueue"): 5}


def test_it_adds_nothing_when_another_has_counted_meanwhile(monkeypatch):
    new()
    add = counting._advance

    def late(start, end):
        TallyCursor.objects.update(position=end)
        return add(start, end)

    monkeypatch.setattr(counting, "_advance", late)

    assert swept() == 0
    assert counted() == {}


def test_it_keeps_the_cursor_where_it_was_when_it_dies(monkeypatch):
    new()

    def die(model, sums):
        if model is DurationTally:
            raise RuntimeError

    monkeypatch.setattr(counting, "_add", die)
    with pytest.raises(RuntimeError), clock.moved(RIPE), transaction.atomic():
        counting.count_events()
    monkeypatch.undo()

    assert (swept(), counted()) == (1, {("", "pending", "enqueue"): 1})


def test_it_counts_each_event_once_however_many_count(shared_database, monkeypatch):
    monkeypatch.setattr(counting, "BATCH", 7)
    monkeypatch.setattr("autopilot.tallies.BATCH", 1)
    for _ in range(30):
        new()

    with clock.moved(RIPE):
        shares = at_once(*[tallies.run] * 4)
        rest = tallies.run()

    assert sum(shares) + rest == 30
    assert counted() == {("", "pending", "enqueue"): 30}


@pytest.mark.postgresql_only
def test_it_waits_for_a_transaction_that_may_still_bring_an_earlier_event(shared_database, monkeypatch):
    monkeypatch.setattr(counting, "LAG", timedelta(0))
    go_on = []

    def enqueue_slowly():
        with transaction.atomic():
            new()
            go_on.append(connection)
            while go_on:
                connection.cursor().execute("SELECT pg_sleep(0.01)")

    slow = Actor(enqueue_slowly)
    while not go_on:
        assert slow.is_alive()
    new()
    early = tallies.run()
    go_on.clear()
    slow.ended()

    assert (early, tallies.run()) == (0, 2)


def test_it_measures_waits_and_runs():
    job = job_of(lambda job: None)
    with clock.moved(timedelta(seconds=45)):
        run_jobs()
        swept()

    assert bars("wait") == {60.0: 1}
    assert sum(bars("run").values()) == 1
    assert bars("total") == {60.0: 1}
    assert Job.objects.get(pk=job.pk).status == "completed"


def test_it_measures_from_when_a_job_was_due_not_from_when_it_was_asked_for():
    handler("test.later")(lambda job: None)
    enqueue("test.later", tenant_id=new().pk, scheduled_for=clock.now() + timedelta(hours=3))
    Job.objects.filter(kind="test.nothing").delete()
    with clock.moved(timedelta(hours=3, seconds=8)):
        run_jobs()
        swept()

    assert bars("wait") == {10.0: 1}


def test_it_measures_a_repetition_from_the_end_of_its_delay():
    def fail(job):
        raise Retryable(after=timedelta(seconds=100))

    job_of(fail, max_attempts=2)
    run_jobs()
    with clock.moved(timedelta(seconds=103)):
        run_jobs()
        swept()

    assert sum(bars("wait").values()) >= 1
    assert all(upper <= 5.0 for upper in bars("wait"))


def test_it_measures_decisions_and_how_long_until_a_person_was_asked(bob):
    checkpoint = asked()
    with clock.moved(timedelta(hours=3)):
        decide(checkpoint.pk, actor=bob, verdict="approve", version=1)
        run_jobs()
        swept()

    assert bars("decision") == {14_400.0: 1}
    assert {upper <= 5.0 for upper in bars("handling")} == {True}
    assert bars("total") == {14_400.0: 1}


def test_it_counts_a_job_that_failed_before_anybody_was_asked_as_never_handled(olga):
    def refuse(job):
        raise Invalid("It can never work.")

    job = job_of(refuse)
    run_jobs()
    requeue(job.pk, actor=olga, reason="Again.")
    run_jobs()
    swept()

    assert bars("handling") == {inf: 1}


def test_it_reads_percentiles_as_they_were():
    chance = random.Random(4)
    lengths = [chance.expovariate(1 / 40) for _ in range(20)]
    made = [new() for _ in lengths]
    for job, length in zip(made, lengths, strict=True):
        Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(seconds=length))
    run_jobs()
    swept()

    exact = sorted(lengths)[len(lengths) // 2]
    assert percentile(bars("total"), 0.5) == pytest.approx(exact, rel=0.5)
    stored = DurationTally.objects.filter(measure="total").aggregate(Sum("seconds"))["seconds__sum"]
    assert stored == pytest.approx(sum(lengths), abs=60)


def test_it_notes_what_leaves_no_event_apart_from_moves():
    for _ in range(3):
        EventTally.objects.note(EventTally.FENCED)
    EventTally.objects.note(EventTally.FOUR_EYES)

    assert counted() == {("", "", "fenced_write"): 3, ("", "", "four_eyes_denied"): 1}


def test_it_notes_all_of_those_who_note_at_once(shared_database):
    at_once(*[lambda: EventTally.objects.note(EventTally.FENCED)] * 6)

    assert counted() == {("", "", "fenced_write"): 6}


def test_it_folds_what_is_old_and_keeps_the_sums():
    new()
    swept()
    with clock.moved(9 * DAY):
        new()
        swept()
        swept()

        assert sorted(EventTally.objects.values_list("hour", "count")) == [(BEFORE, 1), (hour_of(clock.now()), 1)]

    with clock.moved(18 * DAY):
        new()
        swept()
        swept()

        assert sorted(EventTally.objects.values_list("hour", "count")) == [(BEFORE, 2), (hour_of(clock.now()), 1)]
    assert counted() == {("", "pending", "enqueue"): 3}


def test_it_folds_bars_with_their_seconds():
    new()
    run_jobs()
    swept()
    before = sorted(DurationTally.objects.values_list("measure", "upper", "count", "seconds"))

    with clock.moved(9 * DAY):
        swept()

    assert set(DurationTally.objects.values_list("hour", flat=True)) == {BEFORE}
    assert sorted(DurationTally.objects.values_list("measure", "upper", "count", "seconds")) == before
