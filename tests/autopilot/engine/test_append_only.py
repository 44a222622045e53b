"""The record may grow, and nothing in it is ever changed; people who leave take only their key with them."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, models, transaction

from autopilot import audit
from autopilot.engine import amend, decide, enqueue, handler, review_form
from autopilot.engine.context import JobContext
from autopilot.engine.transitions import chain_hash
from autopilot.models import AuditEntry, Checkpoint, CheckpointComment, CheckpointRevision, Decision, Event, Job
from autopilot.testing import run_jobs

pytestmark = pytest.mark.django_db

FORGETTABLE = {
    CheckpointRevision: {"editor_id"},
    Decision: {"actor_id", "requester_id", "last_editor_id", "on_behalf_of_id"},
    CheckpointComment: {"author_id"},
    AuditEntry: {"actor_id"},
}


@pytest.fixture
def job(tenant, alice, bob, carol) -> Job:
    """A job that alice asked for, bob amended and carol approved."""
    review_form("test.amount", schema={"type": "object", "properties": {"amount": {"type": "integer"}}})

    @handler("test.record")
    def record(job: JobContext) -> None:
        job.approval("review", title="Fine?", payload={"amount": 1}, form="test.amount", reviewers="Reviewer")

    asked = enqueue("test.record", tenant_id=tenant, requested_by=alice)
    run_jobs()
    checkpoint = asked.checkpoints.get()
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})
    CheckpointComment.objects.create(
        checkpoint=checkpoint, payload_version=2, author=bob, author_label="bob", text="So."
    )
    decide(checkpoint.pk, actor=carol, verdict="approve", version=2)
    audit.record(alice, "test.job.seen", asked)
    return asked


def fields():
    """Return every column of the record, as its field."""
    return [
        field
        for model in (Event, CheckpointRevision, CheckpointComment, Decision, AuditEntry)
        for field in model._meta.concrete_fields
    ]


def refusal_of(field, value):
    """Write to a column of one row behind the models' back; returns what the database says against it."""
    table, key = field.model._meta.db_table, field.model._meta.pk.column
    row = f"SELECT {key} FROM {table} ORDER BY 1 DESC LIMIT 1"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'UPDATE {table} SET "{field.column}" = {value} WHERE {key} = ({row})')
    except DatabaseError as error:
        return str(error)
    return ""


def another_value(field):
    """Return some other value of a column's type, in SQL."""
    if field.related_model is User:
        return "(SELECT max(id) FROM auth_user)"
    if isinstance(field, models.BooleanField):
        return f'NOT "{field.column}"'
    if isinstance(field, models.IntegerField):
        return "77777"
    texts = {
        "DateTimeField": "2001-01-01 00:00:00+00",
        "UUIDField": "00000000-0000-7000-8000-000000000009",
        "GenericIPAddressField": "203.0.113.77",
        "JSONField": "[7]",
    }
    kind = (field.target_field if field.is_relation else field).get_internal_type()
    return f"'{texts.get(kind, 'x')}'"


@pytest.mark.parametrize("field", fields(), ids=str)
def test_it_refuses_another_value_in(field, job):
    User.objects.create_user("mallory")

    assert f"rows of {field.model._meta.db_table} are never changed" in refusal_of(field, another_value(field))


@pytest.mark.parametrize("field", fields(), ids=str)
def test_it_lets_only_people_be_forgotten_in(field, job):
    forgettable = field.attname in FORGETTABLE.get(field.model, set())
    model, row = field.model, field.model._meta.pk.column
    had = model.objects.order_by(f"-{row}").values_list(field.attname, flat=True).first()

    said = refusal_of(field, "NULL")

    assert bool(said) == (had is not None and not forgettable)


def test_it_lets_a_write_of_the_same_value_pass(job):
    assert refusal_of(Event._meta.get_field("why"), "why") == ""


def test_it_keeps_the_record_when_its_people_are_deleted(job):
    User.objects.all().delete()

    decision = Decision.objects.get()
    checkpoint = Checkpoint.objects.get()
    job.refresh_from_db()
    assert (decision.actor_id, decision.requester_id, decision.last_editor_id) == (None, None, None)
    assert (decision.actor_label, checkpoint.requester_label, checkpoint.last_editor_label) == ("carol", "alice", "bob")
    assert (job.requested_by_id, job.requester_label) == (None, "alice")
    assert CheckpointRevision.objects.get(version=2).editor_label == "bob"
    assert AuditEntry.objects.get(name="test.job.seen").actor_label == "alice"
    assert [event.hash for event in job.events.all()] == [chain_hash(event) for event in job.events.all()]


def test_it_runs_a_job_whose_people_were_deleted(job):
    User.objects.all().delete()

    run_jobs()

    assert Job.objects.get(pk=job.pk).status == "completed"
