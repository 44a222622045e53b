"""The documents that come with an application, from the moment somebody chooses a file.

A file is archived when it is chosen, long before the form is complete. From then on the form carries a reference to it,
signed, so that nobody can name a document that they did not upload.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID, uuid5

from django.core import signing
from django.core.files.base import File
from django.db.models import Q

from autopilot import clock, uploads
from autopilot.documents import archive
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.facts import AttachmentFacts
from programs.models import RequirementType
from programs.services.requirements import MOU, plain_name

SALT = "programs.attachments"
FORMS = UUID("6f9d7a52-8b1e-5c3f-a0d4-2e7b90c4f116")


def kinds() -> list[tuple[str, str]]:
    """Return what a document can prove: the slug and title of each requirement of today that is a holder's own.

    The MOU is not among them, because it is signed and not uploaded.
    """
    today = clock.today()
    asked = RequirementType.objects.filter(Q(effective_to=None) | Q(effective_to__gte=today), per_program=False)
    return list(asked.filter(effective_from__lte=today).exclude(slug=MOU).values_list("slug", "title"))


def tenant_of_form(form_key: str) -> UUID:
    """Return the tenant that a form will bring in, which follows from the key of the form."""
    try:
        return uuid5(FORMS, str(UUID(form_key)))
    except ValueError:
        return uuid7()


def attach(file: "File[Any]", *, kind: str, tenant_id: UUID) -> AttachmentFacts:
    """Archive a file for an applicant; raises ValidationError as `autopilot.uploads.receive` does.

    Call it outside a transaction. `kind` is one of `kinds()`, or blank.
    """
    known = kind if kind in dict(kinds()) else ""
    name = plain_name(file.name or "")
    document = uploads.receive(file, title=f"Attachment: {name}", tenant_id=tenant_id)
    return AttachmentFacts(known, name, str(document.pk), document.sha256)


def reference_to(attachment: AttachmentFacts) -> str:
    """Return the signed reference by which a form or a request names an attachment."""
    return signing.dumps(asdict(attachment), salt=SALT, compress=True)


def find_attachments(references: Iterable[str]) -> tuple[AttachmentFacts, ...]:
    """Return the attachments that references name, each once; a reference that we did not sign is left out."""
    found = (_attachment(reference) for reference in references)
    return tuple({each.document_id: each for each in found if each is not None}.values())


def brought_to(tenant_id: UUID, attachments: Sequence[AttachmentFacts]) -> tuple[AttachmentFacts, ...]:
    """Return attachments as documents of a tenant; what was uploaded before the tenant was known is archived for it."""
    held = {str(each.pk): each for each in Document.objects.filter(pk__in=[each.document_id for each in attachments])}
    return tuple(_brought(tenant_id, each, held[each.document_id]) for each in attachments if each.document_id in held)


def _brought(tenant_id: UUID, attachment: AttachmentFacts, document: Document) -> AttachmentFacts:
    if document.tenant_id == tenant_id:
        return attachment
    own = archive.store(
        archive.read(document), media_type=document.media_type, title=document.title, tenant_id=tenant_id
    )
    return replace(attachment, document_id=str(own.pk))


def _attachment(reference: str) -> AttachmentFacts | None:
    try:
        return AttachmentFacts(**signing.loads(reference, salt=SALT))
    except signing.BadSignature:
        return None
