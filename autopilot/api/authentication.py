"""Who asks: the bearer of a token, or of the pump's secret."""

import hmac

from django.conf import settings
from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from autopilot import tokens
from autopilot.models.tokens import ApiToken

SCHEME = "bearer"
CHALLENGE = 'Bearer realm="provost"'


class TokenAuthentication(BaseAuthentication):
    """Takes a valid token for its person; what was revoked or expired is refused at the next request."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and the token; None without a header, so that the view says what it needs."""
        secret = bearer_of(request)
        if secret is None:
            return None
        token = tokens.find_token(secret)
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        tokens.note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that a 401 carries."""
        return CHALLENGE


class PumpAuthentication(BaseAuthentication):
    """Takes API_PUMP_SECRET, compared in constant time; while it is unset, nothing is right."""

    def authenticate(self, request: Request) -> tuple[None, str] | None:
        """Return no person, and a word for what was shown; raises AuthenticationFailed."""
        secret, shown = settings.API_PUMP_SECRET.encode(), (bearer_of(request) or "").encode("utf-8", "replace")
        if not hmac.compare_digest(secret, shown) or not secret:
            raise AuthenticationFailed("Send the secret of the pump as “Authorization: Bearer …”.")
        return None, "pump"

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that a 401 carries."""
        return CHALLENGE


def bearer_of(request: Request) -> str | None:
    """Return what a request shows as “Authorization: Bearer …”; None if it shows nothing of the kind."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == SCHEME else None
