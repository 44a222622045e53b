"""What people do for a portal that takes no requests: upload the packet, and record what it answered."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.models.portals import Portal, Submission
from autopilot.submissions.records import record_decision, record_receipt, wake
from autopilot.submissions.states import Status, move

MAY_RECORD = "autopilot.record_submission"


@transaction.atomic
def await_manual(submission_id: UUID) -> None:
    """Ask people to upload a packet; asked again, change nothing. Raises ValidationError (not_manual, not_prepared)."""
    submission = _manual(submission_id)
    if submission.status == Status.AWAITING_MANUAL or submission.receipt_number:
        return
    if not move(submission_id, Status.AWAITING_MANUAL, "waits for a person"):
        raise ValidationError("This submission cannot be uploaded by hand any more.", code="not_prepared")


@transaction.atomic
def confirm_manual(submission_id: UUID, *, confirmation_number: str, by: User) -> None:
    """Record the number under which a portal took an upload, and wake the job that waits for it.

    Raises PermissionDenied, and ValidationError (not_manual, not_awaited, bad_receipt, number_taken, other_receipt).
    """
    _require_permission(by)
    submission = _manual(submission_id)
    if submission.status == Status.PREPARED:
        raise ValidationError("Nobody was asked yet to upload this packet.", code="not_awaited")
    receipt = {"number": confirmation_number.strip(), "received_at": clock.now().isoformat()}
    wake(submission)
    record_receipt(submission_id, receipt, actor=by)
    audit.record(by, "autopilot.submission.receipt_confirmed", submission)


@transaction.atomic
def confirm_decision(submission_id: UUID, *, status: str, reasons: Sequence[str] = (), by: User) -> None:
    """Record what a portal that takes no requests decided, and wake the job that waits for it.

    Raises PermissionDenied, and ValidationError (not_manual, unknown_status, no_receipt, already_decided).
    """
    _require_permission(by)
    submission = _manual(submission_id)
    wake(submission)
    record_decision(submission_id, status=status, reasons=reasons, actor=by)
    audit.record(by, "autopilot.submission.decision_confirmed", submission)


def _require_permission(by: User) -> None:
    if not by.has_perm(MAY_RECORD):
        raise PermissionDenied("You may not record what portals answer.")


def _manual(submission_id: UUID) -> Submission:
    submission = Submission.objects.select_related("portal").get(pk=submission_id)
    if submission.portal.delivery != Portal.Delivery.MANUAL:
        raise ValidationError("This portal answers by itself.", code="not_manual")
    return submission
