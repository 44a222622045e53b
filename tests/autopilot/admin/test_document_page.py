"""The archive: files are handed out to keep, never to be shown inside our site, and only as they were archived."""

import pytest

from autopilot.documents import archive
from autopilot.models import Document
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import deed, listed, page

pytestmark = pytest.mark.django_db


def file_of(document, root):
    """Return the path of an archived file."""
    return root / document.sha256[:2] / document.sha256[2:4] / document.sha256


def test_it_hands_out_the_archived_bytes_as_a_file(as_person, rivera):
    document = rows.document("a packet")

    answer = as_person(rivera).get(deed(document, "file"))

    assert answer.content == b"a packet"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{document.pk}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_it_gives_a_type_it_does_not_know_a_harmless_name(as_person, rivera):
    document = archive.store(b"<script>", media_type="text/html", title="Odd", tenant_id=rows.TENANT)

    answer = as_person(rivera).get(deed(document, "file"))

    assert answer["Content-Disposition"] == f'attachment; filename="{document.pk}.bin"'


def test_it_hands_out_nothing_that_was_altered(as_person, rivera, settings):
    document = rows.document("a packet")
    file = file_of(document, settings.ARCHIVE_ROOT)
    file.chmod(0o600)
    file.write_bytes(b"a forged packet")

    answer = as_person(rivera).get(deed(document, "file"), follow=True)

    assert answer.redirect_chain == [(page(document), 302)]
    assert "is not what was archived" in answer.text
    file.unlink()


def test_it_says_when_a_file_is_gone(as_person, rivera, settings):
    document = rows.document("another packet")
    file_of(document, settings.ARCHIVE_ROOT).unlink()

    answer = as_person(rivera).get(deed(document, "file"), follow=True)

    assert "is gone" in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_only_hands_out(as_person, rivera, method):
    document = rows.document("a packet")

    assert getattr(as_person(rivera), method)(deed(document, "file")).status_code == 405
    assert Document.objects.filter(pk=document.pk).exists()


@pytest.mark.parametrize(("kind", "count"), [("pdf", 1), ("other", 1), ("", 2)])
def test_its_list_filters_by_type(as_person, rivera, kind, count):
    rows.document("a packet")
    archive.store(b"text", media_type="text/plain", title="Notes", tenant_id=rows.TENANT)

    page_of_list = as_person(rivera).get(listed("document"), {"type": kind} if kind else {})

    assert page_of_list.context["cl"].result_count == count
