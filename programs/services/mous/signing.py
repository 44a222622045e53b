"""Sign MOUs: first the holder, by an owner with a mailed code; then the network, by somebody who did not prepare it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import clock, trace
from autopilot.documents import archive, glyphs
from autopilot.engine import emit, enqueue
from autopilot.models import Document
from programs import consents
from programs.models import Member, MemberRole, Mou, MouStatus, Signature, SigningCode
from programs.services.mous import codes, documents, evidence
from programs.services.mous.moves import move_mou
from programs.services.rights import require

SIGN = "programs.sign_mou"
EXECUTE = "mou.execute"
TO_COUNTERSIGN = "programs.mou.to_countersign"
LONGEST = 150


@dataclass(frozen=True)
class Pen:
    """What a signer typed and was shown.

    `document_sha256` is the digest of the file that was on the page, `consents_to` the version of the consent text that
    was accepted, blank if it was not.
    """

    name: str
    title: str
    document_sha256: str
    consents_to: str
    user_agent: str = ""


def send_signing_code(mou: Mou, *, by: User, user_agent: str = "") -> SigningCode:
    """Mail an owner of the holder the code with which they sign; raises as `sign_mou` does, and as `codes.send_code`."""
    _require_owner(mou, by)
    _require_status(mou, MouStatus.SENT)
    return codes.send_code(mou, by=by, user_agent=user_agent)


def sign_mou(mou: Mou, pen: Pen, *, code: str, by: User) -> Signature:
    """Sign for the holder: the exact document that was shown, with a code mailed to the signer.

    Not in a transaction: a wrong code is counted. Raises PermissionDenied for whoever is no owner, ValidationError
    with the code `not_sent`, `no_consent`, `document_changed`, `unprintable`, `code_wrong`, `code_expired` or
    `moved_meanwhile`.
    """
    _require_owner(mou, by)
    _require_status(mou, MouStatus.SENT)
    check_pen(mou, pen)
    found = codes.find_code(mou, code, by=by)
    with transaction.atomic():
        codes.use_code(found)
        evidence.link(mou, "code_confirmed", by=by, user_agent=pen.user_agent, code_id=found.pk)
        signature = store_signature(mou, pen, party=Signature.Party.HOLDER, by=by, email=found.email)
        move_mou(mou, MouStatus.SIGNED_BY_HOLDER, by=by)
        emit(TO_COUNTERSIGN, tenant_id=mou.holder_id, mou_id=mou.pk)
    return signature


@transaction.atomic
def countersign_mou(mou: Mou, pen: Pen, *, by: User) -> Signature:
    """Sign for the network what the holder has signed, and have the executed file made and sealed.

    Raises PermissionDenied without the permission, for who prepared it, and for members of the holder; ValidationError
    as `sign_mou` does, and with the code `already_signed`.
    """
    require_second_person(mou, by)
    Mou.objects.select_for_update().get(pk=mou.pk)
    _require_status(mou, MouStatus.SIGNED_BY_HOLDER)
    if mou.signatures.filter(party=Signature.Party.NETWORK).exists():
        raise ValidationError("The network has signed already; the file is being sealed.", code="already_signed")
    if mou.signatures.filter(method=Signature.Method.PAPER).exists():
        raise ValidationError("The holder has signed on paper. Confirm the scan instead.", code="on_paper")
    check_pen(mou, pen)
    signature = store_signature(mou, pen, party=Signature.Party.NETWORK, by=by, email=by.email)
    have_executed(mou, by=by)
    return signature


def require_second_person(mou: Mou, by: User) -> None:
    """Raise PermissionDenied for whoever may not sign for the network, prepared this MOU, or belongs to its holder."""
    require(by, SIGN)
    if mou.created_by_id == by.pk:
        raise PermissionDenied("You prepared this MOU. Another person must sign it for the network.")
    if Member.objects.filter(holder=mou.holder_id, user=by, left_at=None).exists():
        raise PermissionDenied("You belong to the other party. Somebody else must sign for the network.")
    if mou.signatures.filter(signer=by).exists():
        raise PermissionDenied("You have signed or recorded the other signature. Another person must do this.")


def have_executed(mou: Mou, *, by: User) -> None:
    """Enqueue the job that makes and seals the executed file, in the caller's transaction; once for each MOU."""
    enqueue(EXECUTE, tenant_id=mou.holder_id, requested_by=by, unique_key=f"mou:{mou.pk}:execute", mou_id=mou.pk)


