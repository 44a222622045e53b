"""How long a sign-in lasts: what its session remembers, when it ends, and who may end it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest

from autopilot import audit, clock

SIGNED_IN, CONFIRMED, SEEN = "signed_in_at", "confirmed_at", "seen_at"
JUST_NOW = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
# A session is written once in this part of its idle limit, not at every request.
SELDOM = 20
LEVELS = {"totp", "webauthn", "recovery_codes"}


def begin(request: HttpRequest, **about: Any) -> None:
    """Remember in a new session when its person signed in (receiver of Django's `user_logged_in`)."""
    now = clock.now().timestamp()
    request.session.update({SIGNED_IN: now, CONFIRMED: now, SEEN: now})


def confirm(request: HttpRequest, **about: Any) -> None:
    """Remember that the person has just proved who it is (receiver of `authentication_step_completed`)."""
    request.session[CONFIRMED] = clock.now().timestamp()


def ends_at(session: SessionBase) -> datetime:
    """Return when a session ends if nobody asks for another page."""
    idle = _at(session, SEEN) + settings.SESSION_IDLE
    return min(idle, _at(session, SIGNED_IN) + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def see(session: SessionBase) -> None:
    """Remember that the person is there; nearly every call finds that it was remembered lately."""
    now = clock.now()
    if now - _at(session, SEEN) >= settings.SESSION_IDLE / SELDOM:
        session[SEEN] = now.timestamp()
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)


def is_confirmed(request: HttpRequest, *, within: timedelta) -> bool:
    """Tell whether the person proved who it is, by signing in or again since, within a duration."""
    return clock.now() - _at(request.session, CONFIRMED) <= within


def mfa_level(request: HttpRequest) -> str:
    """Return by what a session was opened: totp, webauthn, recovery_codes, password, or nothing if nobody knows."""
    records = get_authentication_records(request, request.user)
    kinds = [str(record.get("type") or record["method"]) for record in records]
    return next((kind for kind in reversed(kinds) if kind in LEVELS), "password" if "password" in kinds else "")


def sessions_of(person: User) -> list[UserSession]:
    """Return a person's sessions that are alive, the latest first; those that are over are forgotten."""
    alive = UserSession.objects.purge_and_list(person)
    return sorted(alive, key=lambda session: session.last_seen_at, reverse=True)


@transaction.atomic
def end(session: UserSession, *, actor: User, reason: str = "") -> None:
    """End a session: its next request finds nobody signed in."""
    audit.record(actor, "auth.session.ended", session.user, session=session.pk, reason=reason)
    session.end()


@transaction.atomic
def end_all(person: User, *, actor: User, reason: str = "", but: str | None = "") -> int:
    """End the sessions of a person, all but the one with the key `but`; return how many there were."""
    ended = UserSession.objects.filter(user=person).exclude(session_key=but)
    for session in ended:
        end(session, actor=actor, reason=reason)
    return len(ended)


def _at(session: SessionBase, name: str) -> datetime:
    return datetime.fromtimestamp(session.get(name, 0), UTC)
