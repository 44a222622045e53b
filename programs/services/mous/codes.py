"""Codes by which a signer proves that a mail address is theirs: mailed, short-lived, counted, and good once."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from autopilot import clock
from autopilot.engine import emit
from programs.models import Mou, SigningCode
from programs.services.mous import evidence

CODE_SENT = "programs.mou.code_sent"
SALT = "programs.mous.codes"
DIGITS = 8
LIFE = timedelta(minutes=15)
MOST_TRIES = 5
MOST_CODES, WITHIN = 5, timedelta(hours=1)


def send_code(mou: Mou, *, by: User, user_agent: str = "") -> SigningCode:
    """Mail a signer a code for the document that stands; for whoever may sign, which the caller has made sure of.

    Raises ValidationError with the code `no_email`, or `too_many_codes` for more than five in an hour.
    """
    if not by.email:
        raise ValidationError(
            "Your account has no e-mail address. Ask an owner to invite your address.", code="no_email"
        )
    with transaction.atomic():
        Mou.objects.select_for_update().get(pk=mou.pk)
        recent = SigningCode.objects.filter(mou=mou, signer=by, created_at__gt=clock.now() - WITHIN).count()
        if recent >= MOST_CODES:
            raise ValidationError("You have asked for many codes. Try again in an hour.", code="too_many_codes")
        code = SigningCode.objects.create(
            mou=mou,
            signer=by,
            email=by.email,
            document_sha256=mou.document.sha256 if mou.document else "",
            expires_at=clock.now() + LIFE,
        )
        emit(CODE_SENT, tenant_id=mou.holder_id, code_id=code.pk)
        evidence.link(mou, "code_sent", by=by, user_agent=user_agent, code_id=code.pk)
    return code


def digits_of(code: SigningCode) -> str:
    """Return the digits that were mailed; they follow from the secret key, so that the database alone signs nothing."""
    number = int(salted_hmac(SALT, str(code.pk), algorithm="sha256").hexdigest(), 16)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def find_code(mou: Mou, typed: str, *, by: User) -> SigningCode:
    """Return the newest open code of a signer if it is the one typed, and count the try.

    Must not be called in a transaction, or a refusal would take back the count. Raises ValidationError with the code
    `code_expired` or `code_wrong`.
    """
    code = SigningCode.objects.filter(mou=mou, signer=by, used_at=None).order_by("-created_at").first()
    if code is None or not _is_counted(code):
        raise ValidationError(
            "This code is closed: it is old, or was tried too often. Ask for a new one.", code="code_expired"
        )
    if not constant_time_compare("".join(typed.split()), digits_of(code)):
        raise ValidationError("This is not the code that we mailed. Look at the newest mail.", code="code_wrong")
    return code


def use_code(code: SigningCode) -> None:
    """Use a code up, in the caller's transaction; raises ValidationError when it was used meanwhile."""
    if not SigningCode.objects.filter(pk=code.pk, used_at=None).update(used_at=clock.now()):
        raise ValidationError("This code was used already. Ask for a new one.", code="code_expired")


def _is_counted(code: SigningCode) -> bool:
    """Count a try of a code, if it may still be tried; return whether it may."""
    open_ones = SigningCode.objects.filter(pk=code.pk, expires_at__gt=clock.now(), tries__lt=MOST_TRIES)
    return bool(open_ones.update(tries=F("tries") + 1))
