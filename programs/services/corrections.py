"""Reject an application with a way back: a link, mailed, by which the applicant corrects it once."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac

from autopilot import clock
from autopilot.engine import emit
from programs.facts import ApplicationFacts
from programs.models import Application, ApplicationStatus
from programs.services.applications import (
    accept_revision,
    move_application,
    once_per_form,
    write_facts,
)

REJECTED = "programs.application.rejected"
CORRECTION_TIME = timedelta(days=30)
SALT = "programs.corrections"


class CorrectionClosed(ObjectDoesNotExist):
    """There is no open correction link for this application: it is used, or the secret key has changed since."""


@transaction.atomic
def reject_application(
    application: Application, *, reason: str, by: User | None = None, job_id: UUID | None = None
) -> None:
    """Reject an application, and mail the applicant why, with a link to correct it within 30 days.

    Raises ValidationError when no reason is given, or when the application cannot be rejected where it stands.
    """
    if not reason.strip():
        raise ValidationError("Say why the application is rejected; the applicant is told.", code="no_reason")
    now = clock.now()
    move_application(
        application,
        ApplicationStatus.REJECTED,
        by=by,
        reason=reason,
        job_id=job_id,
        rejected_reason=reason,
        decided_at=now,
        correction_token_digest=_digest(_token(application)),
        correction_expires_at=now + CORRECTION_TIME,
    )
    emit(REJECTED, tenant_id=application.tenant_id, application_id=application.pk)


def correction_token(application: Application) -> str:
    """Return the token of a rejected application's correction link, made anew; only its digest is stored.

    It is 256 bits that follow from the secret key, so the mail can be built when it is sent, and the database alone
    opens nothing. Raises CorrectionClosed when the link is used, or the secret key has changed since the rejection.
    """
    token = _token(application)
    if _digest(token) != application.correction_token_digest:
        raise CorrectionClosed(CorrectionClosed.__doc__)
    return token


def find_correctable(token: str) -> Application:
    """Return the application that a correction link opens; raises ValidationError when it is unknown, used or expired."""
    application = Application.objects.filter(correction_token_digest=_digest(token)).first()
    if application is None:
        raise ValidationError("This link was used already, or is not complete.", code="link_unknown")
    if application.correction_expires_at is None or application.correction_expires_at <= clock.now():
        raise ValidationError("This link has expired.", code="link_expired")
    return application


def correct_application(*, token: str, facts: ApplicationFacts, form_key: UUID, by: User | None = None) -> Application:
    """Take in a corrected application as its next revision, with a new job; the link is used up by it.

    Raises ValidationError as `find_correctable` and `submit_application` do.
    """
    return once_per_form(form_key, facts, lambda: _correct(token, facts, form_key, by))


def _correct(token: str, facts: ApplicationFacts, form_key: UUID, by: User | None) -> Application:
    now = clock.now()
    found = find_correctable(token)
    application = Application.objects.select_for_update().get(pk=found.pk)
    if application.correction_token_digest != _digest(token):
        raise ValidationError("This link was used already, or is not complete.", code="link_unknown")
    move_application(
        application,
        ApplicationStatus.SUBMITTED,
        by=by,
        reason="corrected",
        revision=application.revision + 1,
        rejected_reason="",
        decided_at=None,
        correction_token_digest="",
        correction_expires_at=None,
        submitted_at=now,
        assurances_accepted_at=now,
    )
    write_facts(application, facts)
    accept_revision(application, facts, form_key, by)
    return application


def _token(application: Application) -> str:
    value = f"{application.pk}:{application.revision}"
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
