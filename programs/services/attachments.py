"""The documents that come with an application, from the moment somebody chooses a file.

A file is archived when it is chosen, long before the form is complete. From then on the form carries a reference to it,
signed, so that nobody can name a document that they did not upload.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID, uuid5

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import Exists, OuterRef, Q

from autopilot import clock, uploads
from autopilot.documents import archive, disposal
from autopilot.documents.errors import DocumentDisposed
from autopilot.identifiers import uuid7
from autopilot.models import Document, LegalHold
from programs.facts import AttachmentFacts
from programs.models import Application, ApplicationDraft, ApplicationUpload, RequirementType
from programs.services.drafts import KEPT_FOR
from programs.services.requirements import MOU, plain_name

SALT = "programs.attachments"
ATTACHED = "attached"  # the field of a form that names what it carries
AT_A_TIME = 500
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
    try:
        document = uploads.receive(file, title=f"Attachment: {name}", tenant_id=tenant_id)
    except DocumentDisposed:
        text = "This form is too old: its files are gone. Open the form anew, and attach the file there."
        raise ValidationError(text, code="too_old") from None
    ApplicationUpload.objects.update_or_create(document=document, defaults={"uploaded_at": clock.now()})
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
    held = {str(each.pk): each for each in archive.kept().filter(pk__in=[each.document_id for each in attachments])}
    return tuple(_brought(tenant_id, each, held[each.document_id]) for each in attachments if each.document_id in held)


def forget_unsent() -> int:
    """Destroy the files that were chosen for forms nobody sent, 30 days after; returns how many. In a transaction.

    What a draft that can still be opened holds stays, as does what is under a legal hold. Once their applicant has sent
    an application they are records, and the rules of retention count.
    """
    old = ApplicationUpload.objects.filter(uploaded_at__lte=clock.now() - KEPT_FOR)
    applicants = Application.objects.filter(tenant_id=OuterRef("document__tenant_id"))
    old.filter(Exists(applicants)).delete()
    unsent = old.exclude(document_id__in=_in_drafts()).exclude(
        document__in=LegalHold.objects.filter(lifted_at=None).values("document")
    )
    uploads_of_nobody = list(unsent.select_related("document")[:AT_A_TIME])
    for upload in uploads_of_nobody:
        disposal.forget(upload.document, reason="It was chosen for an application that nobody sent.")
        upload.delete()
    return len(uploads_of_nobody)


def _in_drafts() -> list[UUID]:
    opened = ApplicationDraft.objects.filter(expires_at__gt=clock.now()).values_list("contents", flat=True)
    return [UUID(each.document_id) for contents in opened for each in find_attachments(contents.get(ATTACHED, []))]


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
