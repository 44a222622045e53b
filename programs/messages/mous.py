"""The mails about MOUs: to a holder's people what happens, to a signer the code, to the network's signers what waits."""

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q

from autopilot.engine import message
from autopilot.exceptions import Unwanted
from programs.messages.mails import address, mail
from programs.models import Mou, MouStatus, SigningCode
from programs.services.mous import codes, reference_of, signing
from programs.services.people import add_notice, mail_to

TEMPLATE = "programs/emails/notice"
PREFIX = "programs.mou."
BOTH = "Both have signed it. The sealed file stands in the portal, for you to keep."

# By status: the subject, what the mail says, and the title under which members choose their mails.
NEWS: dict[str, tuple[str, str, str]] = {
    MouStatus.SENT: ("Please sign {it}", "Your agreement with the network is ready. An owner of your organization signs it in the portal: read it, then sign with a code that we mail.", "An MOU was sent to be signed"),
    MouStatus.SIGNED_BY_HOLDER: ("{it} is signed by your organization", "Thank you. The network signs it next, and we write to you then.", "An MOU was signed by your organization"),
    MouStatus.EXECUTED: ("{it} is executed", BOTH, "An MOU was executed"),
    MouStatus.DECLINED: ("{it} was declined", "It will not be signed. This was the reason:", "An MOU was declined"),
    MouStatus.EXPIRED: ("{it} has expired", "Its last day has passed. Ask us for a new version if you want to go on.", "An MOU expired"),
    MouStatus.TERMINATED: ("{it} has ended", "We have ended it. This was the reason:", "An MOU was ended"),
}  # fmt: skip
for _status, (_, _, _title) in NEWS.items():
    add_notice(f"{PREFIX}{_status}", _title)


@message(f"{PREFIX}{MouStatus.SENT}", webhook=True)
def sent(mou_id: str) -> EmailMultiAlternatives:
    """Ask a holder's people to have the MOU signed."""
    return _news(mou_id, MouStatus.SENT, "Read and sign it")


@message(f"{PREFIX}{MouStatus.SIGNED_BY_HOLDER}", webhook=True)
def signed_by_holder(mou_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that one of them has signed."""
    return _news(mou_id, MouStatus.SIGNED_BY_HOLDER)


@message(f"{PREFIX}{MouStatus.EXECUTED}", webhook=True)
def executed(mou_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that the MOU is in force, and where its file is."""
    return _news(mou_id, MouStatus.EXECUTED, "Download it")


@message(f"{PREFIX}{MouStatus.DECLINED}", webhook=True)
def declined(mou_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that it was declined, and why."""
    return _news(mou_id, MouStatus.DECLINED)


@message(f"{PREFIX}{MouStatus.EXPIRED}", webhook=True)
def expired(mou_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that its last day has passed."""
    return _news(mou_id, MouStatus.EXPIRED)


@message(f"{PREFIX}{MouStatus.TERMINATED}", webhook=True)
def terminated(mou_id: str) -> EmailMultiAlternatives:
    """Tell a holder's people that it has ended, and why; nobody hears of a draft that was thrown away."""
    if Mou.objects.filter(pk=mou_id, sent_at=None).exists():
        raise Unwanted("A draft that nobody saw was withdrawn.")
    return _news(mou_id, MouStatus.TERMINATED)


@message(signing.TO_COUNTERSIGN)
def to_countersign(mou_id: str) -> EmailMultiAlternatives:
    """Tell those who sign for the network that a holder has signed."""
    mou = Mou.objects.select_related("holder").get(pk=mou_id)
    people = _signers(mou)
    if not people:
        raise Unwanted("Nobody may sign for the network.")
    link = address("admin:programs_mou_change", mou.pk)
    text = f"{mou.holder} has signed {reference_of(mou)}. It waits for the signature of the network."
    made = mail(
        "notice",
        to="",
        subject=f"Please countersign {reference_of(mou)}",
        text=text,
        link=link,
        action="Read and sign it",
    )
    made.to, made.bcc = [], people
    return made


@message(codes.CODE_SENT)
def code_sent(code_id: str) -> EmailMultiAlternatives:
    """Mail a signer the code that proves their address."""
    code = SigningCode.objects.select_related("mou__holder").get(pk=code_id)
    if code.used_at is not None:
        raise Unwanted("The code was used already.")
    link = address("portal:mou", code.mou.holder_id, code.mou_id)
    return mail(
        "signing_code", to=code.email, reference=reference_of(code.mou), digits=codes.digits_of(code), link=link
    )


def _news(mou_id: str, status: str, action: str = "Open it") -> EmailMultiAlternatives:
    mou = Mou.objects.select_related("holder").get(pk=mou_id)
    subject, text, _ = NEWS[status]
    link = address("portal:mou", mou.holder_id, mou.pk)
    subject = subject.format(it=reference_of(mou))
    return mail_to(
        mou.holder,
        f"{PREFIX}{status}",
        TEMPLATE,
        subject=subject,
        text=text,
        quote=mou.reason,
        link=link,
        action=action,
    )


def _signers(mou: Mou) -> list[str]:
    codename = signing.SIGN.partition(".")[2]
    entitled = Q(groups__permissions__codename=codename) | Q(user_permissions__codename=codename)
    found = (
        User.objects.filter(entitled, is_active=True, is_staff=True)
        .exclude(email="")
        .exclude(pk=mou.created_by_id or 0)
    )
    return sorted(set(found.values_list("email", flat=True)))
