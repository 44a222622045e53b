"""The packet of an application on paper: what the applicant declared, for the agency of its state."""

import pytest
from django.urls import reverse

from autopilot.documents import archive
from autopilot.exceptions import Invalid
from autopilot.models import Document, Job, Portal
from autopilot.testing import run_jobs
from programs.services.packet_documents import packet_document
from tests.autopilot.admin.people import member
from tests.autopilot.documents.samples import text_of
from tests.programs.samples import submitted
from tests.programs.test_attachments import applied

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return Portal.objects.create(slug="in", name="Indiana DWD", delivery="manual", instructions="Upload it.")


def test_it_says_what_was_declared(agency, client):
    application = applied(client)

    made = packet_document(application.pk)

    said = " ".join(text_of(archive.read(made)).split())
    assert "Submitted to Indiana DWD, Indiana" in said
    assert "Welding Technology" in said
    assert "$7,200.00" in said
    assert "w-9.pdf" in said
    assert (made.tenant_id, packet_document(application.pk)) == (application.tenant_id, made)


def test_it_needs_an_agency(db):
    with pytest.raises(Invalid, match="No portal is active"):
        packet_document(submitted().pk)


def test_staff_ask_for_it_on_the_page_of_the_application(agency, client):
    client.force_login(member("stone", is_superuser=True))
    application = submitted()
    Job.objects.all().delete()

    page = client.get(reverse("admin:programs_application_change", args=[application.pk])).content.decode()
    client.post(
        reverse("admin:programs_application_changelist"),
        {"action": "make_documents", "_selected_action": application.pk, "document_type": "packet"},
    )
    run_jobs()

    assert 'name="document_type" value="packet"' in page
    assert Document.objects.filter(title="State application packet", tenant_id=application.tenant_id).exists()
