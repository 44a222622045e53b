"""Jobs are enqueued in the caller's transaction, checked before anything is stored."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from autopilot import clock
from autopilot.engine import cancel, enqueue, handler, queue
from autopilot.engine.context import JobContext
from autopilot.exceptions import HandlerMistake, InvalidPayload, UnknownKind
from autopilot.identifiers import uuid7
from autopilot.models import Event, Job, Worker
from autopilot.models.jobs import rank_of
from autopilot.storable import digest
from autopilot.testing import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind():
    @handler("test.pay", version=3, max_attempts=4, max_crashes=2, priority=8, timeout=timedelta(seconds=90), slots=2)
    def pay(job: JobContext, amount: Decimal = Decimal(0), note: str = "") -> dict[str, Any]:
        return {"amount": amount, "note": note}


def test_it_stores_the_job_as_its_handler_says(tenant, alice):
    before = clock.now()

    job = enqueue("test.pay", tenant_id=tenant, requested_by=alice, amount=Decimal("12.50"))

    job.refresh_from_db()
    assert (job.status, job.kind, job.worker, job.tenant_id) == ("pending", "test.pay", "test", tenant)
    assert (job.handler_version, job.max_attempts, job.max_crashes, job.timeout_seconds) == (3, 4, 2, 90)
    assert (job.priority, job.concurrency_limit, job.generation, job.attempt, job.epoch) == (8, 2, 1, 0, 0)
    assert job.payload == {"amount": "12.50"}
    assert job.payload_digest == digest(job.payload)
    assert before <= job.created_at == job.scheduled_for <= clock.now()
    assert job.rank == rank_of(job.scheduled_for, 8)
    assert (job.requested_by, job.requester_label) == (alice, "alice")


def test_it_begins_the_history(tenant, alice):
    job = enqueue("test.pay", tenant_id=tenant, requested_by=alice)

    event = Event.objects.get(job=job)
    assert (event.seq, event.from_status, event.to_status, event.why, event.actor) == (
        1,
        "",
        "pending",
        "enqueue",
        "alice",
    )
    assert (job.event_seq, job.event_hash, event.previous_hash) == (1, event.hash, "")


def test_it_vanishes_with_the_callers_transaction(tenant):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("test.pay", tenant_id=tenant, unique_key="k")
        raise ZeroDivisionError

    assert not Job.objects.exists()
    assert not Event.objects.exists()
    assert run_jobs() == []


def test_it_leaves_the_callers_transaction_usable_after_it_found_the_live_job(tenant):
    first = enqueue("test.pay", tenant_id=tenant, unique_key="k")

    with transaction.atomic():
        second = enqueue("test.pay", tenant_id=tenant, unique_key="k")
        third = enqueue("test.pay", tenant_id=tenant)

    assert second.pk == first.pk
    assert Job.objects.count() == 2
    assert third.events.count() == first.events.count() == 1


@pytest.mark.parametrize("other", ["tenant", "kind", "key"])
def test_it_keeps_unique_keys_of_others_apart(tenant, other):
    handler("test.other")(lambda job: None)
    first = enqueue("test.pay", tenant_id=tenant, unique_key="k")

    second = enqueue(
        "test.other" if other == "kind" else "test.pay",
        tenant_id=uuid7() if other == "tenant" else tenant,
        unique_key="l" if other == "key" else "k",
    )

    assert second.pk != first.pk


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_it_frees_a_unique_key_when_its_job_ends(tenant, end):
    first = enqueue("test.pay", tenant_id=tenant, unique_key="k")
    if end == "completed":
        run_jobs()
    else:
        cancel(first.pk, actor=None, reason="")

    second = enqueue("test.pay", tenant_id=tenant, unique_key="k")

    assert Job.objects.get(pk=first.pk).status == end
    assert second.pk != first.pk


def test_it_enqueues_after_all_when_the_live_job_ends_in_the_very_moment(tenant, monkeypatch):
    first = enqueue("test.pay", tenant_id=tenant, unique_key="k")
    look = queue._live_twin

    def ended_before_the_look(job):
        monkeypatch.setattr(queue, "_live_twin", look)
        cancel(first.pk, actor=None, reason="")
        return look(job)

    monkeypatch.setattr(queue, "_live_twin", ended_before_the_look)

    second = enqueue("test.pay", tenant_id=tenant, unique_key="k")

    assert second.pk != first.pk
    assert Job.objects.get(pk=second.pk).status == "pending"
    assert list(second.events.values_list("seq", "why")) == [(1, "enqueue")]


@pytest.mark.parametrize("priority", range(1, 11))
def test_it_takes_priorities_from_1_to_10(tenant, priority):
    assert enqueue("test.pay", tenant_id=tenant, priority=priority).priority == priority


@pytest.mark.parametrize("priority", [0, 11, -1, True, 5.0, "5"])
def test_it_refuses_another_priority(tenant, priority):
    with pytest.raises(InvalidPayload, match="it must be 1 to 10"):
        enqueue("test.pay", tenant_id=tenant, priority=priority)

    assert not Job.objects.exists()


def test_it_refuses_an_unknown_kind_and_names_the_known(tenant):
    with pytest.raises(UnknownKind, match=r"'test\.payy'.*Known: .*test\.pay"):
        enqueue("test.payy", tenant_id=tenant)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"amount": "much"}, "/amount must be a decimal number"),
        ({"note": 3}, "/note must be text"),
        ({"colour": "red"}, "/colour is no parameter: leave it out"),
    ],
)
def test_it_refuses_a_payload_that_does_not_fit(tenant, payload, message):
    with pytest.raises(InvalidPayload, match=message):
        enqueue("test.pay", tenant_id=tenant, **payload)

    assert not Job.objects.exists()


@pytest.mark.parametrize("name", ["scheduled_for", "start_by"])
def test_it_refuses_a_time_without_a_zone(tenant, name):
    naive: dict[str, Any] = {name: datetime(2030, 1, 1)}

    with pytest.raises(InvalidPayload, match=f"{name} has no time zone"):
        enqueue("test.pay", tenant_id=tenant, **naive)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unique_key", "k" * 201),
        ("concurrency_key", "\0"),
        ("concurrency_key", "k" * 201),
        ("parent_key", "k" * 121),
        ("requester_label", "\ud800"),
    ],
)
def test_it_refuses_text_that_no_database_holds(tenant, name, text):
    with pytest.raises(InvalidPayload, match=f"{name} must be text of at most"):
        enqueue("test.pay", tenant_id=tenant, **{name: text})


def test_it_runs_no_sooner_than_it_was_scheduled(tenant):
    job = enqueue("test.pay", tenant_id=tenant, scheduled_for=clock.now() + timedelta(hours=2))

    with clock.moved(timedelta(minutes=119)):
        assert run_jobs() == []
    with clock.moved(timedelta(minutes=120)):
        assert run_jobs() == [("test.pay", "completed")]

    started_at = Job.objects.get(pk=job.pk).first_started_at
    assert started_at is not None
    assert started_at > clock.now() + timedelta(minutes=119)


def test_it_takes_the_attempts_that_an_operator_configured(tenant):
    Worker.objects.create(name="test", max_attempts=9)

    assert enqueue("test.pay", tenant_id=tenant).max_attempts == 9


def test_it_knows_a_child_and_deletes_it_with_its_parent(tenant):
    parent = enqueue("test.pay", tenant_id=tenant)
    child = enqueue("test.pay", tenant_id=tenant, parent=parent, parent_key="a")
    grandchild = enqueue("test.pay", tenant_id=tenant, parent=child)

    assert (parent.root_id, child.root_id, grandchild.root_id) == (None, parent.pk, parent.pk)
    Job.objects.get(pk=parent.pk).delete()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "kind", ["pay", ".pay", "pay.", "Test.pay", "test pay", "test..pay", "a" * 41 + ".b", "a." + "b" * 99]
)
def test_it_registers_no_malformed_kind(kind):
    with pytest.raises(HandlerMistake, match="is no kind"):
        handler(kind)


@pytest.mark.parametrize(
    "options",
    [
        {"priority": 0},
        {"priority": 11},
        {"max_attempts": 0},
        {"max_crashes": 0},
        {"slots": 0},
        {"version": 0},
        {"timeout": timedelta(milliseconds=900)},
    ],
)
def test_it_registers_no_option_out_of_range(options):
    with pytest.raises(HandlerMistake, match=r"must be (1 to 10|at least 1)"):
        handler("test.wrong", **options)


def test_it_registers_one_handler_for_a_kind():
    with pytest.raises(HandlerMistake, match=r"test\.pay has two handlers"):
        handler("test.pay")(lambda job: None)


def test_it_refuses_parameters_that_cannot_be_stored():
    def wrong(job: JobContext, things: set[UUID]) -> None:
        """Take what JSON does not have."""

    with pytest.raises(HandlerMistake, match="things"):
        handler("test.wrong")(wrong)
