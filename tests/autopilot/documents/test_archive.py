"""The archive: files with their meaning."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from autopilot import clock
from autopilot.documents import archive, provenance
from autopilot.documents.errors import DocumentAltered, DocumentMissing
from autopilot.identifiers import uuid7
from autopilot.models import Document

TENANT = UUID("019302a4-0000-7000-8000-000000000001")
OTHER_TENANT = UUID("019302a4-0000-7000-8000-000000000002")


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    return settings.ARCHIVE_ROOT


def store(content: bytes = b"a packet", **changes) -> Document:
    """Archive a packet, or what a test makes of it."""
    facts: dict[str, Any] = {
        "media_type": "application/pdf",
        "title": "Packet",
        "tenant_id": TENANT,
        "snapshot": {"a": 1},
    }
    return archive.store(content, **facts | changes)


def file_of(document: Document, root):
    return root / document.sha256[:2] / document.sha256[2:4] / document.sha256


@pytest.mark.django_db
def test_it_returns_what_was_stored():
    document = store()

    assert archive.read(document) == b"a packet"
    assert (document.size, document.title, document.snapshot) == (8, "Packet", {"a": 1})
    assert document.retain_until is None
    assert abs(clock.now() - document.created_at).total_seconds() < 60


@pytest.mark.django_db
def test_it_stores_the_same_meaning_once():
    first = store(provenance=provenance.of("sample.html"))

    second = store(provenance=provenance.of("sample.html"))

    assert first == second
    assert Document.objects.count() == 1
    assert second.template == "sample.html"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"tenant_id": OTHER_TENANT},
        {"title": "Copy"},
        {"media_type": "text/plain"},
        {"snapshot": {"a": 2}},
        {"provenance": provenance.Provenance("other.html", "", "WeasyPrint 70.0", "")},
    ],
    ids=lambda other: next(iter(other)),
)
def test_it_stores_another_meaning_beside_it_in_one_file(other, root):
    first = store()

    second = store(**other)

    assert first != second
    assert first.sha256 == second.sha256
    assert sum(path.is_file() for path in root.rglob("*")) == 1


@pytest.mark.django_db
def test_it_stores_any_snapshot():
    document = store(snapshot={"nul": "a\0b", "id": TENANT, "day": date(2026, 11, 20), "not a number": float("nan")})

    document.refresh_from_db()
    assert document.snapshot["id"] == str(TENANT)
    assert document.snapshot["not a number"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"title": ""}, {"title": "x" * 301}, {"media_type": ""}])
def test_it_refuses_facts_that_do_not_fit(wrong):
    with pytest.raises(ValidationError):
        store(**wrong)

    assert not Document.objects.exists()


@pytest.mark.django_db
def test_it_refuses_to_return_altered_bytes(root):
    document = store()
    file_of(document, root).chmod(0o644)
    file_of(document, root).write_bytes(b"forged")

    with pytest.raises(DocumentAltered):
        archive.read(document)


@pytest.mark.django_db
def test_it_refuses_to_return_missing_bytes(root):
    document = store()
    file_of(document, root).unlink()

    with pytest.raises(DocumentMissing):
        archive.read(document)


@pytest.mark.django_db
def test_it_verifies_every_file_and_tells_how_far_it_is(root):
    sound, altered, missing = store(b"sound"), store(b"altered"), store(b"missing")
    store(b"sound", title="Another meaning")
    file_of(altered, root).chmod(0o644)
    file_of(altered, root).write_bytes(b"forged")
    file_of(missing, root).unlink()
    steps: list[tuple[int, int]] = []

    damages = archive.verify_all(lambda done, total: steps.append((done, total)))

    assert {damage.sha256 for damage in damages} == {altered.sha256, missing.sha256}
    assert sound.sha256 not in {damage.sha256 for damage in damages}
    assert any("is gone" in damage.problem for damage in damages)
    assert any("is not what was archived" in damage.problem for damage in damages)
    assert steps == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.django_db
def test_it_verifies_an_empty_archive():
    assert archive.verify_all() == []


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_stores_one_meaning_once_from_many_connections():
    def work(_: int) -> UUID:
        try:
            return store().pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(work, range(40)))

    assert len(stored) == 1
    assert Document.objects.count() == 1


@pytest.mark.django_db
def test_its_rows_sort_by_time():
    assert store(b"first").pk < store(b"second").pk < uuid7()
