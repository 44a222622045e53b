"""Prepare MOUs and send them to be signed."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from autopilot import audit, clock
from programs.models import Compensation, Holder, Mou, MouStatus
from programs.services.mous import documents, evidence
from programs.services.mous.moves import move_mou, record_change
from programs.services.rights import require

PREPARE = "programs.prepare_mou"
OPEN = (MouStatus.DRAFT, MouStatus.SENT, MouStatus.SIGNED_BY_HOLDER)


@dataclass(frozen=True)
class Terms:
    """What is agreed: `share` is percent of net revenue, `amount` dollars per month or student; one of them is set."""

    compensation: str = Compensation.SHARE
    share: Decimal | None = None
    amount: Decimal | None = None
    payment_days: int = 30
    effective_on: date | None = None
    expires_on: date | None = None


@transaction.atomic
def draft_mou(holder: Holder, terms: Terms, *, by: User) -> Mou:
    """Prepare the next version of the MOU with a holder; beside an executed one, it is an amendment of that.

    Raises PermissionDenied without the permission, and ValidationError for terms that do not fit or the code
    `mou_open` while another version is not finished.
    """
    require(by, PREPARE)
    Holder.objects.select_for_update().get(pk=holder.pk)  # so that two drafts do not take the same number
    open_one = Mou.objects.filter(holder=holder, status__in=OPEN).first()
    if open_one is not None:
        raise ValidationError(
            f"Version {open_one.version} is not finished. Finish or withdraw it first.", code="mou_open"
        )
    last = Mou.objects.filter(holder=holder).aggregate(last=Max("version"))["last"] or 0
    mou = Mou(holder=holder, version=last + 1, created_by=by, **asdict(terms))
    _check(mou)
    mou.save(force_insert=True)
    record_change(mou, "", by=by)
    return mou


@transaction.atomic
def change_draft(mou: Mou, terms: Terms, *, by: User) -> None:
    """Set the terms of a draft; raises as `draft_mou` does, and with the code `not_draft` for what was sent."""
    require(by, PREPARE)
    drafts = Mou.objects.select_for_update().filter(pk=mou.pk, status=MouStatus.DRAFT)
    if not drafts.exists():
        raise ValidationError("Only a draft can be changed. Prepare an amendment instead.", code="not_draft")
    for name, value in asdict(terms).items():
        setattr(mou, name, value)
    _check(mou)
    drafts.update(**asdict(terms), created_by=by)
    mou.refresh_from_db()
    audit.record(by, "programs.mou.changed", mou, version=mou.version)


def send_mou(mou: Mou, *, by: User) -> None:
    """Make the document of a draft, archive it, and send it to the holder's people to be signed.

    Raises PermissionDenied, ValidationError for an MOU that is no draft or would end before it begins, and what
    `documents.render` raises. Not in a transaction: a document is made.
    """
    require(by, PREPARE)
    if mou.status != MouStatus.DRAFT:
        raise ValidationError("Only a draft can be sent.", code="not_draft")
    _check(mou)
    document = documents.render(mou)
    with transaction.atomic():
        move_mou(mou, MouStatus.SENT, by=by, document=document, sent_at=clock.now())
        evidence.link(mou, "sent", by=by, document_id=document.pk, document_sha256=document.sha256)


def executed_version(holder: Holder) -> Mou | None:
    """Return the version of the MOU that both have signed and that has not ended."""
    return Mou.objects.filter(holder=holder, status=MouStatus.EXECUTED).first()


def _check(mou: Mou) -> None:
    """Raise ValidationError for terms that contradict each other, with a message for each field."""
    mou.clean_fields(exclude=["holder", "document", "executed_document", "created_by"])
    today, wrong = clock.today(), {}
    if mou.expires_on and mou.expires_on < max(today, mou.effective_on or today):
        wrong["expires_on"] = "The last day lies in the past, or before the first one. Choose a later day."
    if mou.effective_on and mou.effective_on > today and executed_version(mou.holder):
        # The one it replaces ends when it is executed: until a later day there would be none.
        wrong["effective_on"] = "An amendment is in force once both have signed. Leave this empty."
    wrong |= _term_missing(mou)
    if wrong:
        raise ValidationError(wrong)


def _term_missing(mou: Mou) -> dict[str, str]:
    is_share = mou.compensation == Compensation.SHARE
    needed, other = ("share", "amount") if is_share else ("amount", "share")
    if getattr(mou, needed) is None:
        return {needed: "Say how many percent." if is_share else "Say how many dollars."}
    if getattr(mou, other) is not None:
        return {other: "Leave this empty: it does not belong to this kind of compensation."}
    return {}
