"""Second factors in the hands of those who help when one is lost."""

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit
from autopilot.exceptions import AutopilotError
from config.signin import rights, sessions


class NotYours(AutopilotError):
    """This person may do what you may not, so somebody with more rights must do it."""


@transaction.atomic
def remove(factor: Authenticator, *, actor: User, reason: str) -> None:
    """Remove a lost factor, and end its owner's sessions; the recovery codes go with the last factor.

    Raises NotYours if the owner may do more than the actor.
    """
    person = require_manageable(factor.user, actor)
    audit.record(actor, "auth.factor.removed", person, factor=factor.type, reason=reason)
    factor.delete()
    delete_dangling_recovery_codes(person)
    sessions.end_all(person, actor=actor, reason=reason)


def require_manageable(person: User, actor: User) -> User:
    """Return a person whom somebody may manage; raises NotYours for any other."""
    if not rights.may_manage(actor, person):
        raise NotYours
    return person
