"""Whether the ledger is whole, and says of every document what its row says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from autopilot import clock
from autopilot.documents import archive, ledger
from autopilot.models.ledger import LedgerAnchor, LedgerEntry

CHUNK = 500
SETTLED = timedelta(hours=1)


@dataclass(frozen=True)
class Flaw:
    """Something about the ledger that is not as it was written; `subject` names it by its id."""

    subject: str
    problem: str


def flaws(*, newest: int = 0) -> Iterator[Flaw]:
    """Yield what is wrong with the ledger, with rows it speaks of, and with the heads that were published.

    `newest` is how many entries are read, counted from the end; 0 reads all.
    """
    yield from _flaws_of_entries(ledger.head()[0] - newest if newest else 0)
    yield from _flaws_of_anchors()
    late = ledger.not_entered().filter(created_at__lt=clock.now() - SETTLED).order_by("pk")
    for document in late.values_list("pk", flat=True).iterator():
        yield Flaw(f"document {document}", "It is not in the ledger.")


def is_head(position: int, head: str) -> bool:
    """Return whether the ledger still has, at a position, the hash that was published for it."""
    if position == 0:
        return head == ""
    return LedgerEntry.objects.filter(position=position, hash=head).exists()


def _flaws_of_entries(after: int) -> Iterator[Flaw]:
    before = LedgerEntry.objects.filter(position=after).first() if after > 0 else None
    expected, last = (before.position + 1, before.hash) if before else (1, "")
    entries = LedgerEntry.objects.filter(position__gte=expected).select_related("document").order_by("position")
    for entry in entries.iterator(CHUNK):
        if problem := _problem(entry, expected, last):
            yield Flaw(f"ledger entry {entry.position}", problem)
        expected, last = entry.position + 1, entry.hash


def _problem(entry: LedgerEntry, expected: int, last: str) -> str:
    if entry.position != expected:
        return f"The entries from {expected} to {entry.position - 1} are missing."
    if entry.previous != last:
        return "It does not follow from the entry before it."
    if entry.hash != ledger.hash_of(entry):
        return "It was altered."
    document = entry.document
    if (entry.sha256, entry.fingerprint) != (document.sha256, archive.fingerprint_of(document)):
        return f"The row of document {document.pk} is not what was archived."
    return ""


def _flaws_of_anchors() -> Iterator[Flaw]:
    for anchor in LedgerAnchor.objects.order_by("day").iterator():
        if not is_head(anchor.position, anchor.head):
            yield Flaw(f"ledger head of {anchor.day}", f"Entry {anchor.position}, which was published, is not there.")
