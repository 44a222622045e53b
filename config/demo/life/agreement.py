"""The MOU: prepared, sent, signed with a mailed code, countersigned by a second person, and sealed."""

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User

from autopilot.documents import certificates
from programs import consents
from programs.models import Holder, Mou, MouStatus
from programs.services.mous import (
    Pen,
    Terms,
    countersign_mou,
    draft_mou,
    execute_mou,
    finish_mou,
    send_mou,
    send_signing_code,
    sign_mou,
)
from programs.services.mous.codes import digits_of

SHARE = Decimal("60.00")  # percent


def agree(holder: Holder, *, owner: User, preparer: User, signer: User) -> None:
    """Have an MOU executed, from wherever an earlier load left it."""
    mou = holder.mous.order_by("version").first() or draft_mou(holder, Terms(share=SHARE), by=preparer)
    if mou.status == MouStatus.DRAFT:
        send_mou(mou, by=preparer)
    if mou.status == MouStatus.SENT:
        code = digits_of(send_signing_code(mou, by=owner))
        sign_mou(mou, _pen(mou, owner, holder.contact_title), code=code, by=owner)
    if mou.status == MouStatus.SIGNED_BY_HOLDER:
        _countersign(mou, signer)


def _countersign(mou: Mou, signer: User) -> None:
    certificates.make(settings.NETWORK_NAME)
    if not mou.signatures.filter(signer=signer).exists():
        countersign_mou(mou, _pen(mou, signer, "Compliance officer"), by=signer)
    # What its job does too, which comes later and finds it done.
    execute_mou(mou.pk, finish_mou(mou.pk))


def _pen(mou: Mou, signer: User, title: str) -> Pen:
    shown = mou.document.sha256 if mou.document else ""
    return Pen(name=signer.get_full_name(), title=title, document_sha256=shown, consents_to=consents.VERSION)
