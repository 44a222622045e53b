"""document.archive_check reads every archived file, and fails by digest where one is not what it was."""

import pytest

from autopilot.documents import archive
from autopilot.documents.disk import path_of
from autopilot.identifiers import uuid7
from autopilot.models import Document
from tests.autopilot.samples.runs import WAYS, asked, now, outcome

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"


def archived(text: str) -> Document:
    """Return an archived letter."""
    return archive.store(text.encode(), media_type="text/plain", title="Jane Doe's letter", tenant_id=uuid7())


@pytest.mark.parametrize("run", WAYS)
def test_it_completes_where_every_file_is_as_it_was(run):
    archived("one")
    archived("two")
    job = asked("document.archive_check")

    run(job)

    assert (now(job).status, now(job).result) == ("completed", {"damaged": 0})


def test_it_completes_on_an_empty_archive():
    job = asked("document.archive_check")

    WAYS[0](job)

    assert outcome(job) == ("completed", "done")


def alter(document: Document) -> None:
    """Change a byte of the file, as a failing disk does."""
    path = path_of(document.sha256)
    path.chmod(0o644)
    path.write_bytes(b"onf")


def lose(document: Document) -> None:
    """Delete the file."""
    path_of(document.sha256).unlink()


@pytest.mark.parametrize("damage", [alter, lose])
@pytest.mark.parametrize("run", WAYS)
def test_it_fails_for_good_naming_the_damaged_file_by_its_digest(run, damage):
    damaged, sound = archived("one"), archived("two")
    damage(damaged)
    job = asked("document.archive_check")

    run(job)

    assert outcome(job) == ("failed", "invalid")
    assert now(job).error == f"Invalid: The archive does not hold what it was given: {damaged.sha256}."
    assert sound.sha256 not in now(job).error
