"""The life of an MOU: which moves are legal, and the one function that makes them."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Mou, MouStatus, MouStatusChange
from programs.services.requirements import follow_mou

# What has ended stays ended: an amendment, or a new agreement, is the next version.
LEGAL_MOVES: dict[str, frozenset[str]] = {
    MouStatus.DRAFT: frozenset({MouStatus.SENT, MouStatus.TERMINATED}),
    MouStatus.SENT: frozenset(
        {MouStatus.SIGNED_BY_HOLDER, MouStatus.DECLINED, MouStatus.EXPIRED, MouStatus.TERMINATED}
    ),
    MouStatus.SIGNED_BY_HOLDER: frozenset(
        {MouStatus.EXECUTED, MouStatus.DECLINED, MouStatus.EXPIRED, MouStatus.TERMINATED}
    ),
    MouStatus.EXECUTED: frozenset({MouStatus.EXPIRED, MouStatus.TERMINATED}),
    MouStatus.DECLINED: frozenset(),
    MouStatus.EXPIRED: frozenset(),
    MouStatus.TERMINATED: frozenset(),
}
NEEDS_REASON = frozenset({MouStatus.DECLINED, MouStatus.TERMINATED})


@transaction.atomic
def move_mou(mou: Mou, to: str, *, by: User | None, reason: str = "", **changes: Any) -> None:
    """Move an MOU on from where this object says it stands, with history, audit, mail and webhook.

    `by` is None for the autopilot itself, `changes` are other columns that are set with the status. Raises
    ValidationError with the code `no_reason`, `illegal_move`, or `moved_meanwhile` when somebody else was first.
    """
    origin = mou.status
    if to in NEEDS_REASON and not reason.strip():
        raise ValidationError("Give a reason; it stands in the history, and the other party is told.", code="no_reason")
    if to not in LEGAL_MOVES[origin]:
        raise ValidationError(f"An MOU that is {said(origin)} cannot become {said(to)}.", code="illegal_move")
    changes |= {"reason": reason.strip()} if to in NEEDS_REASON else {}
    if not Mou.objects.filter(pk=mou.pk, status=origin).update(status=to, **changes):
        raise ValidationError("Somebody else has moved this MOU meanwhile. Read it again.", code="moved_meanwhile")
    mou.refresh_from_db()
    record_change(mou, origin, by=by, reason=reason)
    follow_mou(mou.holder_id)
    emit(f"programs.mou.{to}", tenant_id=mou.holder_id, mou_id=mou.pk)


def record_change(mou: Mou, origin: str, *, by: User | None, reason: str = "") -> None:
    """Write into history and audit where an MOU stands now; `origin` is where it stood, or blank for a new one."""
    MouStatusChange.objects.create(
        mou=mou,
        from_status=origin,
        to_status=mou.status,
        reason=reason,
        actor_label=by.get_username() if by else "",
        at=clock.now(),
    )
    audit.record(by, f"programs.mou.{mou.status}", mou, holder_id=mou.holder_id, version=mou.version, reason=reason)


def said(status: str) -> str:
    """Return a status as it is read within a sentence."""
    return MouStatus(status).label.lower()
