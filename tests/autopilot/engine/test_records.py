"""Rows by statements that are written once are what Django's own queries read and write."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from autopilot import clock
from autopilot.engine import decide, message, records
from autopilot.models import Attempt, Checkpoint, CheckpointRevision, Decision, Event, Job, OutboxMessage, Step
from autopilot.testing import run_job, run_jobs
from tests.autopilot.engine.runs import again, job_of

pytestmark = pytest.mark.django_db

AWKWARD = {"text": "é \\ ' \" %s ☃", "none": None, "list": [1.5, True, {}]}
MODELS: list[type[models.Model]] = [
    Job, Attempt, Step, Event, Checkpoint, CheckpointRevision, Decision, OutboxMessage,
]  # fmt: skip


def values(record: models.Model) -> dict[str, Any]:
    """Return what a row holds."""
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


@pytest.fixture
def journey(alice, bob) -> Job:
    """A job that has left a row in every table of its own."""
    message("test.told")(lambda subject_id: None)

    def handle(job):
        job.tx("write", lambda: AWKWARD)
        job.tx("nothing", lambda: None)
        job.emit("test.told", subject_id=job.id)
        job.approval("review", title="Fine? %s", payload=AWKWARD, reviewers=("Reviewer", "Operator"))
        return AWKWARD

    job = job_of(handle, requested_by=alice)
    run_job(job)
    decide(job.checkpoints.get().pk, actor=bob, verdict="approve", version=1, comment="It's fine: 100 %")
    run_jobs()
    return again(job)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_it_reads_what_django_reads(journey, model):
    stored = {record.pk: values(record) for record in model._default_manager.all()}

    found = records.find(model, "1 = %s", [1])

    assert {record.pk: values(record) for record in found} == stored
    assert stored
    assert not any(record._state.adding for record in found)


def test_it_writes_what_django_reads(journey):
    checkpoint = journey.checkpoints.get()

    assert journey.result == checkpoint.payload == journey.steps.get(key="write").output == AWKWARD
    assert journey.steps.get(key="nothing").output is None
    assert (checkpoint.title, checkpoint.decisions.get().comment) == ("Fine? %s", "It's fine: 100 %")


def test_it_inserts_no_second_row_of_one_key(journey):
    with pytest.raises(IntegrityError), transaction.atomic():
        records.insert(journey)


def test_it_invites_every_group_that_is_named(journey):
    groups = journey.checkpoints.get().reviewers.order_by("name").values_list("name", flat=True)

    assert list(groups) == ["Operator", "Reviewer"]


def test_it_changes_the_rows_that_a_condition_describes(journey):
    now = clock.now()
    key = records.key_of(Job, journey.pk)

    changed = records.update(
        Attempt, {"error": "it's 100 %", "finished_at": now}, "job_id = %s AND epoch = %s", (key, 1)
    )

    assert changed == 1
    assert list(journey.attempts.order_by("epoch").values_list("error", flat=True)) == ["it's 100 %", ""]
    assert journey.attempts.get(epoch=1).finished_at == now
