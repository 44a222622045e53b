"""A copy of an MOU for staff: of a draft as it stands today, else what was sent or executed."""

from uuid import uuid4

import pytest
from django.urls import reverse

from autopilot.documents import archive
from autopilot.exceptions import Invalid
from autopilot.models import Document
from autopilot.testing import run_jobs
from programs.access import documents_of
from programs.models import MouStatus
from programs.services.mous import documents
from tests.autopilot.admin.people import member
from tests.autopilot.documents.samples import text_of
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


def test_a_draft_is_printed_and_says_that_it_is_one():
    mou = mou_of(holder())

    made = documents.copy(mou.pk)

    assert "Draft of a memorandum of understanding" in text_of(archive.read(made))
    assert not documents_of(mou.holder).exists()
    assert documents.copy(mou.pk) == made


@pytest.mark.parametrize(("status", "which"), [(MouStatus.SENT, "document"), (MouStatus.EXECUTED, "executed_document")])
def test_what_was_sent_is_not_made_again(status, which):
    mou = mou_of(holder(), status)

    assert documents.copy(mou.pk) == getattr(mou, which)


def test_there_is_none_of_an_unknown_one():
    with pytest.raises(Invalid, match="There is no MOU"):
        documents.copy(uuid4())


def test_staff_ask_for_it_on_its_page(client):
    client.force_login(member("stone", is_superuser=True))
    mou = mou_of(holder())

    page = client.get(reverse("admin:programs_mou_change", args=[mou.pk])).content.decode()
    client.post(
        reverse("admin:programs_mou_changelist"),
        {"action": "make_documents", "_selected_action": mou.pk, "document_type": "mou"},
    )
    run_jobs()

    assert 'name="document_type" value="mou"' in page
    assert Document.objects.filter(title="Draft of a memorandum of understanding").exists()
