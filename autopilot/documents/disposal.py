"""Destroying a document's file: proposed by one person, approved by another, refused while anything forbids it."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from autopilot import audit, clock
from autopilot.documents import archive, ledger, retention, vault
from autopilot.models.documents import Document
from autopilot.models.ledger import LedgerEntry
from autopilot.models.retention import Disposal

PROPOSE, APPROVE = "autopilot.propose_disposal", "autopilot.approve_disposal"


@transaction.atomic
def propose(document: Document, *, by: User, reason: str) -> Disposal:
    """Ask that a document's file be destroyed; nothing happens before another person approves.

    Raises PermissionDenied, and ValidationError (no_reason, held, not_due, disposed, proposed).
    """
    _require(by, PROPOSE)
    _require_reason(reason)
    locked = _locked(document)
    require_over(locked)
    try:
        with transaction.atomic():
            disposal = Disposal.objects.create(document=locked, reason=reason.strip(), proposed_by=by)
    except IntegrityError as error:
        raise ValidationError("Its disposal is proposed already.", code="proposed") from error
    audit.record(by, "autopilot.disposal.proposed", locked, reason=reason)
    return disposal


@transaction.atomic
def approve(disposal: Disposal, *, by: User, reason: str) -> None:
    """Destroy the file of a document; its row and its place in the ledger stay.

    The file goes last, once the ledger says so and that is committed. Where the storage refuses then, nothing is wrong
    with the archive, and `destroy_left_over` tries again.

    Raises PermissionDenied, and ValidationError (no_reason, four_eyes, stale, held, not_due).
    """
    _decide(disposal, by=by, reason=reason, approved=True)
    locked = _locked(disposal.document)
    require_over(locked)
    audit.record(by, "autopilot.disposal.approved", locked, reason=reason)
    ledger.enter([locked.pk])
    ledger.enter_disposal(locked)
    transaction.on_commit(lambda: _destroy(locked), robust=True)


@transaction.atomic
def refuse(disposal: Disposal, *, by: User, reason: str) -> None:
    """Keep the file; it may be proposed again. Raises PermissionDenied, and ValidationError (no_reason, four_eyes, stale)."""
    _decide(disposal, by=by, reason=reason, approved=False)
    audit.record(by, "autopilot.disposal.refused", disposal.document, reason=reason)


@transaction.atomic
def forget(document: Document, *, reason: str) -> None:
    """Destroy the file of what never became a record, as of an upload that nobody sent: no rule keeps it, a hold does.

    The ledger says so first, as for every disposal. Raises ValidationError (disposed, held).
    """
    locked = _locked(document)
    if archive.is_disposed(locked):
        raise ValidationError("Its file is destroyed already.", code="disposed")
    if retention.open_hold(locked):
        raise ValidationError("It is under a legal hold; lift that first.", code="held")
    audit.record(None, "autopilot.document.forgotten", locked, reason=reason)
    ledger.enter([locked.pk])
    ledger.enter_disposal(locked)
    transaction.on_commit(lambda: _destroy(locked), robust=True)


def destroy_left_over() -> int:
    """Destroy files whose disposal is in the ledger and that are still there; returns how many."""
    gone = Document.objects.filter(ledger__deed=LedgerEntry.Deed.DISPOSED).defer("snapshot")
    return sum(_destroy(document) for document in gone.iterator() if vault.has(document.sha256))


def require_over(document: Document) -> None:
    """Raise ValidationError (disposed, held, not_due) while anything keeps a document."""
    if archive.is_disposed(document):
        raise ValidationError("Its file is destroyed already.", code="disposed")
    if retention.open_hold(document):
        raise ValidationError("It is under a legal hold; lift that first.", code="held")
    last_day = retention.last_day(document)
    if last_day is None:
        raise ValidationError("It must be kept, and nobody knows until when yet.", code="not_due")
    if last_day >= clock.today():
        raise ValidationError(f"It must be kept until {last_day}.", code="not_due")


def _decide(disposal: Disposal, *, by: User, reason: str, approved: bool) -> None:
    _require(by, APPROVE)
    _require_reason(reason)
    if disposal.proposed_by_id == by.pk:
        raise ValidationError("Who proposed it cannot decide it; another person must.", code="four_eyes")
    open_still = Disposal.objects.open().filter(pk=disposal.pk).exclude(proposed_by=by)
    decision = {"decided_by": by, "decided_at": clock.now(), "decided_because": reason.strip(), "approved": approved}
    if not open_still.update(**decision):
        raise ValidationError("It was decided meanwhile.", code="stale")


def _destroy(document: Document) -> bool:
    """Remove the file unless another document needs it."""
    needed = archive.kept().filter(sha256=document.sha256).exists()
    if not needed:
        vault.remove(document.sha256)
    return not needed


def _locked(document: Document) -> Document:
    return Document.objects.select_for_update().get(pk=document.pk)


def _require(by: User, permission: str) -> None:
    if not (by.is_active and by.has_perm(permission)):
        raise PermissionDenied("You may not dispose of archived documents.")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say why; those who come after you read it.", code="no_reason")
