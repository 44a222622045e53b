"""The packet of an application on paper, for an agency that takes no other: made of what the applicant declared."""

from typing import Any
from uuid import UUID

from autopilot import clock
from autopilot.document_types import produce
from autopilot.models import Document
from programs import codes
from programs.models import Application
from programs.services.applications import get_application
from programs.services.submissions import portal_of

SLUG, TITLE = "packet", "State application packet"
Context = dict[str, Any]


def packet_document(application_id: UUID) -> Document:
    """Return the packet of an application to the agency of its state, archived; the same facts give the same document.

    Not in a transaction. Raises Invalid for an unknown application, and where no portal is active.
    """
    application = get_application(application_id)
    tenant_id, created = application.tenant_id, application.submitted_at
    return produce(SLUG, context_of(application), title=TITLE, tenant_id=tenant_id, created=created)


def context_of(application: Application) -> Context:
    """Return what the packet says, by the fields of its type."""
    state = application.site_state
    street, town = application.mailing_street, f"{application.mailing_city}, {codes.STATES[application.mailing_state]}"
    return {
        "reference": application.reference,
        "holder_name": application.legal_name,
        "holder_trade_name": application.doing_business_as or None,
        "holder_address": f"{street}\n{town} {application.mailing_zip}",
        "contact_name": application.contact_name,
        "contact_email": application.contact_email,
        "contact_phone": application.contact_phone,
        "agency": portal_of(state).name,
        "state": codes.STATES[state],
        "kind": "Initial eligibility",
        "submitted_on": clock.day_of(application.submitted_at),
        "programs": [
            {
                "title": each.title,
                "credential": each.credential,
                "cip_code": each.cip_code,
                "soc_code": ", ".join(each.soc_codes.split()) or None,
                "clock_hours": each.clock_hours,
                "cost": each.cost,
            }
            for each in application.programs.all()
        ],
        "documents": [
            {"title": each.file_name, "pages": each.document.snapshot.get("pages")}
            for each in application.documents.select_related("document")
        ],
        "remarks": application.additional_information or None,
    }
