"""Four eyes in the database: no forged row lets a person decide what they asked for or edited last."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from autopilot import clock
from autopilot.engine import amend, enqueue, handler, review_form
from autopilot.engine.context import JobContext
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Decision
from autopilot.testing import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def checkpoint(tenant, alice, bob) -> Checkpoint:
    """A checkpoint of a job that alice asked for, and that bob edited last."""
    review_form("test.amount", schema={"type": "object", "properties": {"amount": {"type": "integer"}}})

    @handler("test.pay")
    def pay(job: JobContext) -> None:
        job.approval("review", title="Pay?", payload={"amount": 1}, form="test.amount", reviewers="Reviewer")

    job = enqueue("test.pay", tenant_id=tenant, requested_by=alice)
    run_jobs()
    amend(job.checkpoints.get().pk, actor=bob, version=1, edits={"amount": 2})
    return job.checkpoints.get()


def forged(checkpoint: Checkpoint, actor: User, **fields) -> Decision:
    """Return an unsaved decision that no service has made."""
    facts = {
        "payload_version": checkpoint.payload_version,
        "payload_digest": checkpoint.payload_digest,
        "requester_id": checkpoint.requester_id,
        "last_editor_id": checkpoint.last_editor_id,
        "verdict": "approve",
        "channel": "admin",
    }
    return Decision(checkpoint=checkpoint, actor=actor, actor_label=actor.username, **facts | fields)


def insert(decision: Decision) -> None:
    """Insert a decision by SQL of our own."""
    fields = Decision._meta.concrete_fields
    values = [
        field.get_db_prep_save(getattr(decision, field.attname) if field.attname != "at" else clock.now(), connection)
        for field in fields
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO autopilot_decision ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", values)


@pytest.mark.parametrize("by", [insert, lambda decision: decision.save(force_insert=True)], ids=["sql", "orm"])
@pytest.mark.parametrize("forger", ["alice", "bob"])
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_it_refuses_a_forged_decision(checkpoint, by, forger, verdict):
    decision = forged(checkpoint, User.objects.get(username=forger), verdict=verdict)

    with pytest.raises(IntegrityError, match="decision_needs_second_person"), transaction.atomic():
        by(decision)

    assert not Decision.objects.exists()


@pytest.mark.parametrize("by", [insert, lambda decision: decision.save(force_insert=True)], ids=["sql", "orm"])
def test_it_takes_the_decision_of_a_second_person(checkpoint, carol, by):
    by(forged(checkpoint, carol))

    assert Decision.objects.get().actor == carol


def test_it_refuses_a_second_vote_of_one_person(checkpoint, carol):
    insert(forged(checkpoint, carol))

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(forged(checkpoint, carol, id=uuid7(), verdict="reject"))


def test_it_cannot_be_made_ones_own_afterwards(checkpoint, carol, alice):
    insert(forged(checkpoint, carol))

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Decision.objects.update(actor=alice)


@pytest.mark.parametrize("by", [insert, lambda decision: decision.save(force_insert=True)], ids=["sql", "orm"])
@pytest.mark.parametrize(
    ("forger", "hidden"),
    [("alice", {"requester_id": None}), ("bob", {"last_editor_id": None})],
    ids=["asked", "edited"],
)
def test_it_refuses_a_decision_that_hides_who_asked_or_edited(checkpoint, by, forger, hidden):
    decision = forged(checkpoint, User.objects.get(username=forger), **hidden)

    with pytest.raises(IntegrityError, match="must name the requester"), transaction.atomic():
        by(decision)

    assert not Decision.objects.exists()
