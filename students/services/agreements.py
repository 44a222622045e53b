"""Enrollment agreements: printed for one student, signed by a click on exactly what was shown, with what was acknowledged."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from autopilot import audit, clock, trace
from autopilot.document_types import UnprintableField, produce
from autopilot.documents import archive, glyphs
from autopilot.engine import emit
from autopilot.storable import digest
from programs import codes
from programs.models import Program, Site
from students import consents
from students.models import (
    Agreement,
    AgreementSignature,
    Enrollment,
    EnrollmentStatus,
    Funding,
    ProgramPolicy,
)
from students.services.persons import own_records

SIGNED = "students.agreement.signed"
SLUG, TITLE = "enrollment_agreement", "Enrollment agreement"
LONGEST_NAME, LONGEST_AGENT = 150, 400
TO_SIGN = (EnrollmentStatus.APPLIED, EnrollmentStatus.ACCEPTED, EnrollmentStatus.ACTIVE)
# All that the hash of a signature covers.
COVERED = (
    "id", "agreement_id", "signer_id", "name", "document_sha256", "consent_version", "consent_digest", "notice_version",
    "notice_digest", "ferpa_consents", "ferpa_version", "ferpa_digest", "ip", "user_agent", "signed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Pen:
    """What a student typed and was shown.

    `document_sha256` is the digest of the file on the page, `consents_to` the version of the disclosure that was
    accepted, blank if it was not.
    """

    name: str
    document_sha256: str
    consents_to: str
    user_agent: str = ""


def prepare_agreement(enrollment: Enrollment, *, consents_to_disclosure: bool, notice_version: str) -> Agreement:
    """Print the agreement of an enrollment and let it stand in the place of one that is not signed yet.

    Not in a transaction: printing takes a second. `notice_version` is that of the notice of 29 CFR 38.35 which the
    student has acknowledged. Raises ValidationError with the code `no_notice`, `not_to_sign`, `signed`, `no_policy`
    where the school has not entered its rules, or `unprintable`.
    """
    if notice_version != consents.VERSION:
        raise ValidationError("Read the notice, and say that you have received it.", code="no_notice")
    _require_to_sign(enrollment)
    context = context_of(enrollment, consents_to_disclosure=consents_to_disclosure)
    try:
        document = produce(SLUG, context, title=TITLE, tenant_id=enrollment.holder_id, created=clock.now())
    except UnprintableField as problem:
        raise ValidationError(f"The agreement cannot be printed: {problem}", code="unprintable") from problem
    with transaction.atomic():
        Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
        _require_to_sign(enrollment)
        Agreement.objects.filter(enrollment=enrollment, replaced_at=None).update(replaced_at=clock.now())
        return Agreement.objects.create(
            enrollment=enrollment, document=document, consents=consents_to_disclosure, notice_version=notice_version
        )


@transaction.atomic
def sign_agreement(agreement: Agreement, pen: Pen, *, by: User) -> AgreementSignature:
    """Sign for the student the exact file that was shown; the school is told.

    Raises PermissionDenied for anybody else, and ValidationError under `name` or `consent`, or with the code
    `document_changed`, `signed` or `not_to_sign`.
    """
    if not by.is_active or not own_records(by).filter(pk=agreement.enrollment.student_id).exists():
        raise PermissionDenied("Only the student signs this agreement.")
    standing = Agreement.objects.select_for_update(of=("self",)).select_related("document").get(pk=agreement.pk)
    _require_to_sign(standing.enrollment)
    _check_pen(standing, pen)
    archive.read(standing.document)
    signature = _signature(standing, pen, by)
    signature.hash = hash_of(signature)
    signature.save(force_insert=True)
    Agreement.objects.filter(pk=standing.pk).update(signed_at=signature.signed_at)
    audit.record(by, SIGNED, standing, signature_hash=signature.hash, document_sha256=pen.document_sha256)
    emit(SIGNED, tenant_id=standing.enrollment.holder_id, agreement_id=standing.pk)
    return signature


def standing_agreement(enrollment: Enrollment) -> Agreement | None:
    """Return the agreement that stands for an enrollment, signed or to be signed."""
    return Agreement.objects.select_related("document").filter(enrollment=enrollment, replaced_at=None).first()


def is_signed(enrollment: Enrollment) -> bool:
    """Return whether the student has signed."""
    return Agreement.objects.filter(enrollment=enrollment, signed_at__isnull=False).exists()


def is_unaltered(signature: AgreementSignature) -> bool:
    """Return whether a signature is as it was stored."""
    return signature.hash == hash_of(signature)


def hash_of(signature: AgreementSignature) -> str:
    """Return the SHA-256 of all that a signature says."""
    return digest({name: getattr(signature, name) for name in COVERED})


def context_of(enrollment: Enrollment, *, consents_to_disclosure: bool) -> dict[str, Any]:
    """Return what the agreement says, by the fields of its type; raises ValidationError with the code `no_policy`."""
    cohort, program, holder = enrollment.cohort, enrollment.cohort.program, enrollment.holder
    policy = ProgramPolicy.objects.filter(program=program).first()
    if policy is None:
        told = "The school has not entered its rules for this program yet: attendance, cancelling and refunds."
        raise ValidationError(told, code="no_policy")
    costs, total = _costs(program), program.cost
    funded = Decimal(0) if enrollment.funding == Funding.SELF_PAY else total
    return {
        "reference": reference_of(enrollment), "network_name": settings.NETWORK_NAME, "holder_name": holder.legal_name,
        "holder_address": _address(holder.sites.filter(closed_at=None).order_by("name").first()),
        "representative_name": policy.representative, "student_name": enrollment.student.full_name,
        "program": program.title, "program_code": None, "credential": program.credential or None,
        "starts_on": cohort.starts_on, "ends_on": cohort.ends_on, "schedule": _schedule(enrollment),
        "clock_hours": program.clock_hours, "costs": costs, "total": total,
        "funding": enrollment.get_funding_display(), "funded": funded, "owed": total - funded, "payment_plan": None,
        "progress_weeks": policy.progress_weeks, "attendance_percent": policy.attendance_percent,
        "cancel_days": policy.cancel_days, "refund_policy": policy.refund_policy, "consents": consents_to_disclosure,
    }  # fmt: skip


def reference_of(enrollment: Enrollment) -> str:
    """Return how an enrollment is called on paper."""
    return f"ENR-{str(enrollment.pk)[-12:].upper()}"


def _require_to_sign(enrollment: Enrollment) -> None:
    if is_signed(enrollment):
        raise ValidationError("This agreement is signed.", code="signed")
    if enrollment.status not in TO_SIGN:
        raise ValidationError("This enrollment is over; there is nothing to sign.", code="not_to_sign")


def _check_pen(agreement: Agreement, pen: Pen) -> None:
    wrong: dict[str, ValidationError] = {}
    name = glyphs.fold(pen.name).strip()
    if not name or len(name) > LONGEST_NAME:
        wrong["name"] = ValidationError("Type your full name; it is your signature.", code="name")
    if pen.consents_to != consents.VERSION:
        wrong["consent"] = ValidationError("Read the text above, and tick the box to sign.", code="no_consent")
    if wrong:
        raise ValidationError(wrong)
    if agreement.replaced_at is not None or pen.document_sha256 != agreement.document.sha256:
        raise ValidationError(
            "The agreement on your page is not the one that stands now. Open the page again, and read it.",
            code="document_changed",
        )


def _signature(agreement: Agreement, pen: Pen, by: User) -> AgreementSignature:
    version, notice = pen.consents_to, agreement.notice_version
    return AgreementSignature(
        agreement=agreement, signer=by, name=glyphs.fold(pen.name).strip(), document_sha256=pen.document_sha256,
        consent_version=version, consent_digest=consents.digest_of(consents.DISCLOSURE, version),
        notice_version=notice, notice_digest=consents.digest_of(consents.NOTICE, notice),
        ferpa_consents=agreement.consents, ferpa_version=version,
        ferpa_digest=consents.digest_of(consents.FERPA, version), ip=trace.current().ip,
        user_agent=pen.user_agent[:LONGEST_AGENT], signed_at=clock.now(),
    )  # fmt: skip


def _costs(program: Program) -> list[dict[str, Any]]:
    lines = {"Tuition": program.tuition, "Fees": program.fees, "Books": program.books,
             "Tools and supplies": program.supplies, "Other costs": program.other_costs}  # fmt: skip
    return [{"what": what, "amount": amount} for what, amount in lines.items() if amount]


def _address(site: Site | None) -> str:
    if site is None:
        return "No training site is open yet"
    return f"{site.street}\n{site.city}, {codes.STATES.get(site.state, site.state)} {site.zip}"


def _schedule(enrollment: Enrollment) -> str:
    lines = [
        f"{rule.day}, {rule.starts_at:%-I:%M %p} to {rule.ends_at:%-I:%M %p}"
        for rule in enrollment.cohort.rules.order_by("weekday", "starts_at")
    ]
    return "\n".join(lines) or "The school announces the days and hours before the first session"
