"""Let one reviewer stand in for another for a time, and end it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine.reviewers import DECIDE
from autopilot.exceptions import DelegationRefused
from autopilot.models.checkpoints import Delegation

OWN, OF_OTHERS = "autopilot.add_delegation", "autopilot.manage_delegation"
LONGEST = timedelta(days=366)
LONGEST_REASON = 200


@transaction.atomic
def create(
    *, delegator: User, delegate: User, starts_at: datetime, ends_at: datetime, reason: str, by: User
) -> Delegation:
    """Let the delegate review for the delegator's own groups as well, from `starts_at` until before `ends_at`.

    One's own reviews need the permission to add delegations, those of others the one to manage them.
    Raises DelegationRefused, naming the field where there is one: for who may not, for two who are one or may not
    decide, for a time that is over, empty or longer than a year, and without a reason.
    """
    _require_permission(by, delegator)
    _require_people(delegator, delegate)
    _require_time(starts_at, ends_at)
    delegation = Delegation.objects.create(
        delegator=delegator,
        delegate=delegate,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=_required(reason),
        created_by=by,
    )
    _record(by, "created", delegation, delegation.reason)
    return delegation


@transaction.atomic
def end(delegation: Delegation, *, by: User, reason: str) -> None:
    """End a delegation now, or withdraw one that has not begun; either of the two may, and who manages them.

    Raises DelegationRefused for anybody else, without a reason, and when it is over already.
    """
    if by.pk not in (delegation.delegator_id, delegation.delegate_id):
        _require_permission(by, delegation.delegator)
    reason, now = _required(reason), clock.now()
    standing = Delegation.objects.filter(pk=delegation.pk, ends_at__gt=now)
    if not standing.filter(starts_at__lt=now).update(ends_at=now):
        # One that never held leaves no row: it could not end before it began. The audit keeps who it was between.
        _, deleted = standing.filter(starts_at__gte=now).delete()
        if not deleted:
            raise DelegationRefused("This delegation is over already.")
    _record(by, "ended", delegation, reason)


def _record(by: User, done: str, delegation: Delegation, reason: str) -> None:
    """Record the deed with all that the row says, which may be gone by then."""
    between = {"delegator": delegation.delegator_id, "delegate": delegation.delegate_id}
    lasts = {"starts_at": delegation.starts_at, "ends_at": delegation.ends_at}
    data: dict[str, Any] = between | lasts | {"reason": reason}
    audit.record(by, f"autopilot.delegation.{done}", delegation, **data)


def _require_permission(by: User, delegator: User) -> None:
    allowed = by.has_perm(OF_OTHERS) or (by.pk == delegator.pk and by.has_perm(OWN))
    if not (by.is_active and allowed):
        raise DelegationRefused("You may not delegate these reviews.")


def _require_people(delegator: User, delegate: User) -> None:
    if delegator.pk == delegate.pk:
        raise DelegationRefused("Choose another person; nobody stands in for themselves.", field="delegate")
    if not (delegator.is_active and delegator.has_perm(DECIDE)):
        raise DelegationRefused("This person decides nothing that could be delegated.", field="delegator")
    if not (delegate.is_active and delegate.has_perm(DECIDE)):
        raise DelegationRefused("This person may not decide checkpoints; choose a reviewer.", field="delegate")


def _require_time(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise DelegationRefused("It must end after it begins.", field="ends")
    if ends_at <= clock.now():
        raise DelegationRefused("This time is over already.", field="ends")
    if ends_at - starts_at > LONGEST:
        raise DelegationRefused("A delegation lasts a year at most.", field="ends")


def _required(reason: str) -> str:
    if not reason.strip():
        raise DelegationRefused("Say why; those who come after you read it.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise DelegationRefused(f"Say it in at most {LONGEST_REASON} characters.", field="reason")
    return reason.strip()
