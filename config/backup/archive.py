"""The archived files in a backup: each is named by its own SHA-256, and none is ever overwritten by another."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from autopilot.documents import archive, disk, vault
from config.backup.errors import BackupError
from config.backup.package import ARCHIVED


def files() -> list[Path]:
    """Return the archived files in the order of their names; drafts and whatever else lies there are left out.

    Where they lie in a bucket there are none to pack: its versions and locks are its own backup.
    """
    return [path for path in sorted(_root().glob("??/??/*")) if ARCHIVED.fullmatch(name_of(path))]


def name_of(path: Path) -> str:
    """Return the name of an archived file in a backup."""
    return f"archive/{path.relative_to(_root()).as_posix()}"


def put_back(staged: Path) -> Iterator[str]:
    """Move verified files of a backup into the archive and yield the name of each; sound ones there stay.

    Raises BackupError if the archive cannot be written. A file too many harms nobody: it is one nobody names.
    """
    for path in sorted(staged.glob("archive/??/??/*")):
        target = _root() / path.relative_to(staged / "archive")
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=disk.FOLDER)
            if not _is_sound(target):
                path.chmod(disk.READ_ONLY)
                os.replace(path, target)
        except OSError as error:
            raise BackupError(f"The archive {_root()} cannot be written: {error.strerror}.") from error
        yield path.name


def missing() -> int:
    """Return how many archived files that documents name are not there."""
    named = archive.kept().order_by().values_list("sha256", flat=True).distinct()
    return len(set(named.iterator()) - set(vault.names()))


def _is_sound(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == path.name


def _root() -> Path:
    return Path(settings.ARCHIVE_ROOT)
