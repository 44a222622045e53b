"""The door to the archive: keep a file with its meaning, and get it back unaltered or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from autopilot import storable
from autopilot.documents import ledger, vault
from autopilot.documents.errors import ArchiveError, DocumentDisposed, DocumentMissing
from autopilot.documents.provenance import Provenance
from autopilot.models.documents import Document
from autopilot.models.ledger import LedgerEntry

MEANING = ("tenant_id", "sha256", "size", "media_type", "title", "snapshot")
MAKING = ("template", "template_digest", "renderer", "fonts_digest")


@dataclass(frozen=True)
class Damage:
    """A file that the archive no longer holds as it was archived."""

    sha256: str
    problem: str


def store(
    content: bytes,
    *,
    media_type: str,
    title: str,
    tenant_id: UUID,
    snapshot: Mapping[str, Any] | None = None,
    provenance: Provenance | None = None,
    retain_until: date | None = None,
) -> Document:
    """Archive a file and return its row; the same file in the same meaning returns the row that is there.

    A step that runs again after a crash can therefore call it again. The file is written first and outlives a
    transaction that is rolled back: it then waits, unnamed, for the same bytes to come again. Once the transaction has
    committed, the document enters the ledger.

    `snapshot` is the data the file was made from and `provenance` what made it (`provenance.of(template)`).
    `retain_until` is the last day it must be kept; none means until someone decides.

    Raises ValidationError for a text that is empty or too long for its column, DocumentAltered if the archive holds
    this file with other bytes in it, DocumentDisposed for what was disposed of, ArchiveError if it cannot be written.
    """
    meaning = asdict(provenance or Provenance()) | {
        "tenant_id": tenant_id,
        "sha256": vault.keep(content),
        "size": len(content),
        "media_type": media_type,
        "title": title,
        "snapshot": storable.to_storable(snapshot or {}),
    }
    fingerprint, facts = storable.digest(meaning), meaning | {"retain_until": retain_until}
    Document(fingerprint=fingerprint, **facts).clean_fields()
    document, created = Document.objects.get_or_create(fingerprint=fingerprint, defaults=facts)
    if created:
        transaction.on_commit(lambda: ledger.enter([document.pk]), robust=True)
    elif is_disposed(document):
        raise DocumentDisposed
    return document


def read(document: Document) -> bytes:
    """Return the bytes that were archived; raise DocumentMissing or DocumentAltered if they are not there any more,
    and DocumentDisposed if they were destroyed on purpose.
    """
    try:
        return vault.fetch(document.sha256)
    except DocumentMissing:
        if is_disposed(document):
            raise DocumentDisposed from None
        raise


def is_disposed(document: Document) -> bool:
    """Return whether the document's file was destroyed on purpose."""
    return LedgerEntry.objects.filter(document=document, deed=LedgerEntry.Deed.DISPOSED).exists()


def kept() -> QuerySet[Document]:
    """Return the documents whose files must be there."""
    return Document.objects.exclude(ledger__deed=LedgerEntry.Deed.DISPOSED)


def fingerprint_of(document: Document) -> str:
    """Return the fingerprint that follows from what a document's row says."""
    return storable.digest({name: getattr(document, name) for name in (*MEANING, *MAKING)})


def verify_all(progress: Callable[[int, int], None] | None = None) -> list[Damage]:
    """Check every archived file against its digest and return those that are damaged.

    `progress` is called after each file with the number of files done and the number of all.
    """
    digests = kept().order_by("sha256").values_list("sha256", flat=True).distinct()
    total = digests.count()
    damages = []
    for done, sha256 in enumerate(digests.iterator(), start=1):
        damages += _damage(sha256)
        if progress:
            progress(done, total)
    return damages


def _damage(sha256: str) -> list[Damage]:
    try:
        vault.inspect(sha256)
    except ArchiveError as error:
        return [Damage(sha256, str(error))]
    return []
