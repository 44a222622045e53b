"""The area below which one job may write files."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import normalize
from uuid import UUID

from django.conf import settings

from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.storable import REPLACEMENT

LONGEST_PATH = 200  # bytes
File = Mapping[str, str]


def area(job_id: UUID) -> Path:
    """Return the directory of a job's files."""
    return Path(settings.AUTOPILOT_JOB_FILES) / str(job_id)


def checked(files: Sequence[File]) -> list[dict[str, str]]:
    """Return the files with tidy paths; raises Invalid for files that cannot be written, all together, into one area."""
    if not files:
        raise Invalid("No files are given: give at least one with path and content.")
    if not all(set(file) == {"path", "content"} for file in files):
        raise Invalid("Each file has a path and a content, and nothing else.")
    tidy = [{"path": _checked_path(file["path"]), "content": file["content"]} for file in files]
    _require_apart([PurePosixPath(file["path"]) for file in tidy])
    return tidy


def write(job_id: UUID, files: Sequence[File]) -> list[dict[str, Any]]:
    """Write the files below the job's area, and return path, size in bytes and SHA-256 of each; safe to repeat.

    Raises Invalid, naming the path, where a link would lead out of the area.
    """
    root = area(job_id)
    root.mkdir(parents=True, exist_ok=True)
    if root.is_symlink():
        raise Invalid("The job's own area is a link: nothing is written through it.")
    return [_write(root.resolve(), file) for file in files]


def _checked_path(path: str) -> str:
    # One writing of each letter, as some disks have it, and none that a reviewer would not see.
    pure = PurePosixPath(normalize("NFC", path))
    foreign = not path.isprintable() or not {"\\", ":", REPLACEMENT}.isdisjoint(path)
    if foreign or pure.is_absolute() or ".." in pure.parts or not pure.parts or len(os.fsencode(pure)) > LONGEST_PATH:
        raise Invalid(
            f"The path {path!r} is refused: it must be relative, stay inside the job's own area, and have at most "
            f"{LONGEST_PATH} bytes, without backslashes, colons and control characters."
        )
    return str(pure)


def _require_apart(paths: Sequence[PurePosixPath]) -> None:
    """Raise Invalid where two files would be one, also on a disk that does not tell capital letters from small ones."""
    names = Counter(str(path).casefold() for path in paths)
    folders = {str(folder).casefold() for path in paths for folder in path.parents}
    for path in paths:
        if names[str(path).casefold()] > 1:
            raise Invalid(f"Two files have the path {str(path)!r}.")
        if str(path).casefold() in folders:
            raise Invalid(f"The path {str(path)!r} cannot be a file and the folder of another file at once.")


def _write(root: Path, file: File) -> dict[str, Any]:
    target = root / _checked_path(file["path"])
    if not target.parent.resolve().is_relative_to(root) or target.is_symlink():
        raise Invalid(f"The path {file['path']!r} is refused: a link there leads out of the job's own area.")
    target.parent.mkdir(parents=True, exist_ok=True)
    content = file["content"].encode()
    _replace(target, content)
    return {"path": file["path"], "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _replace(target: Path, content: bytes) -> None:
    """Write beside, then rename, so that nobody ever reads half a file."""
    partial = target.with_name(f".{uuid7()}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
