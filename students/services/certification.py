"""Certification: what the law says of a student is put before a person, fixed as approved, and sent to the WIOA portal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock, submissions
from autopilot.documents import archive, pdf, provenance
from autopilot.engine import emit, enqueue
from autopilot.exceptions import Invalid
from autopilot.models import Document, Portal, Submission
from autopilot.storable import digest
from autopilot.tenants import NETWORK
from programs.services.rights import require
from programs.services.submissions import portal_of
from students.models import Determination, DeterminationStatus, Enrollment, EnrollmentStatus, Funding
from students.services.determinations import (
    begin_determination,
    decision_of,
    facts_of,
    get_determination,
    judge,
    move_determination,
)
from students.services.eligibility_packets import packet_facts, topics_in
from students.services.evidence import ASSESS, documents_of
from students.services.participation import admit

SUBJECT = "determination"
TEMPLATE = "students/pdf/eligibility.html"
TITLE = "Eligibility packet"
WIOA = "wioa"
DECIDED = "students.determination.decided"
MOST_A_NIGHT = 500
SEATED = (EnrollmentStatus.ACCEPTED, EnrollmentStatus.ACTIVE)
Status = DeterminationStatus
Packet = dict[str, Any]


def ask_to_certify(enrollment: Enrollment, *, by: User | None) -> UUID:
    """Have an enrollment's eligibility determined by a job, which a person must approve; returns the job's id.

    Whoever has entered the facts cannot be the one who approves. Raises PermissionDenied.
    """
    require(by, ASSESS)
    latest = _latest(enrollment)
    job = enqueue(
        "certification.evaluate",
        tenant_id=NETWORK,
        requested_by=latest.assessed_by if latest and latest.assessed_by else by,
        unique_key=f"certification:{enrollment.pk}",
        enrollment_id=enrollment.pk,
    )
    return job.pk


@transaction.atomic
def determine(enrollment_id: UUID) -> dict[str, Any]:
    """Judge an enrollment's open determination by today's facts, or open one where there is none; returns what stands.

    The answer names the determination, its `status` and its `verdict`, which is unknown while anything is missing, and
    whether it is `ready` for its reviewer: decided by the law, out of facts that a person has entered.
    """
    enrollment = Enrollment.objects.select_related("student").filter(pk=enrollment_id).first()
    if enrollment is None:
        raise Invalid(f"There is no enrollment {enrollment_id}.")
    determination = _latest(enrollment) or begin_determination(enrollment, by=None)
    gathering = determination.status == Status.GATHERING
    if gathering:
        judge(determination)
    return {
        "determination_id": str(determination.pk),
        "status": determination.status,
        "verdict": determination.verdict,
        "ready": gathering and determination.verdict != "unknown" and determination.assessed_by_id is not None,
    }


def prepare_packet(determination_id: UUID) -> Packet:
    """Return a determination as its reviewer is to see it; its document is rendered and archived.

    The packet names ids, outcomes and documents: what is known of the person stands in the document alone. Safe to
    repeat. Must not be called inside a transaction. Raises what `documents.pdf.render` raises.
    """
    determination = get_determination(determination_id)
    printed = packet_facts(determination)
    content = pdf.render(TEMPLATE, printed, title=TITLE, created=datetime.fromisoformat(printed["prepared_at"]))
    facts = {
        "determination_id": str(determination.pk),
        "tenant_id": str(NETWORK),
        "reference": determination.reference,
        "as_of": determination.as_of.isoformat(),
        "outcome": "Eligible" if determination.verdict == "met" else "Not eligible",
        "programs": determination.programs,
        "priority": determination.priority,
        "decision_digest": digest(decision_of(determination)),
    }
    document = archive.store(
        content,
        media_type="application/pdf",
        title=f"{TITLE} {determination.reference}",
        tenant_id=NETWORK,
        snapshot=facts,
        provenance=provenance.of(TEMPLATE),
    )
    proofs = documents_of(determination.student, topics_in(decision_of(determination)))
    return facts | {
        "document": {"id": str(document.pk), "sha256": document.sha256, "title": document.title},
        "attachments": [{"id": str(each.pk), "sha256": each.sha256, "title": each.title} for each in proofs],
    }


@transaction.atomic
def open_review(determination_id: UUID, packet: Packet, *, job_id: UUID) -> None:
    """Put a determination in review as its packet shows it; its facts are fixed from here on.

    Raises Invalid where it was judged anew since the packet was made.
    """
    determination = get_determination(determination_id)
    if determination.status == Status.IN_REVIEW and determination.job_id == job_id:
        return  # a job started over from here finds it there already
    if digest(decision_of(determination)) != packet["decision_digest"]:
        raise Invalid("It was judged anew meanwhile; send it to review again.")
    changes = {"document_id": packet["document"]["id"], "job_id": job_id}
    move_determination(determination, Status.IN_REVIEW, **changes)


@transaction.atomic
def return_determination(determination_id: UUID, *, reason: str) -> None:
    """Give a determination back to its case manager, as the reviewer wants it; its facts can be entered again."""
    move_determination(get_determination(determination_id), Status.GATHERING, reason=reason)


@transaction.atomic
def approve(determination_id: UUID, packet: Packet, *, approved_digest: str, by_id: int | None) -> str:
    """Fix a determination as its reviewer approved it; returns its status.

    Raises Invalid for any other packet than the one that was voted on, or one of which nobody approved.
    """
    determination = get_determination(determination_id)
    if digest(packet) != approved_digest or by_id is None:
        raise Invalid("The packet is not what a person has approved.")
    to = Status.ELIGIBLE if determination.verdict == "met" else Status.INELIGIBLE
    reviewer = User.objects.get(pk=by_id)
    move_determination(determination, to, by=reviewer, decided_at=clock.now(), decided_by=reviewer)
    if to == Status.ELIGIBLE:
        admit(determination, by=reviewer)
    emit(DECIDED, tenant_id=NETWORK, determination_id=determination.pk)
    return determination.status


@transaction.atomic
def prepare_submission(determination_id: UUID, packet: Packet, *, approved_digest: str, job_id: UUID) -> dict[str, Any]:
    """Put an approved packet down for the WIOA portal; returns how it is delivered.

    Raises Invalid for any other packet than the approved one, and where no portal is active.
    """
    if digest(packet) != approved_digest:
        raise Invalid("The packet is not what was approved.")
    determination = get_determination(determination_id)
    documents = Document.objects.defer("snapshot").in_bulk([UUID(each["id"]) for each in packet["attachments"]])
    attached = [(documents[UUID(each["id"])], each["sha256"]) for each in packet["attachments"]]
    portal = wioa_portal(facts_of(determination).state or "")
    submission = submissions.prepare(
        portal=portal,
        document=Document.objects.get(pk=packet["document"]["id"]),
        approved_digest=packet["document"]["sha256"],
        attachments=attached,
        packet_id=determination.pk,
        subject=SUBJECT,
        subject_id=determination.pk,
        tenant_id=NETWORK,
    )
    Determination.objects.filter(pk=determination.pk).update(submission_id=submission.pk)
    manual = portal.delivery == Portal.Delivery.MANUAL
    if manual:
        submissions.track(submission.pk, job_id)
        submissions.await_manual(submission.pk)
    return {
        "submission_id": str(submission.pk),
        "portal": portal.name,
        "instructions": portal.instructions,
        "manual": manual,
        "files": [packet["document"]["title"], *(each["title"] for each in packet["attachments"])],
        "honors_idempotency": portal.honors_idempotency,
    }


def wioa_portal(state: str) -> Portal:
    """Return the portal for participants of a state: the active one with the slug `wioa-in`, else `wioa`, else as for
    providers. Raises Invalid when none is active.
    """
    active = Portal.objects.filter(active=True)
    named = [f"{WIOA}-{state.lower()}", WIOA] if state else [WIOA]
    found = (active.filter(slug=slug).first() for slug in named)
    return next((portal for portal in found if portal), None) or portal_of(state)


@transaction.atomic
def record_refusal(determination_id: UUID, *, reasons: list[str]) -> None:
    """Keep that the portal would not take a packet."""
    told = " ".join(["The WIOA portal would not take it.", *reasons])
    move_determination(get_determination(determination_id), Status.REFUSED, reason=told)


@transaction.atomic
def record_submission(determination_id: UUID, submission_id: UUID, receipt: dict[str, Any]) -> str:
    """Keep the portal's receipt, and have a job follow what the portal says of it; returns its number."""
    determination = get_determination(determination_id)
    submissions.record_receipt(submission_id, receipt)
    move_determination(determination, Status.SUBMITTED, state_reference=receipt["number"])
    unique = f"determination:{determination.pk}"
    job = enqueue("certification.track", tenant_id=NETWORK, unique_key=unique, determination_id=determination.pk)
    Determination.objects.filter(pk=determination.pk).update(job_id=job.pk)
    submissions.track(submission_id, job.pk)
    return str(receipt["number"])


