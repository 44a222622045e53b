"""The files of a certificate: the signed credential, the PDF that carries it, and the published list of what was revoked.

Whatever is signed here is signed by a job, so that the private key need not lie where strangers knock.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from joserfc.jwk import RSAKey

from autopilot import clock
from autopilot.document_types import produce
from autopilot.documents import archive, binding, provenance
from autopilot.exceptions import Invalid
from autopilot.models import Document
from students.badges import credentials, keys, signing, status_lists
from students.badges.credentials import Earned, Issuer
from students.models import Certificate, CertificateStatus, SigningKey, StatusList
from students.services.certificates import address_of
from students.services.milestones import milestones_of

SLUG, PDF = "certificate", "application/pdf"
INSIDE = "credential.jwt"
WHAT = "The same certificate as a signed Open Badges 3.0 credential, which machines can check."


def make_files(certificate_id: UUID) -> tuple[UUID, UUID]:
    """Sign the credential of a certificate, print its PDF with the credential inside, and archive both; returns their ids.

    Safe to repeat: the same key gives the same bytes. Not in a transaction. Raises KeyUnavailable, and what
    `document_types.produce` raises.
    """
    certificate = Certificate.objects.select_related("enrollment__cohort__program").get(pk=certificate_id)
    badge = sign_badge(certificate)
    title = f"Certificate {certificate.number}"
    printed = produce(
        SLUG, printed_context(certificate), title=title, tenant_id=certificate.holder_id, created=certificate.issued_at
    )
    inside = {INSIDE: (archive.read(badge), signing.MEDIA_TYPE, WHAT)}
    bound = binding.attach(archive.read(printed), inside, at=certificate.issued_at, relationship="Data")
    document = archive.store(
        bound,
        media_type=PDF,
        title=title,
        tenant_id=certificate.holder_id,
        snapshot={"printed": printed.sha256, "credential": badge.sha256},
        provenance=provenance.Provenance(
            printed.template, printed.template_digest, printed.renderer, printed.fonts_digest
        ),
    )
    return badge.pk, document.pk


def sign_badge(certificate: Certificate) -> Document:
    """Sign the credential of a certificate and archive it; raises KeyUnavailable."""
    return archive.store(
        signed(credential_of(certificate)).encode(),
        media_type=signing.MEDIA_TYPE,
        title=f"Credential of certificate {certificate.number}",
        tenant_id=certificate.holder_id,
    )


def credential_of(certificate: Certificate) -> credentials.Credential:
    """Return what a certificate says, as the credential that is signed."""
    asked = milestones_of(certificate.enrollment).filter(required=True)
    titles = [f"“{each.title}”" for each in asked]
    behind = f" and every required milestone: {', '.join(titles)}" if titles else ""
    return credentials.credential_of(
        Earned(
            id=address_of(certificate),
            issuer=issuer(),
            subject=f"urn:uuid:{certificate.enrollment.student_id}",
            student_name=certificate.student_name,
            achievement=f"urn:uuid:{certificate.enrollment.cohort.program_id}",
            title=certificate.title,
            description=f"{certificate.program_title}: {certificate.clock_hours:,} clock hours with "
            f"{certificate.holder_name}.",
            criteria=f"The training was completed{behind}.",
            completed_on=certificate.completed_on,
            issued_at=certificate.issued_at,
            status_list=list_address(certificate.status_list_id),
            status_index=certificate.status_index,
        )
    )


def printed_context(certificate: Certificate) -> dict[str, Any]:
    """Return what the paper says, by the fields of its type."""
    names = ("student_name", "clock_hours", "holder_name", "completed_on", "issuer")
    return {name: getattr(certificate, name) for name in names} | {
        "reference": certificate.number,
        "kind": "program",
        "achievement": certificate.program_title,
        "credential": certificate.credential or None,
        "issued_on": clock.day_of(certificate.issued_at),
        "signer_name": settings.CERTIFICATE_SIGNER,
        "signer_title": settings.CERTIFICATE_SIGNER_TITLE,
        "verify_at": address_of(certificate),
    }


@transaction.atomic
def publish_list(number: int) -> int:
    """Sign a status list as it stands now and publish it; returns how many certificates in it are revoked."""
    # Locked before it is read: whoever publishes later has seen no less.
    row = StatusList.objects.select_for_update().get(pk=number)
    revoked = Certificate.objects.filter(status_list=row, status=CertificateStatus.REVOKED)
    places, at = sorted(revoked.values_list("status_index", flat=True)), clock.now()
    told = status_lists.list_credential(list_address(number), issuer=issuer(), revoked=places, at=at)
    StatusList.objects.filter(pk=number).update(signed=signed(told), published_at=at)
    return len(places)


def publish_first_list(certificate_id: UUID) -> None:
    """See that the status list of a certificate is published before the certificate is, which names it."""
    row = StatusList.objects.get(certificates=certificate_id)
    if not row.signed:
        publish_list(row.pk)


def signed(credential: credentials.Credential) -> str:
    """Return a credential signed with the key at hand, whose public half is published from then on."""
    key = keys.signing_key()
    return signing.sign(credential, key=key, kid=key_address(_registered(key).pk))


def published_keys() -> list[dict[str, str]]:
    """Return every public key there ever was, as JSON Web Keys named by their address; the latest first."""
    return [{**row.jwk, "kid": key_address(row.pk)} for row in SigningKey.objects.all()]


def issuer() -> Issuer:
    """Return who issues."""
    return Issuer(settings.BASE_URL, settings.NETWORK_NAME)


def list_address(number: int) -> str:
    """Return the address of a status list."""
    return f"{settings.BASE_URL}/verify/status-lists/{number}"


def key_address(kid: str) -> str:
    """Return the address of a public key."""
    return f"{settings.BASE_URL}/verify/keys/{kid}"


def _registered(key: RSAKey) -> SigningKey:
    kid = keys.name_of(key)
    row, _ = SigningKey.objects.get_or_create(kid=kid, defaults={"jwk": keys.public_half(key)})
    if row.jwk != keys.public_half(key):
        raise Invalid(f"The public key {kid} was registered with other numbers.")
    return row
