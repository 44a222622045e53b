"""Provost's answers to what the sign-in library leaves open."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse

from autopilot.encryption import decrypt, encrypt
from autopilot.requests import client_address
from config.signin import sessions
from students.services.persons import own_records

SEED = "mfa_authenticator.data"
NO_ADDRESS = "0.0.0.0"  # noqa: S104 (nothing is bound to it: it stands where a proxy told nonsense)

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by staff or by an invitation, and links never follow the Host of a request."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: nobody makes an account without having been asked to."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that Provost believes a request to come from."""
        return client_address(request) or NO_ADDRESS

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where a sign-in leads that was not asked for by a page: staff into the office, students to their own
        record, others home.
        """
        person = request.user
        if not isinstance(person, User):
            return reverse("home")
        if person.is_staff:
            return reverse("admin:index")
        return reverse("me:overview" if own_records(person).exists() else "home")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before a factor is changed, unless it has just been given."""
        return not sessions.is_confirmed(current.request, within=sessions.JUST_NOW)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a password mail, which begins with BASE_URL."""
        return str(settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=_parts(key)))

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Tell a person, at the address staff entered, that the way to sign in has changed."""
        if user.email:
            self.send_mail(template_prefix, user.email, {"user": user})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; when the server does not take it the page answers as ever, and the log says so."""
        try:
            super().send_mail(template_prefix, email, context | {"base_url": settings.BASE_URL})
        except (OSError, SMTPException):
            logger.exception("The mail %s could not be sent.", template_prefix)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of second factors encrypted."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return encrypt(text, SEED)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; raises EncryptionError for what cannot be opened."""
        return decrypt(encrypted_text, SEED)

    def get_totp_label(self, user: Any) -> str:
        """Return the name under which an app shows the account."""
        return str(user.get_username())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whom a security key shows as the one who asks; its id is the host, as browsers demand."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.MFA_TOTP_ISSUER}


def _parts(key: str) -> dict[str, Any]:
    uid, _, token = key.partition("-")
    return {"uidb36": uid, "key": token}
