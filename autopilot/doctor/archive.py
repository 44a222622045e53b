"""Whether the archive still holds what it was given."""

import secrets
from collections.abc import Iterable, Iterator

from autopilot.doctor.findings import Finding
from autopilot.documents import vault
from autopilot.documents.errors import ArchiveError
from autopilot.models import Document

NEWEST, AT_RANDOM = 50, 50
REMEDY = "Restore this file from a backup of the archive."


def damaged_documents(everything: bool) -> Iterator[Finding]:
    """Archived files that are gone or altered: among the newest 50 and 50 at random, or among all."""
    for sha256 in _digests(everything):
        try:
            vault.inspect(sha256)
        except ArchiveError as error:
            yield Finding("documents", f"file {sha256}", str(error), REMEDY)


def _digests(everything: bool) -> Iterable[str]:
    if everything:
        return Document.objects.order_by("sha256").values_list("sha256", flat=True).distinct().iterator()
    newest = Document.objects.order_by("-created_at", "-id").values_list("sha256", flat=True)[:NEWEST]
    return dict.fromkeys([*newest, *_at_random()])


def _at_random() -> list[str]:
    """Return some digests: what follows a random one is as random as it, and found by the index."""
    after = Document.objects.filter(sha256__gte=secrets.token_hex(32)).order_by("sha256")
    return list(after.values_list("sha256", flat=True)[:AT_RANDOM])
