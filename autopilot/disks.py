"""The disks that Provost writes to: how full they are, and whether an error says that one is full."""

import errno
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

WITHOUT_ROOM = {errno.ENOSPC, errno.EDQUOT}
POSTGRESQL_DISK_FULL = "53100"
# From here on a person is to make room; from there on what writes may fail at any moment.
NEARLY_FULL_PERCENT, FULL_PERCENT = 80, 95


@dataclass(frozen=True)
class Disk:
    """A disk: `holds` names the settings whose directories are on it, `percent` is how much of it is used."""

    holds: tuple[str, ...]
    percent: int


def is_full(error: BaseException | None) -> bool:
    """Return whether an error, or one that it was raised from, says that a disk or a quota is used up."""
    while error is not None:
        if _says_full(error):
            return True
        error = error.__cause__
    return False


def filling() -> list[Disk]:
    """Return the disks of this machine that are used to 80 % or more, the fullest first."""
    holds: dict[int, list[str]] = defaultdict(list)
    used: dict[int, int] = {}
    for name, folder in _folders():
        device = folder.stat().st_dev
        holds[device].append(name)
        used[device] = _percent(folder)
    found = [Disk(tuple(names), used[device]) for device, names in holds.items()]
    return sorted((each for each in found if each.percent >= NEARLY_FULL_PERCENT), key=lambda each: -each.percent)


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in WITHOUT_ROOM
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", "") == POSTGRESQL_DISK_FULL


def _folders() -> Iterator[tuple[str, Path]]:
    """Yield each setting that names a place to write to, with the place or, until that is made, what it will be in."""
    named = {name: Path(getattr(settings, name)) for name in ("ARCHIVE_ROOT", "AUTOPILOT_JOB_FILES")}
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        named["EMAIL_FILE_PATH"] = Path(settings.EMAIL_FILE_PATH)
    if connection.vendor == "sqlite" and (file := Path(connection.settings_dict["NAME"])).is_file():
        named["DATABASE_URL"] = file
    for name, path in named.items():
        yield name, next(place for place in (path, *path.absolute().parents) if place.exists())


def _percent(folder: Path) -> int:
    """Return the share that is used of what may be used without being root, as `df` has it."""
    disk = shutil.disk_usage(folder)
    return round(100 * disk.used / ((disk.used + disk.free) or 1))
