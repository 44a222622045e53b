"""The pages of a packet as pictures: of what the payload names, for who may see it, and never a crash."""

from io import BytesIO

import pypdfium2
import pytest
from django.urls import reverse

from autopilot.documents import archive, disk, pages
from autopilot.models import Checkpoint
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.rows import TENANT
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n"


def pdf(*sizes):
    """Return a PDF with empty pages of these sizes, in points."""
    document, content = pypdfium2.PdfDocument.new(), BytesIO()
    for width, height in sizes or ((612, 792), (612, 792)):
        document.new_page(width, height)
    document.save(content)
    document.close()
    return content.getvalue()


def packet(content, media_type="application/pdf"):
    """Return a checkpoint about an archived file, and the file's row."""
    document = archive.store(content, media_type=media_type, title="Packet", tenant_id=TENANT)
    checkpoint = packets.waiting()
    payload = checkpoint.payload | {"document": {"id": str(document.pk), "sha256": document.sha256}}
    Checkpoint.objects.filter(pk=checkpoint.pk).update(payload=payload)
    return Checkpoint.objects.get(pk=checkpoint.pk), document


def address(checkpoint, number=1):
    """Return the address of a page's picture."""
    return reverse("admin:checkpoint_picture", args=[checkpoint.pk, number])


def size_of(content):
    """Return the width and height a PNG tells."""
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def test_it_shows_each_page_with_its_size_and_in_words(as_person, okafor):
    checkpoint, _ = packet(pdf())
    client = as_person(okafor)

    shown, picture = client.get(page(checkpoint)), client.get(address(checkpoint, 2))

    assert "The packet, 2 pages" in words(shown)
    assert 'alt="Page 2 of 2 of Packet' in shown.text
    assert shown.text.count('loading="lazy"') == 2
    assert 'width="1100" height="1424"' in shown.text
    assert (picture.status_code, picture["Content-Type"], picture.content[:8]) == (200, "image/png", PNG)
    assert size_of(picture.content) == (1100, 1424)


def test_it_is_kept_by_the_browser_that_asks_again_each_time(as_person, okafor):
    checkpoint, document = packet(pdf())
    client = as_person(okafor)

    first = client.get(address(checkpoint))
    again = client.get(address(checkpoint), headers={"If-None-Match": first["ETag"]})
    okafor.groups.clear()
    refused = client.get(address(checkpoint), headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert first["ETag"] == f'"{document.sha256}-1"'
    assert (again.status_code, again.content, refused.status_code) == (304, b"", 403)


@pytest.mark.parametrize("number", [0, 3, 999999])
def test_it_has_no_page_that_is_not_there(as_person, okafor, number):
    checkpoint, _ = packet(pdf())

    assert as_person(okafor).get(address(checkpoint, number)).status_code == 404


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"%PDF-1.7 torn", "application/pdf"), (b"hello", "application/pdf"), (b"hello", "text/plain")],
)
def test_it_says_that_a_file_cannot_be_shown(as_person, okafor, content, media_type):
    checkpoint, document = packet(content, media_type)
    client = as_person(okafor)

    shown, picture = client.get(page(checkpoint)), client.get(address(checkpoint))

    assert (shown.status_code, picture.status_code) == (200, 404)
    assert "The pages of this file cannot be shown" in shown.text
    assert reverse("admin:document_file", args=[document.pk]) in shown.text


def test_it_says_that_a_file_is_gone(as_person, okafor):
    checkpoint, document = packet(pdf((300, 300)))
    disk.path_of(document.sha256).unlink()
    client = as_person(okafor)

    shown, picture = client.get(page(checkpoint)), client.get(address(checkpoint))

    assert (shown.status_code, picture.status_code) == (200, 404)
    assert "restore it from a backup" in shown.text


def test_it_draws_no_more_than_it_can_hold(monkeypatch, as_person, okafor):
    checkpoint, document = packet(pdf((10, 14_400), (14_400, 10), (612, 792)))

    sizes = [(each.width, each.height) for each in pages.pages_of(document)]
    drawn = [size_of(pages.picture(document, number)) for number in (1, 2)]
    monkeypatch.setattr(pages, "MOST_PAGES", 2)

    assert sizes == [(3, 4400), (1100, 1), (1100, 1424)]
    assert all(width <= 1101 and height <= 4401 for width, height in drawn)
    assert as_person(okafor).get(address(checkpoint, 3)).status_code == 404
    monkeypatch.setattr(pages, "MOST_BYTES", 10)
    assert as_person(okafor).get(address(checkpoint, 1)).status_code == 404


def test_it_shows_no_document_that_the_payload_does_not_name(as_person, okafor, waiting):
    packet(pdf())

    assert as_person(okafor).get(address(waiting)).status_code == 404


def test_it_is_for_who_may_view_checkpoints_and_documents(client, okafor, groups):
    checkpoint, _ = packet(pdf())
    found = {"signed out": client.get(address(checkpoint)).status_code}
    for name, group in (("auditor", "Auditor"), ("nobody", "")):
        client.force_login(member(name, group))
        found[name] = client.get(address(checkpoint)).status_code
    client.force_login(okafor)
    okafor.groups.get().permissions.remove(*okafor.groups.get().permissions.filter(codename="view_document"))

    assert found == {"signed out": 302, "auditor": 200, "nobody": 403}
    assert client.get(address(checkpoint)).status_code == 403
    assert "Pages of the packet" not in client.get(page(checkpoint)).text
