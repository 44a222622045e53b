"""The archive's ledger: every archived document once, each entry bound to the one before it by its hash.

A document enters it right after the transaction that archived it, and in a transaction of its own: so nobody who archives
waits for anybody else's transaction to end, and no two wait for each other. What a crash kept from it, and what was
archived before there was a ledger, the sweep and the check of the archive enter.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from autopilot import clock, storable
from autopilot.models.documents import Document
from autopilot.models.ledger import LedgerEntry

Deed = LedgerEntry.Deed
BATCH = 500
RECENT = timedelta(days=2)
LOCK = 0x6C656467  # any number will do that no other advisory lock of the database has


def enter(documents: Iterable[UUID]) -> int:
    """Enter archived documents, unless they stand there; returns how many were entered."""
    with transaction.atomic():
        _lock()
        waiting = not_entered().filter(pk__in=list(documents)).defer("snapshot").order_by("pk")
        return len([_append(Deed.ARCHIVED, document) for document in waiting])


def enter_disposal(document: Document) -> LedgerEntry:
    """Enter that a document's file is destroyed, in the caller's transaction, which should end soon."""
    _lock()
    return _append(Deed.DISPOSED, document)


def enter_forgotten(*, everything: bool = False) -> int:
    """Enter what is not in the ledger yet, of the last two days or of all time; returns how many were entered."""
    waiting = not_entered().order_by("pk").values_list("pk", flat=True)
    if not everything:
        waiting = waiting.filter(pk__gte=_first_id_of(clock.now() - RECENT))
    entered = 0
    while batch := list(waiting[:BATCH]):
        entered += enter(batch)
    return entered


def not_entered() -> QuerySet[Document]:
    """Return the documents that are not in the ledger."""
    return Document.objects.filter(~Exists(LedgerEntry.objects.filter(document=OuterRef("pk"), deed=Deed.ARCHIVED)))


def head() -> tuple[int, str]:
    """Return position and hash of the last entry; 0 and an empty text for an empty ledger."""
    last = LedgerEntry.objects.order_by("-position").values_list("position", "hash").first()
    return last or (0, "")


def hash_of(entry: LedgerEntry) -> str:
    """Return the SHA-256, in hexadecimal, over everything else that an entry says."""
    return storable.digest(
        {
            "position": entry.position,
            "deed": entry.deed,
            "document": entry.document_id,
            "sha256": entry.sha256,
            "fingerprint": entry.fingerprint,
            "previous": entry.previous,
            "at": entry.at,
        }
    )


def _append(deed: Deed, document: Document) -> LedgerEntry:
    position, last = head()
    entry = LedgerEntry(
        position=position + 1,
        deed=deed,
        document=document,
        sha256=document.sha256,
        fingerprint=document.fingerprint,
        previous=last,
        at=clock.now(),
    )
    entry.hash = hash_of(entry)
    entry.save(force_insert=True)
    return entry


def _lock() -> None:
    """Let one transaction at a time read the head and write after it; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _first_id_of(moment: datetime) -> UUID:
    """Return the least id that a row made at a time can have (RFC 9562 §5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