@transaction.atomic
def execute_mou(mou_id: UUID, document_id: UUID) -> str:
    """Put an MOU in force with its sealed file, and end the version it replaces; returns its status. Safe to repeat.

    It is in force from the day of the last signature, or from the later day that was agreed.
    """
    mou = Mou.objects.select_for_update().select_related("holder").get(pk=mou_id)
    if mou.status == MouStatus.EXECUTED:
        return mou.status
    document = Document.objects.get(pk=document_id)
    for earlier in Mou.objects.filter(holder=mou.holder, status=MouStatus.EXECUTED):
        reason = f"Replaced by version {mou.version}."
        move_mou(earlier, MouStatus.TERMINATED, by=None, reason=reason, ended_at=clock.now())
    evidence.link(mou, "sealed", by=None, document_id=document.pk, document_sha256=document.sha256)
    first_day = max(clock.today(), mou.effective_on or clock.today())
    now = clock.now()
    move_mou(mou, MouStatus.EXECUTED, by=None, executed_document=document, executed_at=now, effective_on=first_day)
    return mou.status


def finish_mou(mou_id: UUID) -> UUID:
    """Make, seal and archive the executed file of an MOU, and return its document's id; not in a transaction."""
    mou = Mou.objects.select_related("holder", "document", "executed_document").get(pk=mou_id)
    return (mou.executed_document or documents.finish(mou)).pk


def check_pen(mou: Mou, pen: Pen) -> None:
    """Raise ValidationError unless name, title and consent are there, and what was shown is what stands."""
    wrong: dict[str, ValidationError] = {}
    for field, text in (("name", pen.name), ("title", pen.title)):
        if not 0 < len(text.strip()) <= LONGEST:
            wrong[field] = ValidationError(
                f"Write your {field} in full, in at most {LONGEST} characters.", code="required"
            )
        elif unprintable := glyphs.unprintable(text):
            wrong[field] = ValidationError(
                f"Our fonts cannot print {', '.join(unprintable)}. Write it in Latin letters.", code="unprintable"
            )
    if pen.consents_to != consents.VERSION:
        wrong["consent"] = ValidationError(
            "Read the text above and tick the box to sign electronically.", code="no_consent"
        )
    if wrong:
        raise ValidationError(wrong)
    _require_same_bytes(mou, pen.document_sha256)


def store_signature(
    mou: Mou, pen: Pen, *, party: str, by: User, email: str, paper: Document | None = None
) -> Signature:
    """Store a signature with its evidence, in the caller's transaction."""
    signature = Signature(
        mou=mou,
        party=party,
        method=Signature.Method.PAPER if paper else Signature.Method.CLICK,
        signer=by,
        name=glyphs.fold(pen.name).strip(),
        title=glyphs.fold(pen.title).strip(),
        email=email,
        consent_version=pen.consents_to,
        consent_digest=consents.digest_of(pen.consents_to) if pen.consents_to else "",
        document_sha256=pen.document_sha256,
        paper=paper,
        ip=trace.current().ip,
        user_agent=pen.user_agent[: evidence.LONGEST_AGENT],
        signed_at=clock.now(),
    )
    evidence.seal_signature(signature)
    signature.save(force_insert=True)
    facts = {"signature_id": signature.pk, "signature_hash": signature.hash, "document_sha256": pen.document_sha256}
    evidence.link(mou, f"signed_by_{party}", by=by, user_agent=pen.user_agent, **facts)
    return signature


def _require_same_bytes(mou: Mou, shown: str) -> None:
    """Raise unless the digest that was on the page is that of the document, which is read to be sure."""
    if mou.document is None or shown != mou.document.sha256:
        raise ValidationError(
            "The document on your page is not the one that stands now. Open the page again, and read it.",
            code="document_changed",
        )
    archive.read(mou.document)


def _require_owner(mou: Mou, by: User) -> None:
    owners = Member.objects.filter(holder=mou.holder_id, user=by, role=MemberRole.OWNER, left_at=None)
    if not by.is_active or not owners.exists():
        raise PermissionDenied("Only an owner of the organization can sign for it.")


def _require_status(mou: Mou, status: str) -> None:
    mou.refresh_from_db(fields=["status"])
    if mou.status != status:
        raise ValidationError(
            f"This MOU is {mou.get_status_display().lower()} now. Open its page again.", code=f"not_{status}"
        )
