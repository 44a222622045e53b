"""The holder's documents: what was sent to it, printed for it or uploaded by it, and nothing else."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.documents import archive
from autopilot.documents.disk import path_of
from autopilot.documents.provenance import Provenance
from autopilot.models import AuditEntry
from programs.models import Mou, MouStatus, Packet
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"


@pytest.fixture
def school():
    return holder()


def stored(owner, title="MOU of 2026", template="documents/mou.html"):
    """Archive a document of a holder."""
    content, made_of = title.encode(), Provenance(template)
    return archive.store(content, media_type="application/pdf", title=title, tenant_id=owner.pk, provenance=made_of)


def agreement(owner, status=MouStatus.SENT, **changes):
    """Make an MOU whose document is archived."""
    facts = {"document": stored(owner), "version": 1, "share": Decimal(50)} | changes
    return Mou.objects.create(holder=owner, status=status, **facts)


def open_page(client, owner, path="documents/", user=None):
    first = owner.members.first()
    client.force_login(user or (first.user if first else member_of(owner)))
    return client.get(f"/portal/{owner.pk}/{path}")


def test_it_lists_what_was_sent_with_kind_and_date(client, school):
    agreement(school)

    page = open_page(client, school).content.decode()

    assert "MOU of 2026" in page
    assert '<td data-label="Kind">MOU</td>' in page
    assert str(clock.today().year) in page


def test_it_says_so_where_there_is_nothing(client, school):
    assert "No documents yet" in open_page(client, school).content.decode()


def test_it_hands_out_a_file_to_keep_and_records_who_was_given_it(client, school):
    document = agreement(school).document
    person = member_of(school)

    answer = open_page(client, school, f"documents/{document.pk}/", person)

    assert answer.content == b"MOU of 2026"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(name="autopilot.document.downloaded")
    assert (entry.actor, entry.subject_id) == (person, str(document.pk))


def test_what_staff_only_drafted_is_not_there(client, school):
    draft = agreement(school, MouStatus.DRAFT).document
    unnamed = stored(school, "A version of a packet that nobody approved", "programs/pdf/packet.html")

    assert "No documents yet" in open_page(client, school).content.decode()
    for each in (draft, unnamed):
        assert open_page(client, school, f"documents/{each.pk}/").status_code == 404


def test_an_approved_packet_is_there(client):
    school = holder()
    document = stored(school, "Training provider application", "programs/pdf/packet.html")
    assert school.application_id
    Packet.objects.create(
        application_id=school.application_id, revision=1, version=9, snapshot={}, digest="d" * 64, document=document,
        approved_at=clock.now(),
    )  # fmt: skip

    assert "Training provider application" in open_page(client, school).content.decode()


def test_the_documents_of_another_holder_are_not_there(client, school):
    other = holder(ein="35-7654321")
    document, person = agreement(other).document, member_of(school)

    assert open_page(client, school, f"documents/{document.pk}/", person).status_code == 404
    assert open_page(client, other, "documents/", person).status_code == 404


def test_it_says_so_when_a_file_cannot_be_handed_out(client, school):
    document = agreement(school).document
    path_of(document.sha256).unlink()

    answer = open_page(client, school, f"documents/{document.pk}/")

    assert answer.status_code == 302
    assert answer["Location"] == f"/portal/{school.pk}/documents/"


def test_it_asks_the_database_no_more_for_many(client, school):
    person = member_of(school)
    agreement(school)
    client.force_login(person)
    with CaptureQueriesContext(connection) as few:
        client.get(f"/portal/{school.pk}/documents/")
    for number in range(30):
        agreement(school, MouStatus.DECLINED, document=stored(school, f"MOU {number}"), version=number + 2)

    with CaptureQueriesContext(connection) as many:
        page = client.get(f"/portal/{school.pk}/documents/").content.decode()

    assert len(many) <= len(few)
    assert page.count('data-label="Kind"') == 25
