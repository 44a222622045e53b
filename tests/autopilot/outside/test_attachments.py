"""A packet of several files: what is sent is, byte for byte, each file that was approved, in its order."""

import hashlib

import pytest
from django.core.exceptions import ValidationError

from autopilot import submissions
from autopilot.documents import archive
from autopilot.documents.disk import path_of
from autopilot.exceptions import Invalid, Uncertain
from autopilot.identifiers import uuid7
from autopilot.sandbox_portal.messages import Refusal, Request
from autopilot.sandbox_portal.parts import parts_of
from autopilot.submissions.envelopes import File, sealed
from autopilot.submissions.readings import read_receipt, speaks_of

pytestmark = pytest.mark.django_db
FORMS = (b"%PDF-1.7 a form\r\n--\r\n", b"%PDF-1.7 another\n\r\n")


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"


@pytest.fixture
def packed(prepared):
    """A maker of submissions with two attachments."""

    def make(portal, **facts):
        tenant = facts.setdefault("tenant_id", uuid7())
        first = archive.store(b"%PDF-1.7 packet", media_type="application/pdf", title="Packet", tenant_id=tenant)
        forms = [archive.store(each, media_type="application/pdf", title="Form", tenant_id=tenant) for each in FORMS]
        named = {"document": first, "approved_digest": first.sha256}
        return prepared(portal, **({"attachments": [(each, each.sha256) for each in forms]} | named | facts))

    return make


def test_the_portal_holds_every_file_that_was_approved(portal, office, packed):
    submission = packed(office)

    receipt = submissions.send(submission.pk, "key-1")

    assert receipt["sha256"] == submission.approved_digest
    assert receipt["attachments"] == [hashlib.sha256(each).hexdigest() for each in FORMS]
    assert submissions.find(submission.pk) == receipt


def test_the_same_key_again_is_taken_once(portal, office, packed):
    submission = packed(office)
    portal.set(drop_times=1)
    with pytest.raises(Uncertain):
        submissions.send(submission.pk, "key-1")

    receipt = submissions.send(submission.pk, "key-1")

    assert receipt["attachments"]
    assert portal.counts()["submissions"] == 1


def test_nothing_is_sent_when_an_attachment_was_altered(portal, office, packed):
    submission = packed(office)
    path = path_of(submission.attachments.get(place=2).approved_digest)
    path.chmod(0o644)
    path.write_bytes(b"forged")

    with pytest.raises(Invalid, match="Nothing was sent"):
        submissions.send(submission.pk, "key-1")

    assert portal.counts()["arrivals"] == 0


def test_nothing_is_prepared_that_was_not_approved(office, packed):
    tenant = uuid7()
    form = archive.store(FORMS[0], media_type="application/pdf", title="Form", tenant_id=tenant)

    with pytest.raises(ValidationError) as refusal:
        packed(office, tenant_id=tenant, attachments=[(form, "0" * 64)])

    assert refusal.value.code == "other_bytes"


def test_nothing_is_prepared_that_belongs_to_another(office, packed):
    form = archive.store(FORMS[0], media_type="application/pdf", title="Form", tenant_id=uuid7())

    with pytest.raises(ValidationError) as refusal:
        packed(office, attachments=[(form, form.sha256)])

    assert refusal.value.code == "other_tenant"


def test_a_packet_prepared_again_with_other_attachments_is_refused(office, packed):
    submission = packed(office)
    facts = {"packet_id": submission.packet_id, "tenant_id": submission.tenant_id, "subject_id": submission.subject_id}

    with pytest.raises(ValidationError) as refusal:
        submissions.prepare(
            portal=office,
            document=submission.document,
            approved_digest=submission.approved_digest,
            subject="application",
            **facts,
        )

    assert refusal.value.code == "packet_changed"
    assert packed(office, **facts) == submission


def test_a_receipt_that_names_other_attachments_is_not_believed(office, packed):
    receipt = read_receipt({"number": "1", "sha256": "a" * 64, "attachments": ["b" * 64]})

    assert speaks_of(receipt, "a" * 64, ["b" * 64])
    assert not speaks_of(receipt, "a" * 64, ["c" * 64])
    assert not speaks_of(receipt, "a" * 64, [])


def request_of(media_type: str, body: bytes) -> Request:
    return Request("POST", "/submissions", {}, {"content-type": media_type}, body)


def test_the_portal_reads_exactly_what_was_packed():
    files = [File("packet.pdf", "application/pdf", each) for each in (b"", *FORMS, bytes(range(256)))]

    found = parts_of(request_of(*sealed(files)))

    assert [(part.sha256, part.size, part.media_type) for part in found] == [
        (file.sha256, len(file.content), "application/pdf") for file in files
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"another", b"anothex"), (b"Content-Digest", b"Content-Digist"), (b"--\r\n", b""), (b"--provost", b"-provost")],
)
def test_the_portal_refuses_parts_that_are_not_what_they_say(before, after):
    media_type, body = sealed([File("a.pdf", "application/pdf", each) for each in FORMS])

    with pytest.raises(Refusal):
        parts_of(request_of(media_type, body.replace(before, after) if before != b"--\r\n" else body[:-4]))