def find_submitted(determination_id: UUID) -> dict[str, Any]:
    """Return the id of the submission whose decision a determination waits for, and how often to ask, in seconds.

    Raises Invalid for a determination that was not submitted.
    """
    determination = get_determination(determination_id)
    rows = Submission.objects.select_related("portal").filter(subject=SUBJECT, subject_id=determination.pk)
    submission = rows.exclude(receipt_number="").first()
    if submission is None or determination.status != Status.SUBMITTED:
        raise Invalid(f"Determination {determination_id} was not submitted, so there is nothing to track.")
    return {
        "submission_id": str(submission.pk),
        "poll_seconds": int(submission.portal.poll_interval.total_seconds()),
    }


@transaction.atomic
def record_state_decision(determination_id: UUID, submission_id: UUID, decision: dict[str, Any]) -> str:
    """Keep what the portal decided on the student's record; returns the new status."""
    determination = get_determination(determination_id)
    submissions.record_decision(submission_id, status=decision["status"], reasons=decision["reasons"])
    to = Status.CERTIFIED if decision["status"] == Submission.Status.APPROVED else Status.REFUSED
    move_determination(determination, to, reason=" ".join(decision["reasons"]))
    return determination.status


def look_again() -> dict[str, int]:
    """Have determined who is funded by WIOA and is not yet, and judge anew what is open; safe to run again.

    What can be decided by now goes to review, if somebody has entered its facts. Returns how many were `begun`, `judged`
    and `sent`.
    """
    seated = Enrollment.objects.filter(funding=Funding.WIOA, status__in=SEATED).select_related("student")
    begun = [begin_determination(each, by=None) for each in seated.filter(determinations=None)[:MOST_A_NIGHT]]
    rows = Determination.objects.filter(status=Status.GATHERING).select_related(
        "student__key", "enrollment", "assessed_by"
    )
    waiting = list(rows.filter(assessed_by__isnull=False).order_by("created_at")[:MOST_A_NIGHT])
    sent = [_judged_and_sent(each) for each in waiting]
    return {"begun": len(begun), "judged": len(waiting), "sent": sum(sent)}


def _latest(enrollment: Enrollment) -> Determination | None:
    rows = enrollment.determinations.select_related("assessed_by")
    return rows.order_by("-created_at", "-pk").first()


@transaction.atomic
def _judged_and_sent(determination: Determination) -> bool:
    judge(determination)
    if determination.verdict == "unknown":
        return False
    ask_to_certify(determination.enrollment, by=None)
    return True
