"""The duty that keeps the archive's ledger whole: what a crash kept out is entered, and the head told once a day."""

import pytest

from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models import LedgerAnchor, LedgerEntry
from autopilot.sweep import ledger

pytestmark = pytest.mark.django_db


def test_it_enters_what_was_forgotten_and_tells_the_head(settings, tmp_path):
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    document = archive.store(b"one", media_type="text/plain", title="One", tenant_id=uuid7())

    done = ledger.run()

    assert done == 2
    assert LedgerEntry.objects.get().document == document
    assert LedgerAnchor.objects.get().position == 1
    assert ledger.run() == 0
