"""Deeds are recorded in the transaction of the deed, by id, and are never changed afterwards."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from autopilot import audit
from autopilot.models import AuditEntry, Worker
from tests.autopilot.engine.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db) -> User:
    """A person who does things."""
    return person("ada")


@pytest.fixture
def worker(db) -> Worker:
    """Something that things are done to."""
    return Worker.objects.create(name="test")


def test_it_records_who_did_what_to_which_record(ada, worker):
    entry = audit.record(ada, "test.worker.painted", worker, ip="203.0.113.7", color="green")

    stored = AuditEntry.objects.get(pk=entry.pk)
    assert (stored.actor, stored.actor_label, stored.name) == (ada, "ada", "test.worker.painted")
    assert (stored.subject_type, stored.subject_id) == ("autopilot.Worker", "test")
    assert (stored.data, stored.ip) == ({"color": "green"}, "203.0.113.7")


def test_it_records_what_the_autopilot_did_by_itself(worker):
    entry = audit.record(None, "test.worker.painted", worker)

    assert (entry.actor, entry.actor_label) == (None, "")


def test_it_stores_any_data(ada, worker):
    data: dict[str, Any] = {"amount": Decimal("0.10"), "at": datetime(2026, 11, 20, tzinfo=UTC), "text": "a\0b"}

    entry = audit.record(ada, "test.worker.painted", worker, **data)

    entry.refresh_from_db()
    assert entry.data == {"amount": "0.10", "at": "2026-11-20T00:00:00+00:00", "text": "a\N{REPLACEMENT CHARACTER}b"}


def test_it_records_nothing_of_a_deed_that_was_rolled_back(ada, worker):
    with transaction.atomic():
        audit.record(ada, "test.worker.painted", worker)
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def change_by_save(entry: AuditEntry) -> None:
    """Change an entry as a form would."""
    entry.name = "test.worker.polished"
    entry.save()


def change_by_query(entry: AuditEntry) -> None:
    """Change entries as a careless service would."""
    AuditEntry.objects.update(data={})


def change_by_statement(entry: AuditEntry) -> None:
    """Change entries behind the models' back."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE autopilot_auditentry SET actor_label = 'mallory'")


@pytest.mark.parametrize("change", [change_by_save, change_by_query, change_by_statement])
def test_it_refuses_every_change(change, ada, worker):
    entry = audit.record(ada, "test.worker.painted", worker, color="green")

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        change(entry)

    stored = AuditEntry.objects.get()
    assert (stored.name, stored.actor_label, stored.data) == ("test.worker.painted", "ada", {"color": "green"})


def delete_by_object(entry: AuditEntry) -> None:
    """Delete an entry as a page would."""
    entry.delete()


def delete_by_query(entry: AuditEntry) -> None:
    """Delete entries as a careless service would."""
    AuditEntry.objects.all().delete()


def delete_by_statement(entry: AuditEntry) -> None:
    """Delete entries behind the models' back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM autopilot_auditentry")


@pytest.mark.parametrize("delete", [delete_by_object, delete_by_query, delete_by_statement])
def test_it_refuses_to_be_deleted(delete, ada, worker):
    entry = audit.record(ada, "test.worker.painted", worker)

    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        delete(entry)

    assert AuditEntry.objects.filter(name="test.worker.painted").count() == 1


def test_it_keeps_the_name_of_a_person_who_was_deleted(ada, worker):
    audit.record(ada, "test.worker.painted", worker)

    ada.delete()

    stored = AuditEntry.objects.get()
    assert (stored.actor, stored.actor_label) == (None, "ada")


def test_it_survives_its_subject(ada, worker):
    audit.record(ada, "test.worker.painted", worker)

    worker.delete()

    assert AuditEntry.objects.get().subject_id == "test"
