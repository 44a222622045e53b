"""Documents that come with an application: taken in when they are chosen, and carried as far as the holder."""

import re

import pytest
from django.core.exceptions import ValidationError

from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.facts import facts_from_json
from programs.models import Application, ApplicationDraft, ApplicationStatus, RequirementUpload
from programs.services.applications import facts_of, submit_application
from programs.services.attachments import attach, brought_to, find_attachments, kinds, reference_to
from programs.services.corrections import correction_token
from programs.services.drafts import draft_token
from programs.services.holders import open_holder
from programs.services.packets import prepare_packet
from tests.autopilot.uploads.files import pdf, script, upload
from tests.programs.samples import facts, posted
from tests.programs.test_corrections import reject

pytestmark = pytest.mark.django_db
URL = "/apply/"


def attached(page):
    """Return the references that a page carries along."""
    return re.findall(r'name="attached" value="([^"]+)"', page.text)


def chosen(name="w-9.pdf", kind="w-9", **changes):
    """Return what a browser posts that attaches a file."""
    return posted() | {"action": "attach", "document": upload(name, pdf()), "document_kind": kind} | changes


def applied(client):
    """Return an application that came with its W-9."""
    data = chosen()
    page = client.post(URL, data)
    client.post(URL, {**posted(), "form_key": data["form_key"], "attached": attached(page)})
    return Application.objects.get()


def test_it_takes_a_document_in_and_keeps_what_was_typed(client):
    page = client.post(URL, chosen())

    assert page.status_code == 200
    assert "w-9.pdf" in page.text
    assert 'value="Harbor Trades School, Inc."' in page.text
    assert not Application.objects.exists()


def test_it_comes_with_the_application(client):
    application = applied(client)

    row = application.documents.get()
    assert (row.kind, row.file_name) == ("w-9", "w-9.pdf")
    assert row.document.tenant_id == application.tenant_id
    assert archive.read(row.document) == pdf()


def test_it_is_taken_with_the_press_of_send(client):
    client.post(URL, chosen(action="send"))

    assert Application.objects.get().documents.count() == 1


def test_it_says_why_a_file_is_refused_and_sends_nothing(client):
    hostile = upload("w-9.pdf", pdf(lambda made: made.Root.update({"/OpenAction": script()})))

    page = client.post(URL, chosen(action="send", document=hostile))

    assert "w-9.pdf: " in page.text
    assert 'value="Harbor Trades School, Inc."' in page.text
    assert not Application.objects.exists()
    assert not Document.objects.exists()


def test_it_is_taken_off_again(client):
    data = chosen()
    page = client.post(URL, data)

    page = client.post(URL, posted() | {"attached": attached(page), "action": "detach-0"})

    assert attached(page) == []


@pytest.mark.parametrize("forged", ["x", "e30:1abcdef:xyz", "", "\0"])
def test_it_ignores_a_reference_that_we_did_not_sign(client, forged):
    client.post(URL, posted() | {"attached": [forged]})

    assert not Application.objects.get().documents.exists()


def test_it_refuses_a_document_of_another_form(client):
    page = client.post(URL, chosen())

    answer = client.post(URL, posted() | {"attached": attached(page)})

    assert "not on file for this application" in answer.text
    assert not Application.objects.exists()


def test_it_takes_no_more_than_twelve(client):
    files = [upload(f"{number}.pdf", pdf()) for number in range(13)]

    page = client.post(URL, chosen(document=files))

    assert len(attached(page)) == 12
    assert "12.pdf is one too many" in page.text


def test_it_is_kept_with_a_draft(client):
    client.post(URL, chosen(action="save"))

    page = client.get(f"/apply/continue/{draft_token(ApplicationDraft.objects.get())}/")

    [reference] = attached(page)
    assert find_attachments([reference])[0].file_name == "w-9.pdf"


def test_it_is_kept_with_a_correction(client):
    application = reject(applied(client))
    link = f"/apply/correct/{correction_token(application)}/"
    before = facts_of(application).attachments

    page = client.get(link)
    client.post(link, posted() | {"attached": attached(page)})

    application.refresh_from_db()
    assert (application.revision, facts_of(application).attachments) == (2, before)


def test_it_stands_in_the_packet(client):
    application = applied(client)

    packet = prepare_packet(application.pk)

    assert [(each["kind"], each["file_name"]) for each in packet["documents"]] == [("w-9", "w-9.pdf")]


def test_it_is_still_there_after_the_approval_of_its_packet(client):
    application = applied(client)

    packet = prepare_packet(application.pk)

    assert facts_from_json(packet) == facts_of(application)


def test_it_becomes_proof_of_the_holder(client):
    application = applied(client)
    Application.objects.update(status=ApplicationStatus.STATE_APPROVED)
    application.refresh_from_db()

    holder = open_holder(application)

    proof = RequirementUpload.objects.get()
    assert (proof.requirement.holder, proof.requirement.type.slug) == (holder, "w-9")
    assert (proof.requirement.status, proof.file_name, proof.uploaded_by) == ("submitted", "w-9.pdf", None)


def test_it_offers_what_is_asked_of_holders_but_no_mou():
    offered = dict(kinds())

    assert {"w-9", "insurance"} <= offered.keys()
    assert not {"mou", "curriculum"} & offered.keys()


def test_it_is_archived_for_the_tenant_it_comes_to():
    uploaded = attach(upload("a.pdf", pdf()), kind="nothing", tenant_id=uuid7())
    tenant = uuid7()

    [brought] = brought_to(tenant, [uploaded])

    assert uploaded.kind == ""
    assert Document.objects.get(pk=brought.document_id).tenant_id == tenant
    assert brought_to(tenant, [brought]) == (brought,)


def test_it_is_refused_with_another_digest_than_its_own():
    tenant = uuid7()
    uploaded = attach(upload("a.pdf", pdf()), kind="", tenant_id=tenant)
    forged = facts(attachments=(type(uploaded)("", "a.pdf", uploaded.document_id, "0" * 64),))

    with pytest.raises(ValidationError, match="not on file"):
        submit_application(facts=forged, form_key=uuid7(), tenant_id=tenant)


def test_it_goes_by_a_signed_reference():
    uploaded = attach(upload("../a\x07.pdf", pdf()), kind="w-9", tenant_id=uuid7())

    assert uploaded.file_name == "a.pdf"
    assert find_attachments([reference_to(uploaded)] * 2) == (uploaded,)
