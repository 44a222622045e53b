"""Certificates: asked for, issued behind the milestones, and revoked with a reason. They are made in `certificate_files`."""

import secrets
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.text import Truncator

from autopilot import audit, clock
from autopilot.documents import glyphs
from autopilot.engine import emit, enqueue
from autopilot.identifiers import uuid7
from programs.models import CredentialType
from programs.services.numbers import next_in
from students.badges.status_lists import PLACES
from students.models import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateStatusChange,
    Enrollment,
    EnrollmentStatus,
    Milestone,
    MilestoneCompletion,
    RequestStatus,
    StatusList,
)
from students.services.milestones import missing_milestones

ISSUE_JOB = "certification.issue_certificate"
PUBLISH_JOB = "certification.publish_status_list"
ISSUED = "students.certificate.issued"
REVOKED = "students.certificate.revoked"
MILESTONES_INCOMPLETE = "milestones_incomplete"
SERIES = "CERT"
# 28 of 31 signs, which nobody takes for one another: more than 138 bits.
SIGNS, GROUPS, IN_GROUP = "23456789abcdefghjkmnpqrstuvwxyz", 7, 4
MOST_AT_ONCE = 500
LONGEST_REASON, LONGEST_PROBLEM = 1000, 500
# Half of the places stay empty, so that one drawn by lot is free at the second try on average.
MOST_IN_LIST = PLACES // 2
OWN_CREDENTIALS = (CredentialType.CERTIFICATE, CredentialType.DEGREE)


def require_earned(enrollment: Enrollment) -> None:
    """Raise ValidationError unless a certificate may be issued: the gate at every door, and again when it is made.

    Its code is `not_completed`, `milestones_incomplete` (whose `params` name them under `missing` and `milestone_ids`),
    `certified` where one that counts is there, or `unprintable` for a name that our fonts cannot print.
    """
    if enrollment.status != EnrollmentStatus.COMPLETED or enrollment.ended_on is None:
        raise ValidationError(
            "A certificate is issued when the training is completed. Complete the enrollment first.",
            code="not_completed",
        )
    if missing := missing_milestones(enrollment):
        raise ValidationError(
            "These milestones are not completed yet: %(missing)s. Record each with what shows it.",
            code=MILESTONES_INCOMPLETE,
            params={
                "missing": ", ".join(each.title for each in missing),
                "milestone_ids": [each.pk for each in missing],
            },
        )
    if enrollment.certificates.filter(status=CertificateStatus.VALID).exists():
        raise ValidationError("This student has the certificate already.", code="certified")
    _require_printable(enrollment)


def ready(enrollments: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """Return those enrollments for which a certificate can be asked: as `require_earned` has it, and none is being made."""
    done = MilestoneCompletion.objects.filter(
        enrollment=OuterRef(OuterRef("pk")), milestone=OuterRef("pk"), withdrawn_at=None
    )
    missing = Milestone.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=OuterRef("started_on")),
        program=OuterRef("cohort__program"),
        required=True,
        effective_from__lte=OuterRef("started_on"),
    ).exclude(Exists(done))
    certified = Certificate.objects.filter(enrollment=OuterRef("pk"), status=CertificateStatus.VALID)
    asked = CertificateRequest.objects.filter(enrollment=OuterRef("pk"), status=RequestStatus.WAITING)
    completed = enrollments.filter(status=EnrollmentStatus.COMPLETED, ended_on__isnull=False)
    return completed.exclude(Exists(missing)).exclude(Exists(certified)).exclude(Exists(asked))


def request_certificate(enrollment: Enrollment, *, by: User) -> CertificateRequest:
    """Ask for a student's certificate; a job makes it. To ask again while it is being made changes nothing.

    Raises ValidationError as `require_earned` does.
    """
    [request] = request_certificates([enrollment], by=by)
    return request


