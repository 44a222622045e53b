"""End MOUs: declined by a party, withdrawn or terminated by the network, or over by the calendar."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from autopilot import clock
from programs.models import Member, MemberRole, Mou, MouStatus
from programs.services.mous import evidence
from programs.services.mous.drafting import PREPARE
from programs.services.mous.moves import move_mou
from programs.services.mous.signing import SIGN
from programs.services.rights import require

ENDS = (MouStatus.SENT, MouStatus.SIGNED_BY_HOLDER, MouStatus.EXECUTED)
MOST_AT_ONCE = 500


@transaction.atomic
def decline_mou(mou: Mou, *, reason: str, by: User, user_agent: str = "") -> None:
    """Decline to sign: an owner of the holder, or who may sign for the network once the holder has.

    Raises PermissionDenied for anybody else, ValidationError without a reason or for an MOU that is not to be signed.
    """
    owners = Member.objects.filter(holder=mou.holder_id, user=by, role=MemberRole.OWNER, left_at=None)
    if not owners.exists() and not (mou.status == MouStatus.SIGNED_BY_HOLDER and by.has_perm(SIGN)):
        raise PermissionDenied(
            "Only an owner of the organization can decline, or the network once the holder has signed."
        )
    _end(mou, MouStatus.DECLINED, reason=reason, by=by, user_agent=user_agent)


@transaction.atomic
def terminate_mou(mou: Mou, *, reason: str, by: User) -> None:
    """End an executed MOU, or withdraw one that is not; raises PermissionDenied, and ValidationError without a reason."""
    require(by, PREPARE)
    _end(mou, MouStatus.TERMINATED, reason=reason, by=by)


def expire_mous() -> int:
    """Set `expired` on every MOU whose last day has passed, signed or not, and return how many; for each day.

    At most 500 at a time, so that a transaction stays short; the next run takes the others.
    """
    over = Mou.objects.filter(status__in=ENDS, expires_on__lt=clock.today()).order_by("expires_on")[:MOST_AT_ONCE]
    count = 0
    for mou in over:
        with transaction.atomic():
            move_mou(mou, MouStatus.EXPIRED, by=None, reason="Its last day has passed.", ended_at=clock.now())
        count += 1
    return count


def _end(mou: Mou, to: str, *, reason: str, by: User, user_agent: str = "") -> None:
    reason = reason.strip()
    move_mou(mou, to, by=by, reason=reason, ended_at=clock.now())
    evidence.link(mou, to, by=by, user_agent=user_agent)
