"""The archive on a local disk: read-only files under the name of their own SHA-256."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from autopilot.documents.errors import ArchiveError, DocumentAltered, DocumentMissing

READ_ONLY = 0o444
FOLDER = 0o750
DIGITS = 64


class Disk:
    """Files below ARCHIVE_ROOT."""

    def keep(self, sha256: str, content: bytes) -> None:
        """Write bytes down so that they survive a power cut; nothing bears the name where that fails."""
        path = path_of(sha256)
        if path.exists():
            self.inspect(sha256)
            return
        try:
            path.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
            if not _write_once(content, path):  # another process archived the same bytes meanwhile, and was first
                self.inspect(sha256)
        except OSError as error:
            raise ArchiveError(f"The archive cannot be written: {error.strerror}.") from error

    def fetch(self, sha256: str) -> bytes:
        """Return the bytes of the file, whatever they are."""
        try:
            return path_of(sha256).read_bytes()
        except FileNotFoundError:
            raise DocumentMissing.of(sha256) from None

    def inspect(self, sha256: str) -> None:
        """Compare a file with its name, without holding it in memory."""
        try:
            with path_of(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise DocumentMissing.of(sha256) from None
        except OSError as error:
            raise ArchiveError(f"The archived file {sha256} cannot be read: {error.strerror}.") from None
        if found != sha256:
            raise DocumentAltered.of(sha256)

    def has(self, sha256: str) -> bool:
        """Return whether the file is there."""
        return path_of(sha256).exists()

    def names(self) -> Iterator[str]:
        """Yield the name of every file."""
        for path in Path(settings.ARCHIVE_ROOT).glob("??/??/*"):
            if len(path.name) == DIGITS and not path.name.startswith("."):
                yield path.name

    def hold(self, sha256: str) -> None:
        """Do nothing: a disk knows no holds; the database keeps them."""

    def release(self, sha256: str) -> None:
        """Do nothing, as `hold`."""

    def remove(self, sha256: str) -> None:
        """Destroy a file; one that is gone is gone."""
        path = path_of(sha256)
        try:
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync_folder(path.parent)
        except OSError as error:
            raise ArchiveError(f"The archived file {sha256} cannot be removed: {error.strerror}.") from error


def path_of(sha256: str) -> Path:
    """Return where the file of a SHA-256 lies, if it is there."""
    return Path(settings.ARCHIVE_ROOT) / sha256[:2] / sha256[2:4] / sha256


def _write_once(content: bytes, path: Path) -> bool:
    """Write beside, then link: the name appears with the whole content or not at all, and never replaces another.

    Returns whether it was this file that got the name.
    """
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
        linked = _link(draft, path)
    finally:
        os.unlink(draft)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)
    return linked


def _link(draft: str, path: Path) -> bool:
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
