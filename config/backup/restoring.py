"""Restore a backup: verify all of it, refuse what it would destroy, put it in place, and leave the workers paused."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from autopilot import clock
from autopilot.models import ClusterHeartbeat
from config.backup import archive, manifest, package
from config.backup.databases import database
from config.backup.errors import BackupError
from config.backup.manifest import Manifest
from config.backup.marks import Marks

ALIVE = timedelta(minutes=1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """A backup that was verified and fits: its manifest, its parts in a folder, and whether anything would be lost."""

    name: str
    manifest: Manifest
    folder: Path
    replaces: bool


@contextmanager
def restoring(path: Path, progress: Progress = lambda done, total: None) -> Iterator[Plan]:
    """Verify a backup and give what could be restored; raises BackupError, which says what to do, and changes nothing.

    `progress` is called after each archived file with the number of files done and of all.
    """
    root = Path(settings.ARCHIVE_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    # In the archive itself, which may be a disk of its own: its files only have to be renamed.
    with tempfile.TemporaryDirectory(prefix=".provost-restore-", dir=root) as folder:
        found = _verified(path, Path(folder), progress)
        manifest.require_usable(found)
        yield Plan(path.name, found, Path(folder), replaces=not database().is_empty())


def restore(plan: Plan, progress: Progress = lambda done, total: None) -> int:
    """Put a verified backup in place, with all workers paused; returns how many documents lack their file.

    The database is exchanged whole or not at all. Raises BackupError, having changed no row, while anything uses it.
    """
    _require_stopped()
    for done, _ in enumerate(archive.put_back(plan.folder), start=1):
        progress(done, plan.manifest.files)
    marks = Marks(plan.name, plan.manifest.made_at, clock.now())
    database().load(plan.folder / package.DATABASE, marks)
    connection.close()
    return archive.missing()


def _verified(path: Path, folder: Path, progress: Progress) -> Manifest:
    with package.reading(path) as tar:
        found = manifest.read(package.read_manifest(tar))
        expected = {package.DATABASE: found.database}
        files, seen = 0, set()
        for name, sha256 in package.extract(tar, folder):
            if sha256 != expected.get(name, Path(name).name):
                raise BackupError(f"{name} in this backup is damaged: its digest is another one.")
            seen.add(name)
            files += name != package.DATABASE
            progress(files, found.files)
    if package.DATABASE not in seen or files != found.files:
        raise BackupError("The backup is not complete.")
    return found


def _require_stopped() -> None:
    if using := database().others():
        raise BackupError(f"{using} to the database. Stop the web server and the cluster first.")
    try:
        alive = ClusterHeartbeat.objects.filter(seen_at__gte=clock.now() - ALIVE).count()
    except DatabaseError:
        return  # an empty database has no such table
    if alive:
        raise BackupError("A cluster reported itself within the last minute. Stop it, and wait for a minute.")
