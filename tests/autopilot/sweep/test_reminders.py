"""The duty that reminds reviewers, once, when a decision is soon due."""

from datetime import timedelta
from typing import Any

import pytest

from autopilot import clock
from autopilot.engine import decide
from autopilot.models import Checkpoint, Notice, OutboxMessage
from autopilot.sweep import reminders
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import group_of
from tests.autopilot.engine.runs import run

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def ask() -> Checkpoint:
    """Return a checkpoint that is due in 24 hours."""
    review: dict[str, Any] = {"title": "Fine?", "payload": {}, "reviewers": "Reviewer", "due": "24h"}
    return run(lambda job: job.approval("review", **review))[0].checkpoints.get()


def reminded() -> list[dict[str, str]]:
    """Return what the reminders in the outbox are about."""
    return list(OutboxMessage.objects.filter(topic=reminders.TOPIC).values_list("references", flat=True))


def test_it_reminds_when_the_last_quarter_has_begun(reviewers):
    checkpoint = ask()

    with clock.moved(18 * HOUR - timedelta(minutes=1)):
        assert reminders.run() == 0
    with clock.moved(18 * HOUR + timedelta(minutes=1)):
        assert reminders.run() == 1

    assert reminded() == [{"checkpoint_id": str(checkpoint.pk)}]
    assert (Notice.objects.get().kind, Notice.objects.get().number) == ("reminder", 1)


def test_it_reminds_once(reviewers):
    ask()

    with clock.moved(20 * HOUR):
        assert [reminders.run(), reminders.run()] == [1, 0]
    with clock.moved(40 * HOUR):
        assert reminders.run() == 0


def test_it_reminds_nobody_of_what_is_decided_or_due_at_no_time(alice, bob):
    decided, undue = ask(), ask()
    decide(decided.pk, actor=bob, verdict="approve", version=1)
    Checkpoint.objects.filter(pk=undue.pk).update(due_at=None)

    with clock.moved(20 * HOUR):
        assert reminders.run() == 0


def test_it_leaves_to_escalation_what_is_overdue(reviewers):
    ask()

    with clock.moved(24 * HOUR):
        assert reminders.run() == 0


def test_it_finds_what_is_soon_due_behind_longer_promises(reviewers, monkeypatch):
    """A promise of a month is soon due a week before its end; many promises of a day may be due before that."""
    monkeypatch.setattr(reminders, "BATCH", 2)
    others, monthly = [ask() for _ in range(4)], ask()
    now = clock.now()
    Checkpoint.objects.filter(pk=monthly.pk).update(created_at=now - 25 * 24 * HOUR, due_at=now + 120 * HOUR)

    assert reminders.run() == 1

    assert reminded() == [{"checkpoint_id": str(monthly.pk)}]
    assert len(others) == 4


def test_two_at_once_remind_once(shared_database):
    group_of("Reviewer", "decide_checkpoint")
    for _ in range(8):
        ask()
    Checkpoint.objects.update(created_at=clock.now() - HOUR, due_at=clock.now() + HOUR / 60)

    assert sum(at_once(reminders.run, reminders.run)) == 8
    assert len(reminded()) == Notice.objects.count() == 8
