"""Who of a holder's people is told what happens, and what each of them wants to be told by mail."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from autopilot import audit
from autopilot.exceptions import Unwanted
from programs.models import Holder, Member, MemberRole

TOLD = (MemberRole.OWNER, MemberRole.COORDINATOR)
_notices: dict[str, str] = {}


def add_notice(topic: str, title: str) -> None:
    """Offer the mails of a topic in the portal's notifications, under a title; each member says who wants them."""
    _notices[topic] = title


def notices() -> dict[str, str]:
    """Return the titles of what members can be told, by topic, in the order of the titles."""
    return dict(sorted(_notices.items(), key=lambda notice: notice[1]))


def told(holder: Holder, topic: str = "") -> list[User]:
    """Return the owners and coordinators of a holder who want the mails of a topic, each with an address; of none: all."""
    members = Member.objects.select_related("user").filter(holder=holder, role__in=TOLD, left_at=None)
    reachable = members.filter(user__is_active=True).exclude(user__email="").order_by("joined_at", "pk")
    return [member.user for member in reachable if wants(member, topic)]


def wants(member: Member, topic: str) -> bool:
    """Return whether a member is told of a topic by mail; everybody is who has not said otherwise."""
    return member.preferences.get(topic) is not False


def mail_to(
    holder: Holder, topic: str, template: str, *, or_contact: bool = False, **context: Any
) -> EmailMultiAlternatives:
    """Return a mail to all whom `told` names; `or_contact`: to the holder's contact where it names nobody.

    `template` is as for `letter`. Raises Unwanted when nobody is to be told.
    """
    addresses = [user.email for user in told(holder, topic)] or ([holder.contact_email] if or_contact else [])
    if not addresses:
        raise Unwanted(f"Nobody of {holder.pk} wants the mails of {topic}.")
    return letter(addresses, template, **context)


def letter(addresses: Iterable[str], template: str, **context: Any) -> EmailMultiAlternatives:
    """Return a mail to some addresses, none of which sees the others.

    `template` is a folder and a name, as `programs/emails/invited`, of a subject, a text and an HTML part.
    """
    parts = [render_to_string(f"{template}.{part}", context) for part in ("subject.txt", "txt", "html")]
    made = EmailMultiAlternatives(" ".join(parts[0].split()), parts[1], bcc=list(addresses))
    made.attach_alternative(parts[2], "text/html")
    return made


@transaction.atomic
def choose_notices(member: Member, *, wanted: Collection[str], by: User) -> None:
    """Set which of the notices a member is told by mail: those that are wanted, and no other."""
    unwanted = {topic: False for topic in notices() if topic not in wanted}
    locked = Member.objects.select_for_update().get(pk=member.pk)
    kept = {topic: value for topic, value in locked.preferences.items() if topic not in notices()}
    Member.objects.filter(pk=member.pk).update(preferences=kept | unwanted)
    audit.record(by, "programs.member.notices_chosen", member, unwanted=sorted(unwanted))
