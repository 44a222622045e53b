"""The mails of programs, built when they are sent; none of them names an EIN."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.engine import message
from programs import offer_messages  # noqa: F401 (the mails about what holders offer)
from programs.models import Application, ApplicationStatus, Invitation
from programs.services.applications import RECEIVED
from programs.services.corrections import REJECTED, correction_token
from programs.services.members import INVITED, invitation_token
from programs.services.submissions import STATE_DECIDED, SUBMITTED


@message(RECEIVED, webhook=True)
def received(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant that the application is here."""
    return _mail("received", Application.objects.get(pk=application_id))


@message(REJECTED, webhook=True)
def rejected(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant why the application was rejected, with the link that opens it for correction."""
    application = Application.objects.get(pk=application_id)
    link = _address("programs:correct", correction_token(application))
    return _mail("rejected", application, correction_url=link)


@message(SUBMITTED, webhook=True)
def submitted_to_state(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant that the state has the application, under which number."""
    return _mail("submitted_to_state", Application.objects.get(pk=application_id))


@message(STATE_DECIDED, webhook=True)
def state_decided(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant what the state has decided."""
    application = Application.objects.get(pk=application_id)
    decision = application.status_changes.filter(to_status=application.status).last()
    return _mail(
        "state_decided",
        application,
        approved=application.status == ApplicationStatus.STATE_APPROVED,
        reason=decision.reason if decision else "",
    )


@message(INVITED)
def invited(invitation_id: str) -> EmailMultiAlternatives:
    """Send somebody the link by which they become a member of a holder."""
    invitation = Invitation.objects.select_related("holder").get(pk=invitation_id)
    link = _address("programs:join", invitation_token(invitation))
    return mail("invited", to=invitation.email, invitation=invitation, join_url=link)


def mail(name: str, *, to: str, **context: Any) -> EmailMultiAlternatives:
    """Return the mail whose subject, text and HTML are the templates of a name."""
    subject, text, html = (
        render_to_string(f"programs/emails/{name}.{part}", context) for part in ("subject.txt", "txt", "html")
    )
    made = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
    made.attach_alternative(html, "text/html")
    return made


def _mail(name: str, application: Application, **more: Any) -> EmailMultiAlternatives:
    status_url = _address("programs:status", application.reference)
    return mail(name, to=application.contact_email, application=application, status_url=status_url, **more)


def _address(view: str, argument: str) -> str:
    return f"{settings.BASE_URL}{reverse(view, args=[argument])}"
