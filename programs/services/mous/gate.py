"""The gate before every enrollment: an MOU that both have signed, and that is in force today."""

from django.core.exceptions import ValidationError

from autopilot import clock
from programs.models import Holder, Mou, MouStatus

MOU_NOT_EXECUTED = "mou_not_executed"
NONE = "none"

# What stands in the way, and who does what about it.
ACTIONS: dict[str, str] = {
    NONE: "Staff of the network must prepare it and send it.",
    MouStatus.DRAFT: "Staff of the network must send it for signature.",
    MouStatus.SENT: "An owner of the organization must sign it in the portal, under MOU.",
    MouStatus.SIGNED_BY_HOLDER: "The network must countersign it.",
    MouStatus.EXECUTED: "Wait until it is in force.",
    MouStatus.DECLINED: "Staff of the network must prepare and send a new version.",
    MouStatus.EXPIRED: "Staff of the network must prepare and send a new version.",
    MouStatus.TERMINATED: "Staff of the network must prepare and send a new version.",
}


def require_executed_mou(holder: Holder) -> Mou:
    """Return the MOU that is in force with a holder; the gate of every enrollment, whatever the door.

    Raises ValidationError with the code `mou_not_executed`; its message, and its `params` under `status` and `action`,
    say where the latest version stands and what helps.
    """
    mou = mou_in_force(holder)
    if mou is not None:
        return mou
    status, standing = _latest(holder)
    raise ValidationError(
        "No student can be enrolled without an executed MOU. %(standing)s %(action)s",
        code=MOU_NOT_EXECUTED,
        params={"status": status, "standing": standing, "action": ACTIONS[status]},
    )


def mou_in_force(holder: Holder) -> Mou | None:
    """Return the MOU that both have signed, from its effective day to the end of its last one; None without one."""
    mou = Mou.objects.filter(holder=holder, status=MouStatus.EXECUTED).first()
    return mou if mou is not None and _is_in_force(mou) else None


def _is_in_force(mou: Mou) -> bool:
    today = clock.today()
    begun = mou.effective_on is not None and mou.effective_on <= today
    # The duty that sets `expired` runs once a day; until then the date alone decides.
    return begun and not is_over(mou)


def is_over(mou: Mou) -> bool:
    """Return whether the last day of an MOU has passed."""
    return mou.expires_on is not None and mou.expires_on < clock.today()


def _latest(holder: Holder) -> tuple[str, str]:
    """Return the status that stands in the way, and the sentence that says so."""
    mou = Mou.objects.filter(holder=holder).order_by("-version").first()
    if mou is None:
        return NONE, "There is no MOU with this organization yet."
    if mou.status == MouStatus.EXECUTED and is_over(mou):
        return MouStatus.EXPIRED, f"Version {mou.version} expired on {mou.expires_on:%B %-d, %Y}."
    if mou.status == MouStatus.EXECUTED:
        return mou.status, f"Version {mou.version} is in force from {mou.effective_on:%B %-d, %Y}."
    return mou.status, f"Version {mou.version} stands at “{mou.get_status_display()}”."