@transaction.atomic
def request_certificates(enrollments: Iterable[Enrollment], *, by: User) -> list[CertificateRequest]:
    """Ask for the certificates of several students at once: for all of them, or with a refusal for none.

    Raises ValidationError as `request_certificate` does, or with the code `too_many`.
    """
    asked, batch = list(enrollments), uuid7()
    if len(asked) > MOST_AT_ONCE:
        raise ValidationError(f"Ask for at most {MOST_AT_ONCE} certificates at once.", code="too_many")
    return [_ask(enrollment, batch, by) for enrollment in asked]


@transaction.atomic
def issue(request_id: UUID) -> dict[str, str]:
    """Give a request's certificate its number, its code and its place in a status list; returns its id as `certificate`.

    The milestones are looked at again: what was withdrawn meanwhile refuses it, and `problem` says so.
    """
    request = CertificateRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.certificate_id:
        return {"certificate": str(request.certificate_id)}
    rows = Enrollment.objects.select_for_update(of=("self",)).select_related("student", "cohort__program", "holder")
    enrollment = rows.get(pk=request.enrollment_id)
    try:
        require_earned(enrollment)
    except ValidationError as refusal:
        return {"problem": _refuse(request, " ".join(refusal.messages))}
    certificate = _issued(enrollment, request.asked_by)
    CertificateRequest.objects.filter(pk=request.pk).update(certificate=certificate)
    return {"certificate": str(certificate.pk)}


@transaction.atomic
def publish(certificate_id: UUID, *, badge_id: UUID, document_id: UUID) -> None:
    """Make a certificate public with the files that were made of it, and tell the student and the holder; once."""
    rows = Certificate.objects.filter(pk=certificate_id, document=None)
    if not rows.update(badge_id=badge_id, document_id=document_id):
        return
    certificate = Certificate.objects.get(pk=certificate_id)
    finished = {"status": RequestStatus.ISSUED, "finished_at": clock.now()}
    CertificateRequest.objects.filter(certificate=certificate, status=RequestStatus.WAITING).update(**finished)
    emit(ISSUED, tenant_id=certificate.holder_id, certificate_id=certificate.pk)


@transaction.atomic
def revoke(certificate: Certificate, *, reason: str, by: User) -> None:
    """Revoke a certificate for good, with the reason: its page says so at once, its status list with the next job.

    Raises ValidationError with the code `reason` or `revoked`.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError("Say why it is revoked; it stands in the history.", code="reason")
    if len(reason) > LONGEST_REASON:
        raise ValidationError(f"Shorten the reason to {LONGEST_REASON:,} characters.", code="reason")
    changes = {"status": CertificateStatus.REVOKED, "revoked_at": clock.now()}
    if not Certificate.objects.filter(pk=certificate.pk, status=CertificateStatus.VALID).update(**changes):
        raise ValidationError("This certificate is revoked already.", code="revoked")
    certificate.refresh_from_db(fields=list(changes))
    _record(certificate, CertificateStatus.VALID, by=by, reason=reason)
    enqueue(PUBLISH_JOB, tenant_id=certificate.holder_id, requested_by=by, number=certificate.status_list_id)
    emit(REVOKED, tenant_id=certificate.holder_id, certificate_id=certificate.pk)


def find_public(code: str) -> Certificate | None:
    """Return the certificate whose code somebody holds, in one query that is the same for every code."""
    rows = Certificate.objects.select_related("badge", "document").exclude(document=None)
    return rows.filter(code=read_code(code)).first()


def read_code(written: str) -> str:
    """Return a code as it is stored, of one that was typed: without blanks and in small letters, in its groups."""
    signs = "".join(sign for sign in written.lower()[:80] if sign.isalnum())
    return "-".join(signs[start : start + IN_GROUP] for start in range(0, len(signs), IN_GROUP))


def address_of(certificate: Certificate) -> str:
    """Return the full address of a certificate's public page."""
    return f"{settings.BASE_URL}/verify/{certificate.code}"


