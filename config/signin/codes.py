"""Codes of second factors: wrong ones are counted, and a right one is good once."""

from typing import Any

from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError

from config.signin import lockout

ACTION = "second_factor"
TOO_MANY = "Too many wrong codes. Wait a quarter of an hour, then try again."


class _Counted:
    """A form with a code, whose wrong codes lock like wrong passwords: per account and address, and per account."""

    user: Any

    def clean_code(self) -> str:
        """Return the code if it is right; raises ValidationError if it is not, or if the account is locked."""
        request, key = context.request, str(self.user.pk)
        if lockout.is_locked(request, self.user) or not ratelimit.consume(request, action=ACTION, key=key):
            raise ValidationError(TOO_MANY)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            lockout.count_failure(request, self.user)
            raise
        ratelimit.clear(request, action=ACTION, key=key)
        return code


class SignInCodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]
    """The code that completes a sign-in."""


class ConfirmingCodeForm(_Counted, ReauthenticateForm):  # type: ignore[misc]
    """The code by which somebody who is signed in proves it again."""


class ActivateAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""

    def clean_code(self) -> str:
        """Return the code if it is right; it is used up then, and does not sign anybody in."""
        code: str = super().clean_code()
        TOTP(Authenticator(user=self.user))._mark_code_used(code)
        return code
