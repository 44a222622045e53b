"""The memorandum of understanding between the network and a holder."""

from datetime import date
from decimal import Decimal

from autopilot import document_types
from autopilot.document_types import DocumentType, money, number, rows, text
from programs.services.mous import documents

MOU = document_types.declare(
    DocumentType(
        slug="mou",
        title="Memorandum of understanding",
        make=documents.copy,
        about="programs.mou",
        fields={
            "reference": text("Reference"),
            "version": number("Version"),
            "network_name": text("Network: name"),
            "network_address": text("Network: address", optional=True),
            "holder_name": text("Holder: legal name"),
            "holder_trade_name": text("Holder: doing business as", optional=True),
            "holder_type": text("Holder: type of organization"),
            "holder_address": text("Holder: training site"),
            "contact_name": text("Contact: name"),
            "contact_title": text("Contact: title", optional=True),
            "contact_email": text("Contact: e-mail"),
            "contact_phone": text("Contact: phone"),
            "programs": rows(
                "Programs",
                {
                    "title": text("Title"),
                    "credential": text("Credential"),
                    "clock_hours": number("Clock hours"),
                },
            ),
            "compensation": text("Compensation: share, flat or per_student"),
            "share": number("Share in percent", optional=True),
            "amount": money("Amount per month or student", optional=True),
            "payment_days": number("Days until payment"),
            "notice_days": number("Days of notice"),
            "effective_on": document_types.date("Takes effect not before", optional=True),
            "expires_on": document_types.date("Last day in force", optional=True),
            "governing_state": text("State whose law governs"),
        },
        sample={
            "reference": "MOU-7K2M-9QXD-1",
            "version": 1,
            "network_name": "Provost Workforce Training Network",
            "network_address": "101 Monument Circle\nIndianapolis, Indiana 46204",
            "holder_name": "Łukasz Nguyễn Welding & Pipefitting, LLC",
            "holder_trade_name": "White River Trades",
            "holder_type": "For-profit training provider",
            "holder_address": "2400 Industrial Parkway\nMuncie, Indiana 47302",
            "contact_name": "Dana Whitfield",
            "contact_title": "Director of Training",
            "contact_email": "dana.whitfield@whiteriver.example",
            "contact_phone": "(765) 555-0142",
            "programs": [
                {"title": "Structural welding", "credential": "AWS D1.1 Certified Welder", "clock_hours": 480},
                {"title": "Pipefitting, first level", "credential": "NCCER Pipefitting Level 1", "clock_hours": 320},
            ],
            "compensation": "share",
            "share": Decimal("33.3"),
            "amount": None,
            "payment_days": 30,
            "notice_days": 30,
            "effective_on": date(2026, 12, 1),
            "expires_on": date(2028, 11, 30),
            "governing_state": "Indiana",
        },
    )
)
