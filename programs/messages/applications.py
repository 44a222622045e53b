"""The mails about applications; none of them names an EIN."""

from typing import Any

from django.core.mail import EmailMultiAlternatives

from autopilot.engine import message
from programs.messages.mails import address, mail
from programs.models import Application, ApplicationDraft, ApplicationStatus
from programs.services.applications import RECEIVED
from programs.services.corrections import REJECTED, correction_token
from programs.services.drafts import SAVED, draft_token
from programs.services.submissions import STATE_DECIDED, SUBMITTED


@message(RECEIVED, webhook=True)
def received(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant that the application is here."""
    return _mail("received", Application.objects.get(pk=application_id))


@message(SAVED)
def draft_saved(draft_id: str) -> EmailMultiAlternatives:
    """Send whoever saved an application the link with which they go on."""
    draft = ApplicationDraft.objects.get(pk=draft_id)
    return mail(
        "draft_saved", to=draft.email, draft=draft, continue_url=address("programs:continue", draft_token(draft))
    )


@message(REJECTED, webhook=True)
def rejected(application_id: str) -> EmailMultiAlternatives:
    """Tell the applicant why the application was rejected, with the link that opens it for correction."""
    application = Application.objects.get(pk=application_id)
    link = address("programs:correct", correction_token(application))
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


def _mail(name: str, application: Application, **more: Any) -> EmailMultiAlternatives:
    status_url = address("programs:status", application.reference)
    return mail(name, to=application.contact_email, application=application, status_url=status_url, **more)
