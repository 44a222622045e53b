"""Give out the keys of the API, take them back, and recognize them when they are shown."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.models.tokens import ApiToken, Scope
from autopilot.storable import to_storable

BEGINNING = "prv_"
RANDOM_BYTES = 32
SHOWN = 12
ORDINARY_DAYS, MOST_DAYS = 90, 365
LONGEST_NAME = 100
USE_NOTED_EVERY = timedelta(minutes=1)

# What a person must be allowed to do to let a token do it.
RIGHTS = {
    Scope.JOBS_READ: "autopilot.view_job",
    Scope.JOBS_WRITE: "autopilot.control_job",
    Scope.CHECKPOINTS_READ: "autopilot.view_checkpoint",
    Scope.CHECKPOINTS_DECIDE: "autopilot.decide_checkpoint",
    Scope.WORKERS_READ: "autopilot.view_worker",
    Scope.WORKERS_CONTROL: "autopilot.control_worker",
    Scope.APPLICATIONS_READ: "programs.view_application",
    Scope.PROGRAMS_READ: "programs.view_program",
}
# These open nothing to a person without the right; the others open at least what is the person's own.
USELESS_WITHOUT_RIGHT = {Scope.CHECKPOINTS_DECIDE, Scope.WORKERS_READ, Scope.WORKERS_CONTROL}
OF_THE_NETWORK = {Scope.WORKERS_READ, Scope.WORKERS_CONTROL}


@transaction.atomic
def create_token(
    *,
    name: str,
    user: User,
    scopes: Collection[str],
    by: User | None,
    tenant_id: UUID | None = None,
    days: int = ORDINARY_DAYS,
) -> tuple[ApiToken, str]:
    """Create a token that acts for `user`; returns it with its secret, which nobody can read again.

    `name` says what uses it, `scopes` are values of Scope, `tenant_id` confines it to one organization, `days` (1 to
    365) is how long it lives. `by` is who gives it out, None for whoever works at the machine itself.
    Raises ValidationError with a message per field, and PermissionDenied for a person who may not give out tokens.
    """
    if by is not None and not by.has_perm("autopilot.add_apitoken"):
        raise PermissionDenied("You may not create tokens.")
    chosen = _checked_scopes(scopes, user, tenant_id)
    if by is not None:
        _require_own_rights(by, user, chosen)
    secret = BEGINNING + secrets.token_urlsafe(RANDOM_BYTES)
    token = ApiToken.objects.create(
        name=_checked_name(name),
        user=user,
        tenant_id=tenant_id,
        scopes=[scope.value for scope in chosen],
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        created_by=by,
        expires_at=clock.now() + _checked_life(days),
    )
    tenant = str(tenant_id) if tenant_id else None
    audit.record(by, "autopilot.token.created", token, scopes=token.scopes, tenant=tenant, user=user.pk, days=days)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User, reason: str) -> None:
    """Take a token back: the next request with it is refused.

    Raises PermissionDenied for a person without the permission to change tokens, unless it is the person's own, and
    ValidationError without a reason or when it is revoked already.
    """
    if token.user_id != by.pk and not by.has_perm("autopilot.change_apitoken"):
        raise PermissionDenied("You may not revoke tokens of other people.")
    if not reason.strip():
        raise ValidationError("Say why the token is revoked.", code="reason")
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        raise ValidationError("This token is already revoked.", code="revoked")
    audit.record(by, "autopilot.token.revoked", token, reason=reason)


def find_token(secret: str) -> ApiToken | None:
    """Return the valid token of a secret, with its user; None for a revoked, an expired and an unknown one alike.

    It is found by the digest of 256 random bits, so the time this takes tells nothing about them.
    """
    if not secret.startswith(BEGINNING):
        return None
    return ApiToken.objects.valid().select_related("user").filter(digest=_digest(secret)).first()


def note_use(token: ApiToken) -> None:
    """Note that a token was used, at most once a minute: a busy one must not write with every request."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _checked_scopes(scopes: Collection[str], user: User, tenant_id: UUID | None) -> list[Scope]:
    if not scopes or set(scopes) - set(Scope.values):
        raise ValidationError({"scopes": f"Choose from: {', '.join(Scope.values)}."})
    if not user.is_active:
        raise ValidationError({"user": "This account is not active."})
    chosen = [scope for scope in Scope if scope in scopes]
    for scope in chosen:
        if scope in OF_THE_NETWORK and tenant_id is not None:
            raise ValidationError({"scopes": f"{scope} reaches the whole network: not for a token of one tenant."})
        if scope in USELESS_WITHOUT_RIGHT and not user.has_perm(RIGHTS[scope]):
            raise ValidationError({"scopes": f"{user.get_username()} has no right to what {scope} opens."})
    return chosen


def _require_own_rights(by: User, user: User, scopes: list[Scope]) -> None:
    """Refuse what would let a person do more, through a token, than the person may do without."""
    for scope in scopes:
        if scope in RIGHTS and not by.has_perm(RIGHTS[scope]):
            raise ValidationError({"scopes": f"You have no right to what {scope} opens, so you cannot give it."})
    if by.pk == user.pk:
        return
    if Scope.CHECKPOINTS_DECIDE in scopes:
        # Else whoever asks for a packet could approve it in another person's name.
        raise ValidationError({"scopes": "Only the person in whose name it decides can create a token that decides."})
    if not by.is_superuser and (user.is_superuser or user.get_all_permissions() - by.get_all_permissions()):
        raise ValidationError({"user": "This person may do more than you, so you cannot create a token for them."})


def _checked_name(name: str) -> str:
    stripped = str(to_storable(name)).strip()
    if not 1 <= len(stripped) <= LONGEST_NAME:
        raise ValidationError({"name": f"Say what uses the token, in at most {LONGEST_NAME} characters."})
    return stripped


def _checked_life(days: int) -> timedelta:
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": f"A token lives 1 to {MOST_DAYS} days."})
    return timedelta(days=days)
