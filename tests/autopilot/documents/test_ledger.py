"""The archive's ledger: every document once, in a chain that shows what was altered or cut off."""

from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from autopilot import sweep
from autopilot.append_only import keep, protect, release, unprotect
from autopilot.documents import archive, ledger, ledger_check, publication
from autopilot.identifiers import uuid7
from autopilot.messages import ledger_published
from autopilot.models import AuditEntry, Document, LedgerAnchor, LedgerEntry, OutboxMessage
from tests.autopilot.engine.concurrency import at_once
from tests.autopilot.engine.fixtures import database_file, shared_database  # noqa: F401 (fixtures)
from tests.autopilot.management.calls import run, run_json

pytestmark = pytest.mark.django_db
TENANT = uuid7()


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"


def stored(text: str) -> Document:
    """Archive a text, which may or may not be in the ledger yet."""
    return archive.store(text.encode(), media_type="text/plain", title=text, tenant_id=TENANT)


def entered(*texts: str) -> list[Document]:
    """Archive texts and enter them."""
    documents = [stored(text) for text in texts]
    ledger.enter([each.pk for each in documents])
    return documents


def problems() -> list[str]:
    """Return what the check finds."""
    return [flaw.problem for flaw in ledger_check.flaws()]


class forging:
    """Lift what protects a table, as who owns the database can."""

    def __init__(self, model) -> None:
        self.model = model

    def __enter__(self) -> None:
        with connection.schema_editor() as editor:
            unprotect(editor, self.model)
            release(editor, self.model)

    def __exit__(self, *_: object) -> None:
        with connection.schema_editor() as editor:
            protect(editor, self.model)
            keep(editor, self.model)


def raw(statement: str, *values: int | str) -> None:
    """Change rows past the models."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_it_binds_each_entry_to_the_document_and_the_entry_before():
    one, two = entered("one", "two")

    first, second = LedgerEntry.objects.order_by("position")

    assert (first.position, first.document, first.sha256, first.previous) == (1, one, one.sha256, "")
    assert (second.position, second.document, second.sha256, second.previous) == (2, two, two.sha256, first.hash)
    assert ledger.head() == (2, second.hash)
    assert problems() == []


def test_it_enters_a_document_once():
    (document,) = entered("one")

    assert ledger.enter([document.pk]) == 0
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_entered_as_soon_as_its_transaction_commits():
    with transaction.atomic():
        document = stored("one")
        assert not LedgerEntry.objects.exists()

    assert LedgerEntry.objects.get().document == document


def test_the_sweep_enters_what_a_crash_kept_out():
    stored("one")

    assert sweep.run()["ledger"] == 2  # the document, and the head of the day
    assert LedgerEntry.objects.count() == 1
    assert sweep.run()["ledger"] == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE autopilot_ledgerentry SET sha256 = ''", "DELETE FROM autopilot_ledgerentry"]
)
def test_the_database_refuses_to_change_it(statement):
    entered("one")

    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        raw(statement)


def test_the_database_refuses_to_delete_a_document():
    (document,) = entered("one")

    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        raw("DELETE FROM autopilot_document")
    assert Document.objects.get() == document


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE autopilot_ledgerentry SET sha256 = 'x' WHERE position = 2", "It was altered."),
        ("UPDATE autopilot_ledgerentry SET hash = 'x' WHERE position = 1", "It was altered."),
        ("UPDATE autopilot_ledgerentry SET previous = 'x' WHERE position = 2", "It does not follow"),
        ("DELETE FROM autopilot_ledgerentry WHERE position = 2", "The entries from 2 to 2 are missing."),
    ],
)
def test_it_shows_what_was_altered(statement, problem):
    entered("one", "two", "three")

    with forging(LedgerEntry):
        raw(statement)

    assert problems()[0].startswith(problem)


@pytest.mark.django_db(transaction=True)
def test_it_shows_a_document_row_that_was_altered():
    entered("one")

    with forging(Document):
        raw("UPDATE autopilot_document SET title = 'another'")

    assert "is not what was archived" in problems()[0]


@pytest.mark.django_db(transaction=True)
def test_it_shows_that_its_end_was_cut_off_by_the_head_that_was_published():
    entered("one", "two")
    publication.publish_today()

    with forging(LedgerEntry):
        raw("DELETE FROM autopilot_ledgerentry WHERE position = 2")

    assert "Entry 2, which was published, is not there." in problems()


def test_it_tells_its_head_once_a_day(admin_user):
    entered("one", "two")

    assert publication.publish_today() == 1
    assert publication.publish_today() == 0

    anchor = LedgerAnchor.objects.get()
    assert (anchor.position, anchor.head) == ledger.head()
    assert AuditEntry.objects.get(name=publication.PUBLISHED).data["head"] == anchor.head
    assert OutboxMessage.objects.filter(topic=publication.PUBLISHED).count() == 1


def test_its_mail_says_how_to_compare(settings):
    settings.LEDGER_WITNESSES = ["board@example.org"]
    entered("one")
    publication.publish_today()
    position, head = ledger.head()

    mail = ledger_published(LedgerAnchor.objects.get().day.isoformat())

    assert mail.bcc == ["board@example.org"]
    assert f"check_ledger {position} {head}" in mail.body


def test_it_has_no_gap_and_no_fork_after_concurrent_stores(shared_database):  # noqa: F811
    at_once(*(partial(store_some, number) for number in range(4)))

    assert list(LedgerEntry.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 41))
    assert problems() == []


def store_some(number: int) -> None:
    """Archive ten texts of one's own."""
    for text in range(10):
        stored(f"{number} {text}")


def test_its_command_compares_what_was_mailed():
    entered("one")
    position, head = ledger.head()

    assert run_json("check_ledger").json == {"position": position, "hash": head}
    assert run("check_ledger", position, head).code == 0
    assert run("check_ledger", position, "0" * 64).code == 1
