"""Make the packets of applications: the data, the findings and the document that are reviewed and sent as one."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from autopilot.documents import archive, pdf, provenance
from autopilot.exceptions import Invalid
from autopilot.models import Decision, Document
from autopilot.storable import digest, to_storable
from programs import codes
from programs.assurances import STATEMENTS
from programs.facts import ApplicationFacts, facts_from_json
from programs.models import Application, ApplicationStatus, EntityType, Packet
from programs.services import filled_forms
from programs.services.applications import facts_of, get_application, move_application, write_facts
from programs.services.corrections import reject_application
from programs.services.findings import check_application, look_alikes, record_findings
from programs.verification import Result, verify

TEMPLATE = "programs/pdf/packet.html"
TITLE = "Training provider application"
Payload = dict[str, Any]


def prepare_packet(application_id: UUID) -> Payload:
    """Return the packet of an application as a reviewer is to see it; its document is rendered and archived.

    Safe to repeat: the same application gives the same bytes. Must not be called inside a transaction.
    Raises Invalid for an unknown application, and what `documents.pdf.render` raises.
    """
    application = get_application(application_id)
    return complete_packet(
        {"sites": []}  # there, so that a reviewer who adds none is not said to have changed it
        | facts_of(application).as_json()
        | {
            "application_id": str(application.pk),
            "tenant_id": str(application.tenant_id),
            "reference": application.reference,
            "revision": application.revision,
            "submitted_at": application.submitted_at.isoformat(),
            "reviewer_note": "",
        }
        | look_alikes(application)
    )


def complete_packet(payload: Payload) -> Payload:
    """Return a packet with all that follows from its facts made anew: findings, the agencies' forms it fills, and the
    document, each file with its SHA-256.

    Raises ValueError for facts that are no facts, FormUnusable for a form that cannot be filled any more, and what
    `documents.pdf.render` raises.
    """
    facts = facts_from_json(payload)
    results = verify(
        facts,
        other_applications_with_ein=payload["other_applications_with_ein"],
        with_name_and_address=payload.get("with_name_and_address"),
        similar=payload.get("similar"),
    )
    checked = payload | {"findings": [asdict(each) for each in results]}
    checked["attachments"] = filled_forms.fill_all(checked, facts)
    document = _archived(checked, facts, results)
    return checked | {"document": {"id": str(document.pk), "sha256": document.sha256, "title": document.title}}


@transaction.atomic
def open_review(application_id: UUID, payload: Payload, *, job_id: UUID) -> str:
    """Keep the packet as its first reviewer sees it, and put the application in review; returns the packet's id."""
    application = get_application(application_id, worked_on_by=job_id)
    packet = _kept(application, payload)
    if application.status != ApplicationStatus.IN_REVIEW:  # a job started over from here finds it there already
        move_application(application, ApplicationStatus.IN_REVIEW, job_id=job_id)
    return str(packet.pk)


@transaction.atomic
def approve_packet(
    application_id: UUID, payload: Payload, *, approved_digest: str, by_id: int | None, job_id: UUID
) -> str:
    """Freeze what was approved: the packet, and the application's facts with the reviewer's amendments.

    `approved_digest` is the digest the reviewers voted on. Returns the packet's id. Raises Invalid when the payload
    is not what was approved.
    """
    application = get_application(application_id, worked_on_by=job_id)
    if digest(payload) != approved_digest:
        raise Invalid("The packet is not what was approved.")
    facts = facts_from_json(payload)
    if facts != facts_of(application):
        write_facts(application, facts)
        record_findings(application, check_application(application, facts))
    packet, now = _kept(application, payload), clock.now()
    Packet.objects.filter(pk=packet.pk).update(approved_at=now)
    by = User.objects.filter(pk=by_id).first() if by_id else None
    move_application(application, ApplicationStatus.APPROVED, by=by, job_id=job_id, decided_at=now)
    return str(packet.pk)


@transaction.atomic
def reject_packet(application_id: UUID, *, reason: str, job_id: UUID) -> None:
    """Reject an application whose packet a reviewer of the job has rejected."""
    application = get_application(application_id, worked_on_by=job_id)
    rejection = Decision.objects.filter(checkpoint__job_id=job_id, verdict=Decision.Verdict.REJECT).last()
    reject_application(application, reason=reason, by=rejection.actor if rejection else None, job_id=job_id)


def _kept(application: Application, payload: Payload) -> Packet:
    kept = Packet.objects.filter(application=application, revision=application.revision)
    packet, _ = kept.get_or_create(
        digest=digest(payload),
        defaults={
            "application": application,
            "revision": application.revision,
            "version": kept.count() + 1,
            "snapshot": to_storable(payload),
            "document_id": payload["document"]["id"],
        },
    )
    return packet


def _archived(payload: Payload, facts: ApplicationFacts, results: list[Result]) -> Document:
    context = _printed(payload, facts, results)
    created = datetime.fromisoformat(payload["submitted_at"])
    content = pdf.render(TEMPLATE, context, title=TITLE, created=created)
    return archive.store(
        content,
        media_type="application/pdf",
        title=f"{TITLE} {payload['reference']}",
        tenant_id=UUID(payload["tenant_id"]),
        snapshot=payload,
        provenance=provenance.of(TEMPLATE),
    )


def _printed(payload: Payload, facts: ApplicationFacts, results: list[Result]) -> dict[str, Any]:
    # What internal checks found, and what a reviewer notes for colleagues, is not the state's to read.
    shown = [each for each in results if not each.internal]
    return {
        "facts": facts,
        "entity_type": EntityType(facts.entity_type).label,
        "mailing_state": codes.STATES.get(facts.mailing_state, facts.mailing_state),
        "sites": [vars(each) | {"state_name": codes.STATES.get(each.state, each.state)} for each in facts.all_sites],
        "attachments": [vars(each) | {"proves": _words(each.kind)} for each in facts.attachments],
        "assurances": STATEMENTS.get(facts.assurances_version, ()),
        "results": shown,
        "failures": [each for each in shown if each.verdict == "fail"],
        "warnings": [each for each in shown if each.verdict == "warn"],
        "reference": payload["reference"],
        "revision": payload["revision"],
        "data_digest": digest(facts.as_json()),
        "total_hours": sum(each.clock_hours for each in facts.programs),
    }


def _words(kind: str) -> str:
    # Not the title of the requirement: staff edit it, and a packet made again must not change by that.
    return kind.replace("-", " ").capitalize() or "Other"
