"""The archive's files: written once, under the name of their own SHA-256, and never touched again.

Where they lie is a setting, ARCHIVE_STORAGE: a local disk, or a bucket of S3 with Object Lock. Whatever it is, what is
read is compared with its name here.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Protocol

from django.conf import settings

from autopilot.documents.disk import Disk
from autopilot.documents.errors import DocumentAltered
from autopilot.documents.s3 import Bucket


class Storage(Protocol):
    """Where files lie. Methods raise ArchiveError for a storage that cannot be used, DocumentMissing for a file that
    is gone, DocumentAltered for one that is not what its name says.
    """

    def keep(self, sha256: str, content: bytes) -> None:
        """Write bytes down for good; never over others. Safe to repeat and to do at the same time."""

    def fetch(self, sha256: str) -> bytes:
        """Return the bytes."""

    def inspect(self, sha256: str) -> None:
        """Compare a file with its name, without holding it in memory."""

    def has(self, sha256: str) -> bool:
        """Return whether the file is there."""

    def names(self) -> Iterator[str]:
        """Yield the name of every file."""

    def hold(self, sha256: str) -> None:
        """Have the storage refuse to remove a file, where it can."""

    def release(self, sha256: str) -> None:
        """End what `hold` began."""

    def remove(self, sha256: str) -> None:
        """Destroy a file; one that is gone is gone."""


def keep(content: bytes) -> str:
    """Write bytes down, once and for good, and return their SHA-256; safe to repeat and to do at the same time.

    When it returns, they survive a power cut. Raises DocumentAltered if the file is there with other bytes in it, and
    ArchiveError if it cannot be written, as on a full disk: nothing bears its name then.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    storage().keep(sha256, content)
    return sha256


def fetch(sha256: str) -> bytes:
    """Return the bytes of this SHA-256; raise DocumentMissing or DocumentAltered rather than anything else."""
    content = storage().fetch(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DocumentAltered.of(sha256)
    return content


def inspect(sha256: str) -> None:
    """Check a file without holding it in memory; raise as `fetch` does, and ArchiveError if it cannot be read."""
    storage().inspect(sha256)


def has(sha256: str) -> bool:
    """Return whether the file is there, whatever is in it; raise ArchiveError if nobody can tell."""
    return storage().has(sha256)


def names() -> Iterator[str]:
    """Yield the SHA-256 of every file that is there."""
    return storage().names()


def hold(sha256: str) -> None:
    """Have the storage itself refuse to remove a file, where it can; raise as `inspect` does."""
    storage().hold(sha256)


def release(sha256: str) -> None:
    """End what `hold` began."""
    storage().release(sha256)


def remove(sha256: str) -> None:
    """Destroy a file; only `disposal` decides that. Raises ArchiveError if the storage refuses."""
    storage().remove(sha256)


def storage() -> Storage:
    """Return where files lie, by the settings as they stand."""
    if settings.ARCHIVE_STORAGE == "s3":
        return _bucket(settings.ARCHIVE_S3_BUCKET, settings.ARCHIVE_S3_ENDPOINT, settings.ARCHIVE_S3_REGION)
    return Disk()


@cache
def _bucket(name: str, endpoint: str, region: str) -> Bucket:
    return Bucket(name, endpoint=endpoint, region=region)
