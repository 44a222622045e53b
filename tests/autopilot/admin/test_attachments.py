"""A packet holds any number of forms and documents: the reviewer sees each page, and what was refused by field."""

import pytest
from django.urls import reverse

from autopilot.documents import archive
from autopilot.fillable_forms import shelf
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint
from autopilot.tenants import NETWORK
from tests.autopilot.admin import packets
from tests.autopilot.admin.addresses import page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_pictures import pdf
from tests.autopilot.fillable_forms.shelves import mapped, person, uploaded

pytestmark = pytest.mark.django_db


def asked_about(attachments) -> Checkpoint:
    """Return a checkpoint whose payload holds these attachments."""
    checkpoint = packets.waiting()
    payload = checkpoint.payload | {"attachments": attachments}
    Checkpoint.objects.filter(pk=checkpoint.pk).update(payload=payload)
    return Checkpoint.objects.get(pk=checkpoint.pk)


@pytest.fixture
def form():
    """A form in which one value was refused and one is missing."""
    author, second = person("author", "add", "change"), person("second", "approve")
    edition = mapped(uploaded(author), author)
    shelf.approve(edition, version=edition.version, by=second, reason="Compared.")
    edition.refresh_from_db()
    known = {"test.legal_name": "李", "test.ein": "54-1234567"}
    return shelf.fill(edition, known, title="ETPL application", tenant_id=NETWORK)


@pytest.fixture
def other():
    """Another file of the packet."""
    document = archive.store(pdf(), media_type="application/pdf", title="Letter", tenant_id=NETWORK)
    return {"id": str(document.pk), "title": document.title}


def picture(checkpoint, place, number=1):
    """Return the address of a picture."""
    return reverse("admin:checkpoint_attachment", args=[checkpoint.pk, place, number])


def test_it_shows_each_page_of_each_and_what_was_refused(as_person, okafor, form, other):
    checkpoint = asked_about([form.attachment(), other])
    client = as_person(okafor)

    text = client.get(page(checkpoint)).text

    assert "2 fields left blank" in text
    assert "Our font does not have these characters: 李 (U+674E)." in text
    assert "<strong>opened</strong>: Nothing is known that could be written here" in text
    assert text.count('loading="lazy"') == 4
    assert [client.get(picture(checkpoint, place, 2)).status_code for place in (1, 2, 3)] == [200, 200, 404]
    assert client.get(picture(checkpoint, 1))["ETag"] == f'"{form.document.sha256}-1"'


@pytest.mark.parametrize(
    "attachments",
    [5, "x", [5, None, {}, {"id": "x"}], [{"id": str(uuid7()), "refused": 5, "notes": [1], "warnings": {}}]],
    ids=["number", "text", "no attachments", "unknown"],
)
def test_it_shows_the_page_whatever_the_payload_says(as_person, okafor, attachments):
    checkpoint = asked_about(attachments)
    client = as_person(okafor)

    assert client.get(page(checkpoint)).status_code == 200
    assert client.get(picture(checkpoint, 1)).status_code == 404


def test_it_is_for_who_may_view_documents(client, groups, form):
    checkpoint = asked_about([form.attachment()])
    client.force_login(member("nobody"))

    assert client.get(picture(checkpoint, 1)).status_code == 403
