"""Making a holder active: offered when all that is required is accepted, and done by a person of staff alone."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from programs.models import Holder, HolderStatus
from programs.services.holders import move_holder
from programs.services.requirements import lacking, named

PERMISSION = "programs.control_holder"


@transaction.atomic
def activate_holder(holder: Holder, *, by: User, reason: str) -> None:
    """Make a holder active.

    Raises PermissionDenied for who may not control holders, ValidationError with the code `requirements_missing` for
    each thing that is required and not accepted, and as `move_holder` does.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not activate holders.")
    if missing := lacking(holder):
        raise ValidationError([
            ValidationError(f"{named(each)} is {each.get_status_display().lower()}.", code="requirements_missing")
            for each in missing
        ])  # fmt: skip
    move_holder(holder, HolderStatus.ACTIVE, by=by, reason=reason)
