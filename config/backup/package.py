"""The file of a backup: a compressed tar of the manifest, the database and the archived files, in this order."""

import gzip
import hashlib
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from autopilot import clock
from config.backup.errors import BackupError
from config.backup.sealing import MAGIC, Opener, Sealer, read_key

MANIFEST, DATABASE = "manifest.json", "database"
ARCHIVED = re.compile(r"archive/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
OWNER_ALONE = 0o600
LARGEST_MANIFEST = 10_000_000
BLOCK = 1 << 20
DAMAGED = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)


@contextmanager
def writing(path: Path) -> Iterator[tarfile.TarFile]:
    """Give a tar to write into, which appears under its name when it is complete and never replaces a file.

    Raises BackupError if the name is taken or the folder cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} is there already. Choose another name; a backup is never overwritten.")
    with _draft(path) as file, _sealed(file) as sink, tarfile.open(fileobj=sink, mode="w|gz") as tar:
        yield tar


@contextmanager
def reading(path: Path) -> Iterator[tarfile.TarFile]:
    """Give a tar to read from, from beginning to end; raises BackupError for a file that is no sound backup."""
    try:
        with path.open("rb") as file, tarfile.open(fileobj=_opened(file), mode="r|gz") as tar:
            yield tar
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except DAMAGED as error:
        raise BackupError(f"{path} is no backup of Provost, or it is damaged: {error}") from error


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Write a member that is at hand."""
    tar.addfile(_header(name, len(content)), BytesIO(content))


def add_file(tar: tarfile.TarFile, name: str, path: Path) -> None:
    """Write a member that is a file."""
    with path.open("rb") as file:
        tar.addfile(_header(name, path.stat().st_size), file)


def read_manifest(tar: tarfile.TarFile) -> bytes:
    """Return the manifest, which comes first; raises BackupError where it does not."""
    member = tar.next()
    file = tar.extractfile(member) if member and member.name == MANIFEST and member.isreg() else None
    if member is None or file is None or member.size > LARGEST_MANIFEST:
        raise BackupError("This file is no backup of Provost: it does not begin with a manifest.")
    return file.read()


def extract(tar: tarfile.TarFile, folder: Path) -> Iterator[tuple[str, str]]:
    """Write the members that follow into a folder, and yield the name and the SHA-256 of each.

    Only what a backup holds is written: a member of any other name or type raises BackupError.
    """
    for member in iter(tar.next, None):  # a loop over the tar itself would begin again
        file = tar.extractfile(member) if member.isreg() else None
        if file is None or not (member.name == DATABASE or ARCHIVED.fullmatch(member.name)):
            raise BackupError(f"The backup holds something that no backup holds: {member.name!r}.")
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield member.name, _copy(file, path)


def _copy(file: IO[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("xb") as target:
        while block := file.read(BLOCK):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, OWNER_ALONE, int(clock.now().timestamp())
    return header


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that gets its name when all of it is on the disk, and goes away if that never happens."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".provost-backup-") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            raise BackupError(f"{path} was written meanwhile. It is not overwritten.") from None


@contextmanager
def _sealed(file: IO[bytes]) -> Iterator[Any]:
    if not settings.BACKUP_KEY:
        yield file
        return
    with closing(Sealer(file, read_key(settings.BACKUP_KEY))) as sealer:
        yield sealer


def _opened(file: IO[bytes]) -> Any:
    is_sealed = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    if not is_sealed:
        return file
    if not settings.BACKUP_KEY:
        raise BackupError("This backup is encrypted. Set BACKUP_KEY to the key it was made with.")
    return Opener(file, read_key(settings.BACKUP_KEY))
