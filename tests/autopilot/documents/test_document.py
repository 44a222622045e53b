"""A row of the archive stays as it was written."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from autopilot.identifiers import uuid7
from autopilot.models import Document
from autopilot.models.documents import ArchivedForEver

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Document:
    return Document.objects.create(
        tenant_id=uuid7(), fingerprint="f" * 64, sha256="a" * 64, size=8, media_type="application/pdf", title="Packet"
    )


def test_it_is_not_saved_again(document):
    document.title = "Forged"

    with pytest.raises(ArchivedForEver):
        document.save()
    with pytest.raises(ArchivedForEver):
        Document.objects.get().save(update_fields=["title"])

    assert Document.objects.get().title == "Packet"


@pytest.mark.parametrize(
    "update",
    [
        lambda document: Document.objects.filter(pk=document.pk).update(title="Forged"),
        lambda document: Document.objects.bulk_update([document], ["title"]),
        lambda document: Document.objects.update_or_create(pk=document.pk, defaults={"title": "Forged"}),
    ],
    ids=["update", "bulk_update", "update_or_create"],
)
def test_it_is_not_updated(document, update):
    with pytest.raises(ArchivedForEver), transaction.atomic():
        update(document)

    assert Document.objects.get().title == "Packet"


def test_it_is_not_deleted(document):
    with pytest.raises(ArchivedForEver):
        document.delete()
    with pytest.raises(ArchivedForEver):
        Document.objects.all().delete()

    assert Document.objects.count() == 1


OTHER = {
    "id": UUID(int=1),
    "tenant_id": UUID(int=1),
    "fingerprint": "e" * 64,
    "sha256": "b" * 64,
    "size": 9,
    "media_type": "text/plain",
    "title": "Forged",
    "template": "forged.html",
    "template_digest": "c" * 64,
    "renderer": "Forger 1",
    "fonts_digest": "d" * 64,
    "snapshot": {"forged": True},
    "created_at": datetime(2020, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("column", OTHER)
def test_the_database_refuses_a_change_by_hand(document, column):
    behind_its_back: QuerySet[Document] = QuerySet(Document).filter(pk=document.pk)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        behind_its_back.update(**{column: OTHER[column]})

    assert Document.objects.get().title == "Packet"


def test_the_database_lets_the_day_of_retention_be_set(document):
    QuerySet(Document).filter(pk=document.pk).update(retain_until=date(2030, 6, 30))

    assert Document.objects.get().retain_until == date(2030, 6, 30)


def test_every_column_is_fixed_but_the_day_of_retention():
    columns = {field.column for field in Document._meta.concrete_fields}

    assert columns - set(OTHER) == {"retain_until"}
