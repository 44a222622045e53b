"""The duty that escalates, once, what was not decided when it was promised."""

from datetime import timedelta
from typing import Any

import pytest

from autopilot import clock
from autopilot.engine import decide
from autopilot.models import Checkpoint, Notice, OutboxMessage
from autopilot.sweep import escalations, reminders
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.people import group_of
from tests.autopilot.engine.runs import run

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def ask() -> Checkpoint:
    """Return a checkpoint that is due in a day."""
    review: dict[str, Any] = {"title": "Fine?", "payload": {}, "reviewers": "Reviewer", "due": "24h"}
    return run(lambda job: job.approval("review", **review))[0].checkpoints.get()


def test_it_escalates_what_is_overdue_once(reviewers):
    checkpoint = ask()

    with clock.moved(DAY - timedelta(minutes=1)):
        assert escalations.run() == 0
    with clock.moved(DAY):
        assert [escalations.run(), escalations.run()] == [1, 0]

    message = OutboxMessage.objects.get(topic=escalations.TOPIC)
    assert message.references == {"checkpoint_id": str(checkpoint.pk)}
    assert (message.job_id, message.tenant_id) == (checkpoint.job_id, checkpoint.tenant_id)


def test_it_escalates_whether_or_not_it_was_reminded(reviewers):
    ask()

    with clock.moved(DAY - timedelta(hours=1)):
        assert reminders.run() == 1
    with clock.moved(DAY):
        assert escalations.run() == 1

    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["escalation", "reminder"]


def test_it_leaves_what_is_decided(alice, bob):
    decide(ask().pk, actor=bob, verdict="approve", version=1)

    with clock.moved(DAY):
        assert escalations.run() == 0


def test_two_at_once_escalate_once(shared_database):
    group_of("Reviewer", "decide_checkpoint")
    for _ in range(8):
        ask()
    Checkpoint.objects.update(due_at=clock.now())

    assert sum(at_once(escalations.run, escalations.run)) == 8
    assert OutboxMessage.objects.filter(topic=escalations.TOPIC).count() == 8
