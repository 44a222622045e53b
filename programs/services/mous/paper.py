"""Agreements signed on paper: one person records the scan, another confirms it against the paper."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit
from autopilot.models import Document
from programs.models import Mou, MouStatus, Signature
from programs.services.mous.drafting import PREPARE
from programs.services.mous.moves import move_mou
from programs.services.mous.signing import Pen, have_executed, require_second_person, store_signature
from programs.services.rights import require


@transaction.atomic
def record_paper(mou: Mou, scan: Document, *, name: str, title: str, reason: str, by: User) -> Signature:
    """Record that the holder's signer, by `name` and `title`, has signed the document that was sent on paper.

    `scan` is what `uploads.receive` took in. Raises PermissionDenied, and ValidationError for an MOU that is not sent,
    without a name or a reason, or for a scan of another organization.
    """
    require(by, PREPARE)
    _require_facts(mou, scan, name=name, title=title, reason=reason)
    signature = store_signature(mou, _pen(mou, name, title), party=Signature.Party.HOLDER, by=by, email="", paper=scan)
    move_mou(mou, MouStatus.SIGNED_BY_HOLDER, by=by, reason=reason)
    audit.record(by, "programs.mou.paper_recorded", mou, document_id=scan.pk, reason=reason)
    return signature


@transaction.atomic
def confirm_paper(mou: Mou, *, name: str, title: str, by: User) -> Signature:
    """Confirm, as a second person, a scan that was recorded: `name` and `title` signed it for the network.

    Raises PermissionDenied for who prepared or recorded it, ValidationError where no scan waits.
    """
    require_second_person(mou, by)
    Mou.objects.select_for_update().get(pk=mou.pk)
    recorded = mou.signatures.filter(party=Signature.Party.HOLDER, method=Signature.Method.PAPER).first()
    waits = recorded is not None and mou.signatures.count() == 1
    if mou.status != MouStatus.SIGNED_BY_HOLDER or recorded is None or recorded.paper is None or not waits:
        raise ValidationError("No scan waits to be confirmed.", code="no_paper")
    _require_facts(mou, recorded.paper, name=name, title=title, reason="Confirmed.", status=MouStatus.SIGNED_BY_HOLDER)
    pen, party = _pen(mou, name, title), Signature.Party.NETWORK
    signature = store_signature(mou, pen, party=party, by=by, email="", paper=recorded.paper)
    have_executed(mou, by=by)
    return signature


def _require_facts(
    mou: Mou, scan: Document, *, name: str, title: str, reason: str, status: str = MouStatus.SENT
) -> None:
    wrong = {}
    if not name.strip():
        wrong["name"] = "Write the name that stands under the signature."
    if not title.strip():
        wrong["title"] = "Write the title that stands under the signature."
    if not reason.strip():
        wrong["reason"] = "Say why it was signed on paper."
    if scan.tenant_id != mou.holder_id:
        wrong["scan"] = "This file belongs to another organization."
    if wrong:
        raise ValidationError(wrong)
    if mou.status != status:
        raise ValidationError("Only an MOU that was sent can be signed on paper.", code="not_sent")


def _pen(mou: Mou, name: str, title: str) -> Pen:
    return Pen(name, title, mou.document.sha256 if mou.document else "", consents_to="")
