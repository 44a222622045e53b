"""The evidence locker: what comes in is checked against what may prove its topic, and nothing is thrown away."""

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from autopilot import audit, clock, uploads
from autopilot.models import Document
from autopilot.tenants import NETWORK
from programs.services.rights import require
from students.models import Evidence, EvidenceKind, Student
from students.wioa.documentation import TOPICS, Topic

ASSESS = "students.assess_determination"
TITLE = "Evidence of eligibility"
# Of which a copy is not kept: to ask for certain documents, or for more of them, would be unfair (8 USC 1324b).
SEEN_ALONE = frozenset({"work_authorization"})
LONGEST_REASON = 300


def add_evidence(
    student: Student,
    *,
    topic: str,
    kind: str,
    obtained_on: date,
    by: User,
    description: str = "",
    reason: str = "",
    file: "File[Any] | None" = None,
) -> Evidence:
    """Put a proof into a student's locker. Must not be called inside a transaction: a file is opened and archived.

    `topic` is a PIRL element or a word of the documentation, `description` which of the accepted documents it is, and
    `reason`, for an attestation, why nothing else can be had. Raises PermissionDenied, and ValidationError by field.
    """
    require(by, ASSESS)
    proven = _checked(topic, kind, obtained_on, reason, file)
    document = uploads.receive(file, title=TITLE, tenant_id=NETWORK) if file else None
    evidence = Evidence(
        student=student,
        topic=proven.key,
        kind=kind,
        description=description.strip() or EvidenceKind(kind).label,
        document=document,
        obtained_on=obtained_on,
        reason=reason.strip() if kind == EvidenceKind.ATTESTATION else "",
        recorded_by=by,
        recorded_by_label=by.get_username(),
    )
    evidence.clean_fields()
    with transaction.atomic():
        evidence.save(force_insert=True)
        audit.record(by, "students.evidence.added", evidence, topic=proven.key, kind=kind)
    return evidence


@transaction.atomic
def withdraw_evidence(evidence: Evidence, *, reason: str, by: User) -> None:
    """Take a proof out of what counts, with the reason; its file stays in the archive. Raises as `add_evidence` does."""
    require(by, ASSESS)
    told = reason.strip()[:LONGEST_REASON]
    if not told:
        raise ValidationError({"reason": "Say why it no longer proves anything."})
    if not _standing(evidence.student).filter(pk=evidence.pk).update(withdrawn_at=clock.now(), withdrawn_reason=told):
        raise ValidationError("It was withdrawn before.", code="withdrawn")
    audit.record(by, "students.evidence.withdrawn", evidence, reason=told)


def proven_topics(student: Student) -> frozenset[str]:
    """Return the topics of which proof is on file."""
    return frozenset(_standing(student).values_list("topic", flat=True))


def documents_of(student: Student, topics: frozenset[str]) -> list[Document]:
    """Return the archived files that prove some topics, in the order in which they came, each once."""
    rows = _standing(student).filter(topic__in=topics).exclude(document=None).select_related("document")
    found = {row.document_id: row.document for row in rows.order_by("recorded_at", "pk")}
    return [document for document in found.values() if document is not None]


def _standing(student: Student) -> Any:
    return Evidence.objects.filter(student=student, withdrawn_at=None)


def _checked(topic: str, kind: str, obtained_on: date, reason: str, file: "File[Any] | None") -> Topic:
    proven = TOPICS.get(topic)
    if proven is None:
        raise ValidationError({"topic": "Choose what it proves."})
    if kind not in EvidenceKind.values:
        raise ValidationError({"kind": "Choose how it proves it."})
    if obtained_on > clock.today():
        raise ValidationError({"obtained_on": "Enter a day that is not in the future."})
    if kind == EvidenceKind.SEEN:
        _check_seen(proven, file)
    elif file is None:
        raise ValidationError({"file": "Choose the file: what proves something is kept."})
    if kind == EvidenceKind.ATTESTATION:
        _check_attestation(proven, reason)
    return proven


def _check_seen(topic: Topic, file: "File[Any] | None") -> None:
    if topic.key not in SEEN_ALONE:
        raise ValidationError({"kind": f"{topic.name} needs a copy of the document."})
    if file is not None:
        raise ValidationError({"file": "No copy is kept of this; leave the file out."})


def _check_attestation(topic: Topic, reason: str) -> None:
    if not topic.self_attestation:
        raise ValidationError({"kind": f"{topic.name} cannot be self-attested. Bring one of its documents."})
    if not reason.strip():
        raise ValidationError({"reason": "Say which other sources were tried, and why none could be had."})
