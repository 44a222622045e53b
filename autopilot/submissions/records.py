"""What is written down of a submission: how it was prepared, its receipt, its decision, who waits for news."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot.engine import answer_arrived
from autopilot.models.documents import Document
from autopilot.models.portals import Portal, Submission, SubmissionAttachment
from autopilot.submissions.readings import Receipt, read_reasons, read_receipt
from autopilot.submissions.states import DECIDED, Status, move, note


@transaction.atomic
def prepare(
    *,
    portal: Portal,
    document: Document,
    approved_digest: str,
    attachments: Sequence[tuple[Document, str]] = (),
    packet_id: UUID,
    subject: str,
    subject_id: UUID,
    tenant_id: UUID,
) -> Submission:
    """Put an approved packet down for a portal; asked again for the same packet, return what stands there.

    `approved_digest` is the SHA-256 of the approved bytes in hexadecimal, `attachments` what goes with the document, in
    this order, each with the SHA-256 that was approved; `subject` the one-word name of what it is about and `subject_id`
    its id. Raises ValidationError (inactive, other_bytes, other_tenant, packet_changed).
    """
    _require_active(portal)
    for each, digest in [(document, approved_digest), *attachments]:
        _check(each, digest, tenant_id)
    submission, created = Submission.objects.get_or_create(
        portal=portal,
        packet_id=packet_id,
        defaults={
            "document": document,
            "approved_digest": approved_digest,
            "subject": subject,
            "subject_id": subject_id,
            "tenant_id": tenant_id,
        },
    )
    digests = [digest for _, digest in attachments]
    if created:
        _attach(submission, attachments)
        note(submission, "", Status.PREPARED, "prepared")
    elif _said(submission) != (approved_digest, tenant_id, digests):
        raise ValidationError("Another version of this packet was prepared before.", code="packet_changed")
    return submission


@transaction.atomic
def track(submission_id: UUID, job_id: UUID) -> None:
    """Name the job that is woken when there is news of a submission."""
    Submission.objects.filter(pk=submission_id).update(tracking_job_id=job_id)


def wake(submission: Submission) -> None:
    """Wake the job that waits for news of a submission, if one does, when the caller's transaction commits.

    To be called before anything is recorded: a job's own steps lock the job first and the submission after it.
    """
    if submission.tracking_job_id is not None:
        answer_arrived(submission.tracking_job_id)


@transaction.atomic
def record_receipt(submission_id: UUID, receipt: Receipt, *, actor: User | None = None) -> None:
    """Keep the portal's receipt; the same one again changes nothing.

    Raises ValidationError (bad_receipt, number_taken, other_receipt).
    """
    kept = _readable(receipt)
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.receipt_number == kept["number"]:
        return
    _require_unused(submission, kept["number"])
    changes = {"receipt_number": kept["number"], "receipt": kept}
    if not move(submission_id, Status.RECEIVED, "receipt recorded", actor=actor, **changes):
        raise ValidationError("Another receipt or a refusal was recorded before.", code="other_receipt")


@transaction.atomic
def record_decision(
    submission_id: UUID,
    *,
    status: str,
    reasons: Sequence[str] = (),
    receipt: Receipt | None = None,
    actor: User | None = None,
) -> None:
    """Keep the portal's decision; the same one again changes nothing.

    `status` is approved, denied or refused. `receipt` is needed only where none was recorded yet, as when a decision
    arrives before the answer to the request. Raises ValidationError (unknown_status, no_receipt, already_decided).
    """
    if status not in DECIDED:
        raise ValidationError("A portal approves, denies or refuses.", code="unknown_status")
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.status == status:
        return
    if submission.status in DECIDED:
        raise ValidationError("The portal has decided otherwise before.", code="already_decided")
    if receipt is not None and not submission.receipt_number:
        record_receipt(submission_id, receipt, actor=actor)
    if not move(
        submission_id, Status(status), "decided by the portal", actor=actor, reasons=read_reasons(list(reasons))
    ):
        raise ValidationError("There is no receipt yet of what was decided.", code="no_receipt")


def attached_digests(submission: Submission) -> list[str]:
    """Return the approved SHA-256 of each attachment, in order."""
    return list(submission.attachments.values_list("approved_digest", flat=True))


def _attach(submission: Submission, attachments: Sequence[tuple[Document, str]]) -> None:
    SubmissionAttachment.objects.bulk_create(
        SubmissionAttachment(submission=submission, place=place, document=document, approved_digest=digest)
        for place, (document, digest) in enumerate(attachments, start=1)
    )


def _said(submission: Submission) -> tuple[str, UUID, list[str]]:
    return submission.approved_digest, submission.tenant_id, attached_digests(submission)


def _require_active(portal: Portal) -> None:
    if not portal.active:
        raise ValidationError(f"{portal} takes no submissions now.", code="inactive")


def _check(document: Document, approved_digest: str, tenant_id: UUID) -> None:
    if document.sha256 != approved_digest:
        raise ValidationError("The document is not what was approved.", code="other_bytes")
    if document.tenant_id != tenant_id:
        raise ValidationError("The document belongs to another organization.", code="other_tenant")


def _readable(receipt: Receipt) -> Receipt:
    try:
        return read_receipt(receipt)
    except ValueError as error:
        raise ValidationError(str(error), code="bad_receipt") from error


def _require_unused(submission: Submission, number: str) -> None:
    others = Submission.objects.filter(portal=submission.portal_id, receipt_number=number).exclude(pk=submission.pk)
    if others.exists():
        raise ValidationError("This number is recorded for another submission.", code="number_taken")
