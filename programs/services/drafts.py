"""Keep an application that is not complete yet, as it was typed, and mail the link by which somebody goes on with it."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from autopilot import clock
from autopilot.engine import emit
from autopilot.identifiers import uuid7
from autopilot.tenants import NETWORK
from programs.models import ApplicationDraft

SAVED = "programs.application.draft_saved"
KEPT_FOR = timedelta(days=30)
MOST_CHARACTERS = 200_000
SALT = "programs.drafts"

Contents = dict[str, list[str]]


class DraftClosed(ObjectDoesNotExist):
    """There is no draft behind this link: it was sent in, has expired, or the secret key has changed since."""


@transaction.atomic
def save_draft(*, contents: Contents, email: str, token: str = "") -> ApplicationDraft:
    """Keep a form as it was typed for another 30 days, and mail the link that opens it to the address in it.

    `token` is that of the link by which it was opened, if it was saved before: then the same draft is kept on, the same
    link opens it, and a mail goes out only if the address is another one. Raises ValidationError with the code `email` for no address, `too_large` for too much text, and
    as `find_draft` does.
    """
    _check(contents, email)
    now = clock.now()
    ApplicationDraft.objects.filter(expires_at__lte=now).delete()
    changes = {"email": email, "contents": contents, "saved_at": now, "expires_at": now + KEPT_FOR}
    known = find_draft(token) if token else None
    if known is None:
        pk = uuid7()
        draft = ApplicationDraft.objects.create(pk=pk, token_digest=_digest(_token(pk)), **changes)
    else:
        ApplicationDraft.objects.filter(pk=known.pk).update(saves=F("saves") + 1, **changes)
        draft = ApplicationDraft.objects.get(pk=known.pk)
    if known is None or known.email != email:
        emit(SAVED, tenant_id=NETWORK, draft_id=draft.pk)
    return draft


def find_draft(token: str) -> ApplicationDraft:
    """Return the draft that a link opens; raises ValidationError when it was sent in already or has expired."""
    draft = ApplicationDraft.objects.filter(token_digest=_digest(token)).first()
    if draft is None:
        raise ValidationError("This application was sent in already, or the link is not complete.", code="link_unknown")
    if draft.expires_at <= clock.now():
        raise ValidationError("This link has expired.", code="link_expired")
    return draft


def draft_token(draft: ApplicationDraft) -> str:
    """Return the token of a draft's link, made anew; only its digest is stored, so the database alone opens nothing.

    Raises DraftClosed when the secret key has changed since the draft was first saved.
    """
    token = _token(draft.pk)
    if _digest(token) != draft.token_digest:
        raise DraftClosed(DraftClosed.__doc__)
    return token


def close_draft(token: str) -> None:
    """Forget a draft, because it was sent in."""
    ApplicationDraft.objects.filter(token_digest=_digest(token)).delete()


def forget_expired_drafts() -> int:
    """Delete the drafts that nobody can open any more, and return how many there were."""
    deleted, _ = ApplicationDraft.objects.filter(expires_at__lte=clock.now()).delete()
    return deleted


def _check(contents: Contents, email: str) -> None:
    try:
        ApplicationDraft._meta.get_field("email").clean(email, None)
    except ValidationError:
        text = "Enter your e-mail address; we mail you the link with which you go on."
        raise ValidationError({"contact_email": ValidationError(text, code="email")}) from None
    if sum(len(text) for texts in contents.values() for text in texts) > MOST_CHARACTERS:
        raise ValidationError("This is more text than we can keep. Make it shorter.", code="too_large")


def _token(pk: UUID) -> str:
    return salted_hmac(SALT, str(pk), algorithm="sha256").hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
