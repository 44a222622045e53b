"""Make a backup: first a copy of the database, then the archived files, of which it names none that is not there."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from autopilot import clock
from config.backup import archive, manifest, package
from config.backup.databases import database
from config.backup.errors import BackupError

Progress = Callable[[int, int], None]


def make(target: Path, progress: Progress = lambda done, total: None) -> Path:
    """Write a backup into a folder, or under a name that is free, and return where it is.

    `progress` is called after each archived file with the number of files done and of all. Nothing stands under the
    name before the backup is complete. Raises BackupError, which says what to do.
    """
    path = target / f"provost-{clock.now():%Y%m%dT%H%M%SZ}.backup" if target.is_dir() else target
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}. Make it first.")
    # Beside the backup: there is room for it, and it is as well protected.
    with (
        tempfile.TemporaryDirectory(prefix=".provost-backup-", dir=path.parent) as folder,
        package.writing(path) as tar,
    ):
        copy = Path(folder) / package.DATABASE
        rows = database().dump(copy)
        # A file is archived before any row names it, and none is deleted: what the copy names is among these.
        files = archive.files()
        described = manifest.describe(rows=rows, database=_digest(copy), files=len(files))
        package.add_bytes(tar, package.MANIFEST, described.written())
        package.add_file(tar, package.DATABASE, copy)
        for done, file in enumerate(files, start=1):
            package.add_file(tar, archive.name_of(file), file)
            progress(done, len(files))
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
