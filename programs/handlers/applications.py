"""The jobs of applications: thin entries that call the services and are safe to run again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot import submissions
from autopilot.engine import JobContext, Review, handler
from autopilot.exceptions import Rejected
from autopilot.submissions import PortalRefused
from autopilot.submissions.carriage import deliver
from programs.refusals import refusals_are_final
from programs.review import FORM
from programs.services import attachments, drafts, findings, packets
from programs.services import submissions as state

REVIEWERS = "Reviewer"
REVIEW_DUE, REVIEW_EXPIRES = "24h", "7d"


@handler("application.process", version=1, max_attempts=3, priority=8, timeout=timedelta(minutes=5))
@refusals_are_final
def process(job: JobContext, application_id: UUID) -> dict[str, Any]:
    """Check an application, have a person approve its packet, and submit exactly that packet to the state."""
    job.tx("verify", lambda: findings.verify_application(application_id, job_id=job.id))
    packet = job.call("packet", lambda key: packets.prepare_packet(application_id))
    job.tx("open_review", lambda: packets.open_review(application_id, packet, job_id=job.id))
    review = _reviewed(job, application_id, packet)
    packet_id = job.tx("approve", lambda: _approve(job, application_id, review))
    submission = job.tx("prepare", lambda: state.prepare_submission(UUID(packet_id), job_id=job.id))
    receipt = _submitted(job, application_id, submission)
    number = job.tx("record", lambda: _record(job, application_id, submission, receipt))
    return {"packet_id": packet_id, "submission_id": submission["submission_id"], "receipt": number}


@handler("application.track", version=1, max_attempts=5, priority=8, timeout=timedelta(minutes=5))
@refusals_are_final
def track(job: JobContext, application_id: UUID) -> dict[str, Any]:
    """Ask the state until it has decided about an application, and keep what it said."""
    found = job.tx("find", lambda: state.find_submitted(application_id))
    submission_id = UUID(found["submission_id"])
    every = timedelta(seconds=found["poll_seconds"])
    decision = job.answer("decision", lambda: submissions.ask_status(submission_id), every=every)
    status = job.tx(
        "record", lambda: state.record_state_decision(application_id, submission_id, decision, job_id=job.id)
    )
    return {"status": status}


@handler("application.forget_drafts", version=1, max_attempts=3)
def forget_drafts(job: JobContext) -> dict[str, int]:
    """Delete the drafts of applications whose links have expired, and destroy the files of forms that nobody sent."""
    forgotten = job.tx("forget", drafts.forget_expired_drafts)
    return {"forgotten": forgotten, "files": job.tx("files", attachments.forget_unsent)}


def _reviewed(job: JobContext, application_id: UUID, packet: dict[str, Any]) -> Review:
    try:
        return job.approval(
            "review",
            title=f"Application {packet['reference']}, revision {packet['revision']}",
            summary=_summary(packet["findings"]),
            payload=packet,
            form=FORM,
            reviewers=REVIEWERS,
            due=REVIEW_DUE,
            expires=REVIEW_EXPIRES,
        )
    except Rejected as rejection:
        reason = str(rejection)
        job.tx("reject", lambda: packets.reject_packet(application_id, reason=reason, job_id=job.id))
        raise


def _summary(found: list[dict[str, Any]]) -> str:
    failed = sum(each["verdict"] == "fail" for each in found)
    warned = sum(each["verdict"] == "warn" for each in found)
    return f"{len(found)} checks: {failed} failed, {warned} with a warning. What is approved is sent to the state."


def _approve(job: JobContext, application_id: UUID, review: Review) -> str:
    return packets.approve_packet(
        application_id,
        review.payload,
        approved_digest=review.digest,
        by_id=review.decided_by_id,
        job_id=job.id,
    )


def _submitted(job: JobContext, application_id: UUID, submission: dict[str, Any]) -> dict[str, Any]:
    try:
        return deliver(job, submission)
    except PortalRefused as refusal:
        reasons = refusal.reasons
        job.tx("refused", lambda: state.record_refusal(application_id, reasons=reasons, job_id=job.id))
        raise


def _record(job: JobContext, application_id: UUID, submission: dict[str, Any], receipt: dict[str, Any]) -> str:
    return state.record_submission(application_id, UUID(submission["submission_id"]), receipt, job_id=job.id)
