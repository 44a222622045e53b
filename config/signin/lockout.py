"""Failed sign-ins: under which name they are counted, and what a locked person is told."""

from http import HTTPStatus
from math import ceil
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Credentials = dict[str, Any] | None


def username_of(request: HttpRequest, credentials: Credentials = None) -> str | None:
    """Return the name under which a failure is counted: capitals make nobody another person."""
    name = (credentials or {}).get("username")
    return str(name).strip().casefold()[:255] if name else None


def refuse(request: HttpRequest, response: HttpResponse | None, credentials: Credentials) -> HttpResponse:
    """Return the page for who failed too often: it does not say whether the account exists or the password was right."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    told = {"minutes": ceil(seconds / 60)}
    page = render(request, "account/locked.html", told, status=HTTPStatus.TOO_MANY_REQUESTS)
    page["Retry-After"] = str(seconds)
    return page


def is_locked(request: HttpRequest, user: User) -> bool:
    """Tell whether an account is locked for the address of a request; then the answer is the page that says so."""
    credentials = _credentials(user)
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = credentials  # type: ignore[attr-defined]
    return True


def count_failure(request: HttpRequest, user: User) -> None:
    """Count a wrong code like a wrong password."""
    user_login_failed.send(sender=__name__, credentials=_credentials(user), request=request)


def _credentials(user: User) -> dict[str, str]:
    return {"username": user.get_username()}
