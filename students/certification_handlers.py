"""The jobs of certification: eligibility is judged by the law, decided by a person, and sent to the WIOA portal."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot import submissions
from autopilot.engine import JobContext, Review, handler
from autopilot.exceptions import Rejected
from autopilot.submissions import PortalRefused
from autopilot.submissions.carriage import deliver
from programs.refusals import refusals_are_final
from students.services import certification, eligibility_letters

REVIEWERS = "Reviewer"
REVIEW_DUE, REVIEW_EXPIRES = "48h", "30d"


@handler("certification.evaluate", version=1, max_attempts=3, timeout=timedelta(minutes=5))
@refusals_are_final
def evaluate(job: JobContext, enrollment_id: UUID) -> dict[str, Any]:
    """Determine eligibility; once the law decides, have a person approve the packet, and submit exactly that.

    While a fact, a proof or a judgment is missing, nothing is put before anybody: the determination stays open.
    """
    found = job.tx("determine", lambda: certification.determine(enrollment_id))
    if not found["ready"]:
        return dict(found)
    determination_id = UUID(found["determination_id"])
    packet = job.call("packet", lambda key: certification.prepare_packet(determination_id))
    job.tx("open_review", lambda: certification.open_review(determination_id, packet, job_id=job.id))
    review = _reviewed(job, determination_id, packet)
    status = job.tx("approve", lambda: _approve(determination_id, review))
    job.call("letter", lambda key: eligibility_letters.write_letter(determination_id))
    if status != certification.Status.ELIGIBLE:
        return {"determination_id": str(determination_id), "status": status}
    submission = job.tx("prepare", lambda: _prepare(job, determination_id, review))
    receipt = _submitted(job, determination_id, submission)
    submission_id = UUID(submission["submission_id"])
    number = job.tx("record", lambda: certification.record_submission(determination_id, submission_id, receipt))
    return {"determination_id": str(determination_id), "submission_id": str(submission_id), "receipt": number}


@handler("certification.track", version=1, max_attempts=5, timeout=timedelta(minutes=5))
@refusals_are_final
def track(job: JobContext, determination_id: UUID) -> dict[str, Any]:
    """Ask the WIOA portal until it has decided, and keep what it said on the student's record."""
    found = job.tx("find", lambda: certification.find_submitted(determination_id))
    submission_id = UUID(found["submission_id"])
    every = timedelta(seconds=found["poll_seconds"])
    decision = job.answer("decision", lambda: submissions.ask_status(submission_id), every=every)
    status = job.tx("record", lambda: certification.record_state_decision(determination_id, submission_id, decision))
    return {"status": status}


@handler("certification.daily_batch", version=1, max_attempts=5, timeout=timedelta(minutes=30))
def daily_batch(job: JobContext) -> dict[str, int]:
    """Open what is missing, judge anew what is open, and send to review what can be decided; a schedule runs it daily."""
    looked: dict[str, int] = job.tx("look", certification.look_again)
    return looked


def _reviewed(job: JobContext, determination_id: UUID, packet: dict[str, Any]) -> Review:
    programs = ", ".join(packet["programs"]) or "no program"
    try:
        return job.approval(
            "review",
            title=f"Eligibility {packet['reference']}: {packet['outcome'].lower()}, {programs}",
            summary="What is approved is fixed; for who is eligible it is sent to the WIOA portal.",
            payload=packet,
            reviewers=REVIEWERS,
            due=REVIEW_DUE,
            expires=REVIEW_EXPIRES,
        )
    except Rejected as rejection:
        reason = str(rejection)
        job.tx("return", lambda: certification.return_determination(determination_id, reason=reason))
        raise


def _approve(determination_id: UUID, review: Review) -> str:
    return certification.approve(
        determination_id, review.payload, approved_digest=review.digest, by_id=review.decided_by_id
    )


def _prepare(job: JobContext, determination_id: UUID, review: Review) -> dict[str, Any]:
    return certification.prepare_submission(
        determination_id, review.payload, approved_digest=review.digest, job_id=job.id
    )


def _submitted(job: JobContext, determination_id: UUID, submission: dict[str, Any]) -> dict[str, Any]:
    try:
        return deliver(job, submission)
    except PortalRefused as refusal:
        reasons = refusal.reasons
        job.tx("refused", lambda: certification.record_refusal(determination_id, reasons=reasons))
        raise
