"""What a reviewer may amend about an application's packet, and how the packet follows."""

from typing import Any

from django.core.exceptions import ValidationError

from autopilot.documents.errors import PdfRefused
from autopilot.engine import review_form
from autopilot.exceptions import FormInvalid
from autopilot.fillable_forms.errors import FormUnusable
from programs import codes
from programs.facts import facts_from_json
from programs.models import MOST_PROGRAMS, MOST_SITES, EntityType
from programs.services.applications import check_facts
from programs.services.packets import complete_packet

FORM = "application.packet"


def _text(title: str, longest: int, *, least: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, "minLength": least, "maxLength": longest} | more


def _state(title: str) -> dict[str, Any]:
    return {"type": "string", "title": title, "enum": list(codes.STATES)}


def _zip(title: str) -> dict[str, Any]:
    return _text(title, 10, pattern=r"^[0-9]{5}(-[0-9]{4})?$", examples=["46218", "46218-1204"])


PROGRAM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Program",
    "additionalProperties": False,
    "required": ["title", "cip_code", "credential", "clock_hours", "cost"],
    "properties": {
        "title": _text("Title", 200),
        "cip_code": _text("CIP code", 7, pattern=r"^[0-9]{2}\.[0-9]{4}$", examples=["12.0402"]),
        "credential": _text("Credential", 200),
        "clock_hours": {"type": "integer", "title": "Clock hours", "minimum": 1},
        "cost": _text("Cost in dollars", 11, pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$", examples=["11800", "11800.00"]),
        "soc_codes": _text(
            "Occupations (SOC)", 24, least=0, pattern=r"^([0-9]{2}-[0-9]{4}( [0-9]{2}-[0-9]{4}){0,2})?$",
            examples=["51-4121", "51-4121 51-4041"],
        ),
        "taught_at": _text(
            "Numbers of its training sites; none: all", 30, least=0, pattern=r"^(([1-9]|10)( ([1-9]|10)){0,9})?$",
            examples=["1", "1 3"],
        ),
    },
}  # fmt: skip

SITE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Training site",
    "additionalProperties": False,
    "required": ["street", "city", "state", "zip"],
    "properties": {
        "name": _text("Name of the site", 120, least=0),
        "street": _text("Street", 200),
        "city": _text("City", 100),
        "state": _state("State"),
        "zip": _zip("ZIP code"),
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "x-groups": {"contact": "Contact person", "mailing": "Mailing address", "site": "Training site"},
    "type": "object",
    "properties": {
        "reviewer_note": _text("Note for colleagues; it is not sent", 2000, least=0, format="textarea"),
        "legal_name": _text("Legal name", 200),
        "doing_business_as": _text("Doing business as", 200, least=0),
        "entity_type": {"type": "string", "title": "Type of organization", "enum": list(EntityType.values)},
        "contact_name": _text("Contact name", 120),
        "contact_title": _text("Contact title", 120, least=0),
        "contact_email": _text("Contact e-mail", 254, format="email"),
        "contact_phone": _text("Contact phone", 24),
        "mailing_street": _text("Mailing street", 200),
        "mailing_city": _text("Mailing city", 100),
        "mailing_state": _state("Mailing state"),
        "mailing_zip": _zip("Mailing ZIP code"),
        "site_street": _text("Site street", 200),
        "site_city": _text("Site city", 100),
        "site_state": _state("Site state"),
        "site_zip": _zip("Site ZIP code"),
        "expected_students": {"type": "integer", "title": "Expected students per year", "minimum": 1},
        "sites": {
            "type": "array",
            "title": "Further training sites",
            "minItems": 0,
            "maxItems": MOST_SITES - 1,
            "items": SITE_SCHEMA,
        },
        "programs": {
            "type": "array",
            "title": "Programs",
            "minItems": 1,
            "maxItems": MOST_PROGRAMS,
            "items": PROGRAM_SCHEMA,
        },
    },
}


def complete(payload: dict[str, Any]) -> dict[str, Any]:
    """Return an amended packet with its findings, its forms and its document made anew; safe to repeat.

    Raises FormInvalid with a message per field for facts that an application cannot hold or a document cannot print.
    """
    try:
        check_facts(facts_from_json(payload))
        return complete_packet(payload)
    except ValidationError as error:
        fields = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        raise FormInvalid(errors=fields) from error
    except (PdfRefused, FormUnusable, ValueError) as error:
        raise FormInvalid(str(error)) from error


review_form(FORM, schema=SCHEMA, complete=complete)
