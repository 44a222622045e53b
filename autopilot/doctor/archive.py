"""Whether the archive still holds what it was given."""

import secrets
from collections.abc import Iterable, Iterator

from autopilot.doctor.findings import Finding
from autopilot.documents import archive, ledger_check, vault
from autopilot.documents.errors import ArchiveError

NEWEST, AT_RANDOM = 50, 50
NEWEST_ENTRIES = 500
LEDGER_REMEDY = (
    "Somebody wrote past the archive: keep the database as it is, and compare it with a backup and with the heads that"
    " were mailed."
)
REMEDY = "Restore this file from a backup of the archive."


def damaged_documents(everything: bool) -> Iterator[Finding]:
    """Archived files that are gone or altered: among the newest 50 and 50 at random, or among all."""
    for sha256 in _digests(everything):
        try:
            vault.inspect(sha256)
        except ArchiveError as error:
            yield Finding("documents", f"file {sha256}", str(error), REMEDY)


def broken_ledger(everything: bool) -> Iterator[Finding]:
    """What is wrong with the archive's ledger: in its last 500 entries, or in all of it."""
    for flaw in ledger_check.flaws(newest=0 if everything else NEWEST_ENTRIES):
        yield Finding("ledger", flaw.subject, flaw.problem, LEDGER_REMEDY)


def _digests(everything: bool) -> Iterable[str]:
    if everything:
        return archive.kept().order_by("sha256").values_list("sha256", flat=True).distinct().iterator()
    newest = archive.kept().order_by("-created_at", "-id").values_list("sha256", flat=True)[:NEWEST]
    return dict.fromkeys([*newest, *_at_random()])


def _at_random() -> list[str]:
    """Return some digests: what follows a random one is as random as it, and found by the index."""
    after = archive.kept().filter(sha256__gte=secrets.token_hex(32)).order_by("sha256")
    return list(after.values_list("sha256", flat=True)[:AT_RANDOM])
