"""What a reviewer says of a proof."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import clock
from programs.models import Requirement, RequirementStatus
from programs.services.requirements.checklist import MOU
from programs.services.requirements.moves import ACCEPTED, REJECTED, move_requirement, tell
from programs.services.requirements.proofs import require_future

PERMISSION = "programs.review_requirement"


@transaction.atomic
def accept_proof(
    requirement: Requirement, *, by: User, seen: UUID | None, expires_on: date | None = None, remark: str = ""
) -> None:
    """Accept the proof that a reviewer has seen.

    `seen` is the id of its newest file on the reviewer's page, `expires_on` the last day on which it is good, needed
    where the type expires.

    Raises PermissionDenied for who may not review, and ValidationError with the code `own_upload` for who uploaded it,
    `replaced_meanwhile` where the holder has sent other files since, `no_expiry` or `past` under `expires_on`, and as
    `move_requirement` does.
    """
    locked = _reviewable(requirement, by, seen)
    if locked.type.expires:
        require_future(expires_on)
    good_until = expires_on if locked.type.expires else None
    _judge(locked, RequirementStatus.ACCEPTED, by, expires_on=good_until, remark=remark.strip())
    tell(ACCEPTED, locked)
    requirement.refresh_from_db()


@transaction.atomic
def reject_proof(requirement: Requirement, *, by: User, seen: UUID | None, remark: str) -> None:
    """Send a proof back with a remark that the holder reads; raises as `accept_proof`, and `no_remark` without one."""
    if not remark.strip():
        text = "Say what is wrong and what to send instead; the holder reads it."
        raise ValidationError({"remark": ValidationError(text, code="no_remark")})
    locked = _reviewable(requirement, by, seen)
    _judge(locked, RequirementStatus.REJECTED, by, remark=remark.strip())
    tell(REJECTED, locked)
    requirement.refresh_from_db()


def _judge(requirement: Requirement, to: str, by: User, **changes: Any) -> None:
    move_requirement(requirement, to, by=by, reviewed_by=by, reviewed_at=clock.now(), **changes)


def _reviewable(requirement: Requirement, by: User, seen: UUID | None) -> Requirement:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not review what holders upload.")
    locked = Requirement.objects.select_for_update(of=("self",)).select_related("type").get(pk=requirement.pk)
    if locked.type.slug == MOU:
        raise ValidationError("The MOU is accepted by both signatures alone.", code="not_uploaded")
    _require_seen(locked, by, seen)
    return locked


def _require_seen(requirement: Requirement, by: User, seen: UUID | None) -> None:
    standing = list(requirement.uploads.filter(replaced_at=None).order_by("uploaded_at", "pk"))
    if not standing:
        raise ValidationError("Nothing has been uploaded yet.", code="no_file")
    if standing[-1].pk != seen:
        text = "The holder has sent other files meanwhile. Look at them, then decide."
        raise ValidationError(text, code="replaced_meanwhile")
    if any(each.uploaded_by_id == by.pk for each in standing):
        raise ValidationError("You uploaded this yourself; somebody else must review it.", code="own_upload")
