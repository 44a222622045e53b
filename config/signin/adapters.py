"""Provost's answers to what the sign-in library leaves open."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from autopilot.encryption import decrypt, encrypt
from autopilot.requests import client_address

SEED = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by staff or by an invitation, and links never follow the Host of a request."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: nobody makes an account without having been asked to."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that Provost believes a request to come from."""
        return client_address(request) or ""

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a password mail, which begins with BASE_URL."""
        return str(settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=_parts(key)))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keep the secrets of second factors encrypted."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return encrypt(text, SEED)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; raises EncryptionError for what cannot be opened."""
        return decrypt(encrypted_text, SEED)


def _parts(key: str) -> dict[str, Any]:
    uid, _, token = key.partition("-")
    return {"uidb36": uid, "key": token}
