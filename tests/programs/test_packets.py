"""Packets: what is printed, what is not, and that the same application gives the same bytes."""

import io

import pikepdf
import pypdfium2
import pytest

from autopilot.documents import archive
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import Document
from autopilot.storable import digest
from programs.models import Packet
from programs.services import packets
from programs.services.findings import verify_application
from programs.services.packets import approve_packet, complete_packet, open_review, prepare_packet
from tests.programs.samples import GOOD, facts, program, submitted

pytestmark = pytest.mark.django_db


def printed(payload):
    """Return the text of a packet's document."""
    content = archive.read(Document.objects.get(pk=payload["document"]["id"]))
    with pypdfium2.PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_it_prints_everything_the_state_needs():
    text = printed(prepare_packet(submitted(additional_information="Evening classes.").pk))

    for said in (
        GOOD.legal_name,
        GOOD.doing_business_as,
        GOOD.ein,
        GOOD.contact_name,
        GOOD.contact_email,
        GOOD.contact_phone,
        GOOD.mailing_street,
        GOOD.site_street,
        "Welding Technology",
        "AWS Certified Welder",
        "48.0508",
        "480",
        "$7,200.00",
        "Evening classes.",
        "All 12 checks passed",
        "29 CFR part 38",
    ):
        assert said in text


def test_it_states_failed_checks_clearly():
    payload = prepare_packet(submitted().pk)

    text = printed(complete_packet(payload | {"contact_phone": "12"}))

    assert "1 check failed" in text
    assert "Contact phone: This is no number of the North American plan." in text


def test_it_does_not_print_what_is_for_staff():
    submitted()
    payload = prepare_packet(submitted(ein="07-1234567").pk)
    twin = prepare_packet(submitted(ein="07-1234567").pk)

    assert "on file with this EIN" in str(twin["findings"])
    assert "on file" not in printed(twin)
    assert "no prefix 07" in printed(payload)


def test_the_same_application_gives_the_same_bytes_and_one_document():
    application = submitted()

    first, second = prepare_packet(application.pk), prepare_packet(application.pk)

    assert first == second
    assert Document.objects.count() == 1


def test_it_belongs_to_the_applicants_tenant_and_keeps_its_data():
    application = submitted()

    payload = prepare_packet(application.pk)

    document = Document.objects.get()
    assert document.tenant_id == application.tenant_id
    assert document.snapshot["legal_name"] == GOOD.legal_name
    assert document.template == packets.TEMPLATE
    assert document.sha256 == payload["document"]["sha256"]


def test_its_title_names_nobody():
    payload = prepare_packet(submitted().pk)

    with pikepdf.open(io.BytesIO(archive.read(Document.objects.get()))) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Training provider application"
    assert GOOD.legal_name not in payload["document"]["title"]


def test_what_applicants_wrote_stays_text():
    hostile = "<img src=file:///etc/passwd> {{ settings.SECRET_KEY }}"

    text = printed(prepare_packet(submitted(legal_name=hostile, additional_information=hostile).pk))

    assert "{{ settings.SECRET_KEY }}" in text.replace("\r\n", " ")


def test_ten_long_programs_fit():
    long = program(title="Advanced " * 20, credential="Certificate " * 15)

    payload = prepare_packet(submitted(programs=(long,) * 10).pk)

    assert len(payload["findings"]) == 11 + 40


def test_it_refuses_to_freeze_what_was_not_approved():
    application, job = submitted(), uuid7()
    verify_application(application.pk, job_id=job)
    payload = prepare_packet(application.pk)
    open_review(application.pk, payload, job_id=job)

    with pytest.raises(Invalid, match="not what was approved"):
        approve_packet(
            application.pk,
            payload | {"legal_name": "Other"},
            approved_digest=digest(payload),
            by_id=None,
            job_id=job,
        )

    assert Packet.objects.get().approved_at is None


def test_it_keeps_a_packet_once_however_often_it_is_shown():
    application, job = submitted(), uuid7()
    verify_application(application.pk, job_id=job)
    payload = prepare_packet(application.pk)
    open_review(application.pk, payload, job_id=job)

    approve_packet(application.pk, payload, approved_digest=digest(payload), by_id=None, job_id=job)

    packet = Packet.objects.get()
    assert (packet.version, packet.digest) == (1, digest(payload))
    assert packet.approved_at is not None


def test_facts_that_are_no_facts_are_refused():
    payload = prepare_packet(submitted().pk)
    bad = facts().as_json()["programs"]
    bad[0]["cost"] = "much"

    with pytest.raises(ValueError, match="must be a number"):
        complete_packet(payload | {"programs": bad})
