"""The archive's files: written once, under the name of their own SHA-256, and never touched again."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from autopilot.documents.errors import ArchiveError, DocumentAltered, DocumentMissing

READ_ONLY = 0o444
FOLDER = 0o750


def keep(content: bytes) -> str:
    """Write bytes down, once and for good, and return their SHA-256; safe to repeat and to do at the same time.

    When it returns, they survive a power cut. Raises DocumentAltered if the file is there with other bytes in it, and
    ArchiveError if it cannot be written, as on a full disk: nothing bears its name then.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256)
    if path.exists():
        inspect(sha256)
        return sha256
    try:
        path.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        _write_once(content, path)
    except OSError as error:
        raise ArchiveError(f"The archive cannot be written: {error.strerror}.") from error
    return sha256


def fetch(sha256: str) -> bytes:
    """Return the bytes of this SHA-256; raise DocumentMissing or DocumentAltered rather than anything else."""
    try:
        content = _path(sha256).read_bytes()
    except FileNotFoundError:
        raise _missing(sha256) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _altered(sha256)
    return content


def inspect(sha256: str) -> None:
    """Check a file without holding it in memory; raise as `fetch` does, and ArchiveError if it cannot be read."""
    try:
        with _path(sha256).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise _missing(sha256) from None
    except OSError as error:
        raise ArchiveError(f"The archived file {sha256} cannot be read: {error.strerror}.") from None
    if found != sha256:
        raise _altered(sha256)


def _path(sha256: str) -> Path:
    return Path(settings.ARCHIVE_ROOT) / sha256[:2] / sha256[2:4] / sha256


def _write_once(content: bytes, path: Path) -> None:
    """Write beside, then link: the name appears with the whole content or not at all, and never replaces another."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        os.unlink(draft)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)


def _link(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:  # another process archived the same bytes meanwhile, and was first
        inspect(path.name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(sha256: str) -> DocumentMissing:
    return DocumentMissing(f"The archived file {sha256} is gone; restore it from a backup.")


def _altered(sha256: str) -> DocumentAltered:
    return DocumentAltered(f"The archived file {sha256} is not what was archived; restore it from a backup.")
