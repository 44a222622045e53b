"""What goes to a state: the packet of a program's application, and the cover in front of an agency's own form."""

from datetime import date
from decimal import Decimal

from autopilot import document_types
from autopilot.document_types import DocumentType, money, number, rows, text
from programs.services import packet_documents

PROVIDER = {
    "reference": text("Reference"),
    "holder_name": text("Provider: legal name"),
    "holder_trade_name": text("Provider: doing business as", optional=True),
    "holder_address": text("Provider: address, a line each"),
    "contact_name": text("Contact: name"),
    "contact_email": text("Contact: e-mail"),
    "contact_phone": text("Contact: phone"),
    "agency": text("Agency"),
    "state": text("State"),
}
PROVIDER_SAMPLE = {
    "reference": "LST-IN-2027-0118",
    "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
    "holder_trade_name": "White River Trades",
    "holder_address": "2400 Industrial Parkway\nMuncie, Indiana 47302",
    "contact_name": "Dana Whitfield",
    "contact_email": "dana.whitfield@whiteriver.example",
    "contact_phone": "(765) 555-0142",
    "agency": "Indiana Department of Workforce Development",
    "state": "Indiana",
}

PACKET = document_types.declare(
    DocumentType(
        slug="packet",
        title=packet_documents.TITLE,
        make=packet_documents.packet_document,
        about="programs.application",
        fields={
            **PROVIDER,
            "kind": text("Initial or continued eligibility"),
            "submitted_on": document_types.date("Submitted"),
            "programs": rows(
                "Programs",
                {
                    "title": text("Title"),
                    "credential": text("Credential"),
                    "cip_code": text("CIP 2020"),
                    "soc_code": text("SOC 2018", optional=True),
                    "clock_hours": number("Clock hours"),
                    "cost": money("Cost to one student"),
                },
            ),
            "documents": rows("Documents", {"title": text("Title"), "pages": number("Pages", optional=True)}),
            "remarks": text("Remarks", optional=True),
        },
        sample={
            **PROVIDER_SAMPLE,
            "kind": "Initial eligibility",
            "submitted_on": date(2026, 11, 20),
            "programs": [
                {
                    "title": "Structural welding",
                    "credential": "AWS D1.1 Certified Welder",
                    "cip_code": "48.0508",
                    "soc_code": "51-4121",
                    "clock_hours": 480,
                    "cost": Decimal("6200.00"),
                },
                {
                    "title": "Pipefitting, first level",
                    "credential": "NCCER Pipefitting Level 1",
                    "cip_code": "46.0502",
                    "soc_code": "47-2152",
                    "clock_hours": 320,
                    "cost": Decimal("4150.00"),
                },
            ],
            "documents": [
                {"title": "Business license", "pages": 2},
                {"title": "Curriculum, structural welding", "pages": 18},
                {"title": "Liability insurance certificate", "pages": 1},
            ],
            "remarks": None,
        },
    )
)

STATE_FORM_COVER = document_types.declare(
    DocumentType(
        slug="state_form_cover",
        title="Cover of a state form",
        fields={
            **PROVIDER,
            "form_title": text("Form: title"),
            "form_edition": text("Form: edition"),
            "form_sha256": text("Form: SHA-256 of what was filled"),
            "approved_on": document_types.date("Approved", optional=True),
            "enclosures": rows("Enclosures", {"title": text("Title"), "pages": number("Pages", optional=True)}),
        },
        sample={
            **PROVIDER_SAMPLE,
            "form_title": "Application for postsecondary proprietary accreditation",
            "form_edition": "Edition 2026-07",
            "form_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "approved_on": date(2026, 11, 19),
            "enclosures": [
                {"title": "The form, filled", "pages": 6},
                {"title": "Business license", "pages": 2},
                {"title": "Liability insurance certificate", "pages": 1},
            ],
        },
    )
)
