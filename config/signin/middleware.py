"""What every request of somebody who is signed in must pass: the session's limits, the second factor, and proof before
a decision."""

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from autopilot import clock
from config.health import PROBES
from config.signin import decisions, sessions

Respond = Callable[[HttpRequest], HttpResponse]
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What a member of staff reaches before there is a second factor, or before it has been given.
WAY_TO_A_FACTOR = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password_from_key",
    "account_stay",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
}


def limit_session(respond: Respond) -> Respond:
    """Middleware: end a session that has been idle for too long or is too old, and tell the others' level and end.

    Of what a page fetches in the background nothing counts as a sign of its person.
    """

    def limited(request: HttpRequest) -> HttpResponse:
        asked = settings.SESSION_COOKIE_NAME in request.COOKIES and request.path_info not in PROBES
        if asked and request.user.is_authenticated:
            _limit(request)
        return respond(request)

    return limited


def _limit(request: HttpRequest) -> None:
    if sessions.ends_at(request.session) <= clock.now():
        logout(request)
        messages.info(
            request, "You were signed out, because your session had lasted long enough. Please sign in again."
        )
        return
    if request.headers.get("Sec-Fetch-Dest", "document") == "document":
        sessions.see(request.session)
    request.mfa_level = sessions.mfa_level(request)  # type: ignore[attr-defined]
    left = sessions.ends_at(request.session) - clock.now()
    request.session_seconds_left = int(left.total_seconds())  # type: ignore[attr-defined]


class RequireSecondFactor:
    """Middleware: while STAFF_MFA_REQUIRED, staff without a second factor see the pages that set one up, and no other.

    Whoever has one, but did not give it in this session, is asked for it first.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what it asks for is known only in `process_view`."""
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, *arguments: Any) -> HttpResponse | None:
        """Return the way to the second factor, or None to go on."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        request.factor_is_due = settings.STAFF_MFA_REQUIRED  # type: ignore[attr-defined]
        if not settings.STAFF_MFA_REQUIRED or name in WAY_TO_A_FACTOR or request.path_info in PROBES:
            return None
        user = request.user
        if not user.is_authenticated or not user.is_staff or is_proven(request):
            return None
        if not is_mfa_enabled(user, FACTORS):
            return HttpResponseRedirect(reverse("mfa_index"))
        asked = "mfa_reauthenticate" if is_mfa_enabled(user, FACTORS[:1]) else "mfa_reauthenticate_webauthn"
        back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return HttpResponseRedirect(f"{reverse(asked)}?{urlencode({'next': back})}")


def is_proven(request: HttpRequest) -> bool:
    """Tell whether a second factor that still exists was given, or set up, in this session."""
    records = get_authentication_records(request, request.user)
    given = [record.get("id") for record in records if record["method"] == "mfa"]
    return bool(given) and Authenticator.objects.filter(user_id=request.user.pk, type__in=FACTORS).exists()


class ConfirmBeforeDecision:
    """Middleware: whoever decides proves again who it is when the sign-in is older than DECISION_REAUTHENTICATION."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what it asks for is known only in `process_view`."""
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, *arguments: Any) -> HttpResponse | None:
        """Keep what was sent and ask who it is, or return None to go on."""
        if not decisions.is_decision(request) or not request.user.is_authenticated:
            return None
        if sessions.is_confirmed(request, within=settings.DECISION_REAUTHENTICATION):
            return None
        return decisions.keep_and_ask(request)
