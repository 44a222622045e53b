"""The life of one requirement: which moves are legal, and the one function that makes them."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit
from autopilot.engine import emit
from programs.models import Requirement
from programs.models import RequirementStatus as Status

SUBMITTED = "programs.requirement.submitted"
ACCEPTED = "programs.requirement.accepted"
REJECTED = "programs.requirement.rejected"
EXPIRING = "programs.requirement.expiring"
EXPIRED = "programs.requirement.expired"

LEGAL_MOVES: dict[str, frozenset[str]] = {
    Status.MISSING: frozenset({Status.SUBMITTED, Status.ACCEPTED}),
    Status.SUBMITTED: frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.REJECTED, Status.MISSING}),
    Status.ACCEPTED: frozenset({Status.SUBMITTED, Status.REJECTED, Status.EXPIRED}),
    Status.REJECTED: frozenset({Status.SUBMITTED}),
    Status.EXPIRED: frozenset({Status.SUBMITTED, Status.ACCEPTED}),
}


@transaction.atomic
def move_requirement(requirement: Requirement, to: str, *, by: User | None, **changes: Any) -> None:
    """Move a requirement on from where this object says it stands, with audit.

    `by` is None for the autopilot itself, `changes` are other columns that are set with the status. Raises
    ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody else was first.
    """
    origin = requirement.status
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"What is {said(origin)} cannot become {said(to)}.", code="illegal_move")
    if not Requirement.objects.filter(pk=requirement.pk, status=origin).update(status=to, **changes):
        raise ValidationError("Somebody else has changed this meanwhile. Read it again.", code="moved_meanwhile")
    requirement.refresh_from_db()
    audit.record(
        by, f"programs.requirement.{to}", requirement, holder_id=requirement.holder_id, reason=changes.get("remark", "")
    )


def tell(topic: str, requirement: Requirement, **references: Any) -> None:
    """Leave the mail and the webhook of an event of a requirement."""
    emit(topic, tenant_id=requirement.holder_id, requirement_id=requirement.pk, **references)


def said(status: str) -> str:
    """Return a status as it is read within a sentence."""
    return Status(status).label.lower()
