"""Bring what was approved to a portal: by wire, or by a person's hands."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot.engine import JobContext
from autopilot.submissions import delivery as submissions

UPLOAD_REMINDER = timedelta(hours=24)


def deliver(job: JobContext, submission: dict[str, Any]) -> dict[str, Any]:
    """Return the receipt of a prepared submission, once there is one; raises PortalRefused.

    `submission` tells `submission_id`, `portal`, `instructions`, `manual`, `files` and `honors_idempotency`.
    """
    submission_id = UUID(submission["submission_id"])
    if submission["manual"]:
        return _uploaded(job, submission_id, submission)
    return _sent(job, submission_id, honors_keys=submission["honors_idempotency"])


def _sent(job: JobContext, submission_id: UUID, *, honors_keys: bool) -> dict[str, Any]:
    receipt: dict[str, Any]
    if honors_keys:
        receipt = job.call("submit", lambda key: submissions.send(submission_id, key))
    else:
        receipt = job.once(
            "submit",
            lambda: submissions.send(submission_id),
            probe=lambda: submissions.find(submission_id),
        )
    return receipt


def _uploaded(job: JobContext, submission_id: UUID, submission: dict[str, Any]) -> dict[str, Any]:
    job.info(
        "upload",
        title=f"Upload the approved packet to {submission['portal']}",
        summary="Then write the confirmation number on the submission; this job goes on by itself.",
        payload={
            "submission_id": str(submission_id),
            "instructions": submission["instructions"],
            "files": submission.get("files", []),  # a job that began before files were named has none
        },
    )
    receipt: dict[str, Any] = job.answer("confirmation", lambda: submissions.find(submission_id), every=UPLOAD_REMINDER)
    return receipt