def _ask(enrollment: Enrollment, batch: UUID, by: User) -> CertificateRequest:
    # Locked, so that two who ask at the same time find the same request.
    locked = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    request = locked.certificate_requests.filter(status=RequestStatus.WAITING).first()
    if request is None:
        require_earned(enrollment)
        request = CertificateRequest.objects.create(
            enrollment=locked, holder_id=locked.holder_id, batch=batch, asked_by=by
        )
        audit.record(by, "students.certificate.requested", request, enrollment_id=enrollment.pk)
    # A job that has failed for good is followed by another.
    enqueue(
        ISSUE_JOB, tenant_id=enrollment.holder_id, requested_by=by, unique_key=f"certificate:{enrollment.pk}",
        request_id=request.pk,
    )  # fmt: skip
    return request


def _refuse(request: CertificateRequest, problem: str) -> str:
    told = Truncator(problem).chars(LONGEST_PROBLEM)
    finished = {"status": RequestStatus.REFUSED, "problem": told, "finished_at": clock.now()}
    CertificateRequest.objects.filter(pk=request.pk, status=RequestStatus.WAITING).update(**finished)
    return told


def _issued(enrollment: Enrollment, by: User | None) -> Certificate:
    program, at = enrollment.cohort.program, clock.now()
    status_list = _list_with_room()
    certificate = Certificate.objects.create(
        enrollment=enrollment,
        holder=enrollment.holder,
        number=_next_number(clock.day_of(at)),
        code=_new_code(),
        student_name=enrollment.student.full_name,
        program_title=program.title,
        credential=program.credential if program.credential_type in OWN_CREDENTIALS else "",
        clock_hours=program.clock_hours,
        holder_name=enrollment.holder.legal_name,
        issuer=settings.NETWORK_NAME,
        completed_on=enrollment.ended_on or clock.day_of(at),
        issued_at=at.replace(microsecond=0),
        issued_by=by,
        status_list=status_list,
        status_index=_free_place(status_list),
    )
    _record(certificate, "", by=by, reason="")
    return certificate


def _next_number(day: date) -> str:
    name = f"{SERIES}-{day.year}"
    return f"{name}-{next_in(name):06}"


def _new_code() -> str:
    groups = ["".join(secrets.choice(SIGNS) for _ in range(IN_GROUP)) for _ in range(GROUPS)]
    return "-".join(groups)


def _list_with_room() -> StatusList:
    """Return a status list with a place free; its row stays locked until the transaction ends."""
    found = StatusList.objects.filter(taken__lt=MOST_IN_LIST).order_by("number").first()
    number = found.number if found else StatusList.objects.count() + 1
    StatusList.objects.get_or_create(number=number)
    StatusList.objects.filter(number=number).update(taken=F("taken") + 1)
    return StatusList.objects.get(number=number)


def _free_place(status_list: StatusList) -> int:
    """Draw a place by lot: a number that grew would tell how many certificates came before."""
    while True:
        place = secrets.randbelow(PLACES)
        if not Certificate.objects.filter(status_list=status_list, status_index=place).exists():
            return place


def _require_printable(enrollment: Enrollment) -> None:
    program = enrollment.cohort.program
    written = (enrollment.student.full_name, program.title, program.credential, enrollment.holder.legal_name)
    if characters := glyphs.unprintable(*written):
        raise ValidationError(
            f"Our fonts cannot print {', '.join(characters)}. Write the name or the program with other characters.",
            code="unprintable",
        )


def _record(certificate: Certificate, origin: str, *, by: User | None, reason: str) -> None:
    CertificateStatusChange.objects.create(
        certificate=certificate,
        from_status=origin,
        to_status=certificate.status,
        reason=reason,
        actor_label=by.get_username() if by else "",
    )
    # The reason may tell of the person: it stands in the history, and not in the audit.
    audit.record(by, "students.certificate.revoked" if origin else ISSUED, certificate, number=certificate.number)
