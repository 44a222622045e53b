"""What happens in Provost when somebody signs in, proves who it is, or gets a second factor."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed, password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save
from django.http import HttpRequest

from autopilot import audit
from config.signin import sessions

user_logged_in.connect(sessions.begin, dispatch_uid="config.signin.begin")
authentication_step_completed.connect(sessions.confirm, dispatch_uid="config.signin.confirm")


def _prove(request: HttpRequest, user: User, authenticator: Authenticator, **about: Any) -> None:
    """Count a factor that was set up as one that was given: its owner has just shown it."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


def _audited(name: str) -> Any:
    def write(user: User, authenticator: Authenticator | None = None, **about: Any) -> None:
        data = {"factor": authenticator.type} if authenticator else {}
        audit.record(user, name, user, **data)

    return write


def _forget_old_addresses(instance: User, update_fields: frozenset[str] | None = None, **about: Any) -> None:
    """Let an address that an account no longer has open it no longer: a password mail went to either."""
    if update_fields is None or "email" in update_fields:
        EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower()).delete()


post_save.connect(_forget_old_addresses, sender=User, dispatch_uid="config.signin.addresses")
authenticator_added.connect(_prove, dispatch_uid="config.signin.prove")
for _signal, _name in (
    (authenticator_added, "auth.factor.added"),
    (authenticator_removed, "auth.factor.removed"),
    (authenticator_reset, "auth.recovery_codes.renewed"),
    (password_changed, "auth.password.changed"),
    (password_reset, "auth.password.reset"),
):
    _signal.connect(_audited(_name), weak=False, dispatch_uid=_name)
