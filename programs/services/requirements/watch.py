"""Every day: remind of what expires, and let expire what has. Each reminder goes out once, however often this runs."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from autopilot import clock
from programs.models import Holder, HolderStatus, Requirement, RequirementReminder, RequirementStatus
from programs.services.requirements.checklist import refresh_all
from programs.services.requirements.moves import EXPIRED, EXPIRING, move_requirement, tell

AT_EXPIRY = 0


def watch() -> dict[str, int]:
    """Refresh all checklists, remind and let expire; returns how many of each.

    A proof is good to the end of its last day in the network's zone. After days on which this did not run, the nearest
    of the reminders that were missed is sent, and no other.
    """
    refreshed = refresh_all()
    today = clock.today()
    ended = sum(_expire(pk, today) for pk in _ids(Q(expires_on__lt=today)))
    reminded = sum(_remind(pk, today) for pk in _ids(Q(expires_on__gte=today)))
    return {"checklists": refreshed, "expired": ended, "reminded": reminded}


def _ids(when: Q) -> list[UUID]:
    present = Holder.objects.exclude(status=HolderStatus.TERMINATED)
    rows = Requirement.objects.filter(when, status=RequirementStatus.ACCEPTED, holder__in=present)
    return list(rows.order_by("expires_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def _expire(pk: UUID, today: date) -> bool:
    requirement = Requirement.objects.select_for_update().get(pk=pk)
    if not _is_accepted(requirement) or requirement.expires_on is None or requirement.expires_on >= today:
        return False
    move_requirement(requirement, RequirementStatus.EXPIRED, by=None)
    if _is_new(requirement, requirement.expires_on, AT_EXPIRY):
        tell(EXPIRED, requirement)
    return True


@transaction.atomic
def _remind(pk: UUID, today: date) -> bool:
    requirement = Requirement.objects.select_for_update(of=("self",)).select_related("type").get(pk=pk)
    if not _is_accepted(requirement) or requirement.expires_on is None:
        return False
    left = (requirement.expires_on - today).days
    due = [days for days in requirement.type.reminder_days if days >= left]
    if not due or not _is_new(requirement, requirement.expires_on, min(due)):
        return False
    tell(EXPIRING, requirement)
    return True


def _is_accepted(requirement: Requirement) -> bool:
    return requirement.status == RequirementStatus.ACCEPTED


def _is_new(requirement: Requirement, expires_on: date, days: int) -> bool:
    """Note a reminder, and return whether it had not been sent; a nearer one makes those before it needless."""
    known = requirement.reminders.filter(expires_on=expires_on, days__lte=days)
    if known.exists():
        return False
    RequirementReminder.objects.create(requirement=requirement, expires_on=expires_on, days=days)
    return True
