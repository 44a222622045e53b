"""A small packet to review: some plain facts, a nested record, and a list of records."""

from typing import Any

from django.contrib.auth.models import User

from autopilot.engine import JobContext, enqueue, handler, review_form
from autopilot.exceptions import FormInvalid
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint
from autopilot.testing import run_jobs

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Legal name", "minLength": 1, "maxLength": 200},
        "entity": {"type": "string", "title": "Type of organization", "enum": ["training_provider", "nonprofit"]},
        "state": {
            "title": "State",
            "oneOf": [{"const": "IN", "title": "Indiana"}, {"const": "KY", "title": "Kentucky"}],
        },
        "contact_name": {"type": "string", "title": "Contact name"},
        "contact_email": {"type": "string", "title": "Contact e-mail", "format": "email", "minLength": 1},
        "contact_phone": {"type": "string", "title": "Contact phone"},
        "note": {"type": "string", "title": "Note", "format": "textarea", "maxLength": 500},
        "accredited": {"type": "boolean", "title": "Accredited"},
        "counties": {"type": "array", "title": "Counties", "items": {"type": "string"}},
        "courses": {
            "type": "array",
            "title": "Courses",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "title": "Course",
                "required": ["title", "cip_code", "hours"],
                "properties": {
                    "title": {"type": "string", "title": "Title", "minLength": 1},
                    "cip_code": {
                        "type": "string",
                        "title": "CIP code",
                        "pattern": r"^[0-9]{2}\.[0-9]{4}$",
                        "minLength": 1,
                        "examples": ["12.0402"],
                    },
                    "hours": {"type": "integer", "title": "Clock hours", "minimum": 1},
                },
            },
        },
        "ein": {"type": "string", "title": "EIN", "readOnly": True},
    },
}
PAYLOAD: dict[str, Any] = {
    "subject_id": "0190b1f2-0000-7000-8000-000000000000",
    "name": "Harbor Trades School",
    "entity": "training_provider",
    "state": "IN",
    "contact_name": "Imani Brooks",
    "contact_email": "imani@harbortrades.example",
    "contact_phone": "317-555-0100",
    "note": "",
    "accredited": True,
    "counties": ["Marion", "Lake"],
    "courses": [
        {"title": "Welding", "cip_code": "48.0508", "hours": 480},
        {"title": "Barbering", "cip_code": "12.0402", "hours": 1500},
    ],
    "ein": "35-1234567",
    "rendered": 1,
    "findings": [
        {"title": "EIN prefix", "verdict": "warn", "reason": "No prefix 35.", "action": "Look.", "source": "IRS list"},
        {"title": "Hours", "verdict": "pass", "reason": "As usual.", "action": "", "source": "Our bounds"},
    ],
}
CLOSED = "closed@harbortrades.example"


def complete(payload: dict[str, Any]) -> dict[str, Any]:
    """Do what follows from an amendment; an address at which nobody reads is refused, as only the owner can know."""
    if payload["contact_email"] == CLOSED:
        raise FormInvalid(errors={"contact_email": "Nobody reads there.", "ein": "Does not fit."})
    return payload | {"rendered": payload["rendered"] + 1}


def register() -> None:
    """Register the kinds and the form; the test's registry forgets them."""
    review_form("trial.form", schema=SCHEMA, complete=complete)

    @handler("trial.packet")
    def packet(job: JobContext, quorum: int = 1) -> dict[str, Any]:
        review = job.approval(
            "review",
            title="Packet of Harbor Trades",
            summary="What is approved is sent.",
            payload=PAYLOAD,
            form="trial.form",
            reviewers="Reviewer",
            quorum=quorum,
        )
        return {"name": review.payload["name"]}

    @handler("trial.plain")
    def plain(job: JobContext) -> dict[str, Any]:
        job.approval("review", title="Write 1 file?", payload={"files": [{"path": "a.txt", "content": "x"}]})
        return {}

    @handler("trial.once")
    def once(job: JobContext) -> dict[str, Any]:
        return {"receipt": job.once("submit", _unknown)}


def _unknown() -> None:
    raise OSError("The connection was cut.")


def waiting(kind: str = "trial.packet", *, by: User | None = None, **payload: Any) -> Checkpoint:
    """Return the pending checkpoint of a new job."""
    label = by.get_username() if by else ""
    job = enqueue(kind, tenant_id=uuid7(), requested_by=by, requester_label=label, **payload)
    run_jobs()
    return Checkpoint.objects.pending().get(job=job)
