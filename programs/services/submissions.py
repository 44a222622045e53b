"""Send approved packets to the state, and keep what it says."""

from typing import Any
from uuid import UUID

from django.db import transaction

from autopilot import submissions
from autopilot.engine import emit, enqueue
from autopilot.exceptions import Invalid
from autopilot.models import Document, Portal, Submission
from programs.models import Application, ApplicationStatus, Packet
from programs.services.applications import PRIORITY, get_application, move_application
from programs.services.corrections import reject_application
from programs.services.holders import open_holder

SUBJECT = "application"
DEFAULT_PORTAL = "sandbox"
SUBMITTED = "programs.application.submitted_to_state"
STATE_DECIDED = "programs.application.state_decided"


def choose_portal(application: Application) -> Portal:
    """Return the portal an application goes to: that of the state of its training site. Raises Invalid without one."""
    return portal_of(application.site_state)


def portal_of(state: str) -> Portal:
    """Return the portal of a state, named by its two letters.

    It is the active one whose slug is the state in lower case (`in`), else the one with the slug `sandbox`, else the
    first by name. Raises Invalid when no portal is active.
    """
    active = Portal.objects.filter(active=True)
    chosen = active.filter(slug=state.lower()).first() or active.filter(slug=DEFAULT_PORTAL).first() or active.first()
    if chosen is None:
        raise Invalid("No portal is active. Activate one, then requeue this job.")
    return chosen


@transaction.atomic
def prepare_submission(packet_id: UUID, *, job_id: UUID) -> dict[str, Any]:
    """Put an approved packet down for its portal; returns the submission's id, its files and how it is delivered.

    Raises Invalid for a packet that nobody has approved.
    """
    packet = Packet.objects.select_related("application", "document").get(pk=packet_id)
    if packet.approved_at is None:
        raise Invalid("Nobody has approved this packet, so it is not sent.")
    portal, attached = choose_portal(packet.application), _attached(packet)
    submission = submissions.prepare(
        portal=portal,
        document=packet.document,
        approved_digest=packet.snapshot["document"]["sha256"],
        attachments=attached,
        packet_id=packet.pk,
        subject=SUBJECT,
        subject_id=packet.application_id,
        tenant_id=packet.application.tenant_id,
    )
    manual = portal.delivery == Portal.Delivery.MANUAL
    if manual:
        submissions.track(submission.pk, job_id)
        submissions.await_manual(submission.pk)
    return {
        "submission_id": str(submission.pk),
        "portal": portal.name,
        "instructions": portal.instructions,
        "manual": manual,
        "files": [packet.document.title, *(document.title for document, _ in attached)],
        "honors_idempotency": portal.honors_idempotency,
    }


def _attached(packet: Packet) -> list[tuple[Document, str]]:
    """Return what goes with the packet's document: each file in its order, with the digest that was approved."""
    named = packet.snapshot.get("attachments", [])
    documents = Document.objects.defer("snapshot").in_bulk([UUID(each["id"]) for each in named])
    return [(documents[UUID(each["id"])], each["sha256"]) for each in named]


@transaction.atomic
def record_refusal(application_id: UUID, *, reasons: list[str], job_id: UUID) -> None:
    """Reject an application whose packet the portal would not take; the applicant may correct it."""
    application = get_application(application_id, worked_on_by=job_id)
    told = " ".join(["The state's portal would not take the application.", *reasons])
    reject_application(application, reason=told, job_id=job_id)


@transaction.atomic
def record_submission(application_id: UUID, submission_id: UUID, receipt: dict[str, Any], *, job_id: UUID) -> str:
    """Keep the portal's receipt, tell the applicant, and have a job follow the state's decision; returns its number."""
    application = get_application(application_id, worked_on_by=job_id)
    submissions.record_receipt(submission_id, receipt)
    move_application(
        application, ApplicationStatus.SUBMITTED_TO_STATE, job_id=job_id, state_reference=receipt["number"]
    )
    emit(SUBMITTED, tenant_id=application.tenant_id, job_id=job_id, application_id=application.pk)
    tracking = enqueue(
        "application.track",
        tenant_id=application.tenant_id,
        requester_label="application.process",
        priority=PRIORITY,
        unique_key=f"application:{application.pk}",
        application_id=application.pk,
    )
    submissions.track(submission_id, tracking.pk)
    Application.objects.filter(pk=application.pk).update(job_id=tracking.pk)
    return str(receipt["number"])


def find_submitted(application_id: UUID) -> dict[str, Any]:
    """Return the id of the submission whose decision an application waits for, and how often to ask, in seconds.

    Raises Invalid for an unknown application, and for one that was not submitted.
    """
    application = get_application(application_id)
    submission = (
        Submission.objects.select_related("portal")
        .filter(subject=SUBJECT, subject_id=application.pk, receipt_number=application.state_reference)
        .exclude(receipt_number="")
        .first()
    )
    if submission is None:
        raise Invalid(f"Application {application_id} was not submitted, so there is nothing to track.")
    return {
        "submission_id": str(submission.pk),
        "poll_seconds": int(submission.portal.poll_interval.total_seconds()),
    }


@transaction.atomic
def record_state_decision(application_id: UUID, submission_id: UUID, decision: dict[str, Any], *, job_id: UUID) -> str:
    """Keep what the state decided, and tell the applicant, who becomes a holder if approved; returns the new status."""
    application = get_application(application_id)
    submissions.record_decision(submission_id, status=decision["status"], reasons=decision["reasons"])
    approved = decision["status"] == Submission.Status.APPROVED
    target = ApplicationStatus.STATE_APPROVED if approved else ApplicationStatus.STATE_DENIED
    move_application(application, target, reason=" ".join(decision["reasons"]), job_id=job_id)
    emit(STATE_DECIDED, tenant_id=application.tenant_id, job_id=job_id, application_id=application.pk)
    if approved:
        open_holder(application)
    return application.status
