"""The mails about what a holder must prove; they name requirements, and no person."""

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs.messages.mails import address
from programs.messages.offers import TEMPLATE
from programs.models import Requirement
from programs.services import requirements
from programs.services.people import add_notice, mail_to
from programs.services.requirements import named

add_notice(requirements.SUBMITTED, "A proof was uploaded")
add_notice(requirements.ACCEPTED, "A proof was accepted")
add_notice(requirements.REJECTED, "A proof was not accepted")
add_notice(requirements.EXPIRING, "A proof expires soon")
add_notice(requirements.EXPIRED, "A proof has expired")


@message(requirements.SUBMITTED, webhook=True)
def proof_submitted(requirement_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that their files are here."""
    row = _requirement(requirement_id)
    text = f"We have what you uploaded for “{named(row)}”. A reviewer looks at it; you need do nothing now."
    return _about(row, requirements.SUBMITTED, f"We have your {row.type.title}", text)


@message(requirements.ACCEPTED, webhook=True)
def proof_accepted(requirement_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a proof is good, and until when."""
    row = _requirement(requirement_id)
    until = f" It is good until {row.expires_on:%B %-d, %Y}; we remind you in time." if row.expires_on else ""
    text = f"Our reviewer has accepted what you uploaded for “{named(row)}”.{until}"
    return _about(row, requirements.ACCEPTED, f"{row.type.title} is accepted", text, quote=row.remark)


@message(requirements.REJECTED, webhook=True)
def proof_rejected(requirement_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people what to send instead."""
    row = _requirement(requirement_id)
    text = f"Our reviewer could not accept what you uploaded for “{named(row)}”. Please upload another proof."
    return _about(row, requirements.REJECTED, f"{row.type.title} is not accepted yet", text, quote=row.remark)


@message(requirements.EXPIRING, webhook=True)
def proof_expiring(requirement_id: str) -> EmailMultiAlternatives:
    """Remind a holder's people of an expiry."""
    row = _requirement(requirement_id)
    text = f"What you uploaded for “{named(row)}” is good until {_day(row)}. Please upload its successor before."
    return _about(row, requirements.EXPIRING, f"{row.type.title} expires on {_day(row)}", text)


@message(requirements.EXPIRED, webhook=True)
def proof_expired(requirement_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that a proof is no longer good."""
    row = _requirement(requirement_id)
    text = f"What you uploaded for “{named(row)}” was good until {_day(row)}. Please upload a new proof now."
    return _about(row, requirements.EXPIRED, f"{row.type.title} has expired", text)


def _requirement(requirement_id: str) -> Requirement:
    return Requirement.objects.select_related("holder", "type", "program").get(pk=requirement_id)


def _day(requirement: Requirement) -> str:
    return f"{requirement.expires_on:%B %-d, %Y}" if requirement.expires_on else ""


def _about(row: Requirement, topic: str, subject: str, text: str, *, quote: str = "") -> EmailMultiAlternatives:
    link = address("portal:requirement", row.holder_id, row.pk)
    return mail_to(
        row.holder, topic, TEMPLATE, subject=subject, text=text, quote=quote, link=link, action="Open it in the portal"
    )
