"""The jobs of listings with states: prepared, reviewed by a person, submitted, and followed until the state decides."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot import clock, submissions
from autopilot.engine import JobContext, Review, handler
from autopilot.exceptions import Rejected
from autopilot.submissions import PortalRefused
from autopilot.submissions.carriage import deliver
from programs.refusals import refusals_are_final
from programs.services import listings

REVIEWERS = "Reviewer"
REVIEW_DUE, REVIEW_EXPIRES = "48h", "14d"


@handler("listing.process", version=1, max_attempts=3, timeout=timedelta(minutes=5))
@refusals_are_final
def process(job: JobContext, listing_id: UUID) -> dict[str, Any]:
    """Prepare an application for a state's list, have a person approve it, and submit exactly that."""
    packet = job.call("packet", lambda key: listings.prepare_packet(listing_id))
    job.tx("open_review", lambda: listings.open_review(listing_id, packet, job_id=job.id))
    review = _reviewed(job, listing_id, packet)
    submission = job.tx("prepare", lambda: _prepare(job, listing_id, review))
    receipt = _submitted(job, listing_id, submission)
    submission_id = UUID(submission["submission_id"])
    number = job.tx("record", lambda: listings.record_submission(listing_id, submission_id, receipt))
    return {"submission_id": submission["submission_id"], "receipt": number}


@handler("listing.track", version=1, max_attempts=5, timeout=timedelta(minutes=5))
@refusals_are_final
def track(job: JobContext, listing_id: UUID) -> dict[str, Any]:
    """Ask the state until it has decided about a listing, and keep what it said."""
    found = job.tx("find", lambda: listings.find_submitted(listing_id))
    submission_id = UUID(found["submission_id"])
    every = timedelta(seconds=found["poll_seconds"])
    decision = job.answer("decision", lambda: submissions.ask_status(submission_id), every=every)
    status = job.tx("record", lambda: listings.record_state_decision(listing_id, submission_id, decision))
    return {"status": status}


@handler("listing.watch", version=1, max_attempts=5, timeout=timedelta(minutes=30))
def watch(job: JobContext) -> dict[str, int]:
    """Remind of listings that expire, and let expire what has; a schedule runs it daily."""
    return listings.watch(clock.today())


def _reviewed(job: JobContext, listing_id: UUID, packet: dict[str, Any]) -> Review:
    lacking = len(packet["missing"])
    try:
        return job.approval(
            "review",
            title=f"{packet['eligibility']} eligibility in {packet['state']}: {packet['program']}",
            summary=f"{lacking} facts are not on record. What is approved is sent to the state.",
            payload=packet,
            reviewers=REVIEWERS,
            due=REVIEW_DUE,
            expires=REVIEW_EXPIRES,
        )
    except Rejected as rejection:
        reason = str(rejection)
        job.tx("withdraw", lambda: listings.reject_listing(listing_id, reason=reason))
        raise


def _prepare(job: JobContext, listing_id: UUID, review: Review) -> dict[str, Any]:
    return listings.prepare_submission(listing_id, review.payload, approved_digest=review.digest, job_id=job.id)


def _submitted(job: JobContext, listing_id: UUID, submission: dict[str, Any]) -> dict[str, Any]:
    try:
        return deliver(job, submission)
    except PortalRefused as refusal:
        reasons = refusal.reasons
        job.tx("refused", lambda: listings.record_refusal(listing_id, reasons=reasons))
        raise
