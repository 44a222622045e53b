"""The area below which one job may write files."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from django.conf import settings

from autopilot.exceptions import Invalid

LONGEST_PATH = 200
File = Mapping[str, str]


def area(job_id: UUID) -> Path:
    """Return the directory of a job's files."""
    return Path(settings.AUTOPILOT_JOB_FILES) / str(job_id)


def checked(files: Sequence[File]) -> list[dict[str, str]]:
    """Return the files with tidy paths; raises Invalid, naming the path, for one that could leave the job's area."""
    if not files:
        raise Invalid("No files are given: give at least one with path and content.")
    tidy = [{"path": _checked_path(file.get("path", "")), "content": file.get("content", "")} for file in files]
    paths = [file["path"] for file in tidy]
    if len(set(paths)) < len(paths):
        raise Invalid("Two files have the same path.")
    return tidy


def write(job_id: UUID, files: Sequence[File]) -> list[dict[str, Any]]:
    """Write the files below the job's area; safe to repeat, and never through a link that leads out of it."""
    root = area(job_id)
    root.mkdir(parents=True, exist_ok=True)
    return [_write(root.resolve(), file) for file in files]


def _checked_path(path: str) -> str:
    pure = PurePosixPath(path)
    odd = "\\" in path or "\0" in path or ":" in path or len(path) > LONGEST_PATH
    if odd or pure.is_absolute() or ".." in pure.parts or not pure.parts or str(pure) == ".":
        raise Invalid(f"The path {path!r} is refused: it must be relative and stay inside the job's own area.")
    return str(pure)


def _write(root: Path, file: File) -> dict[str, Any]:
    target = root / _checked_path(file["path"])
    if not target.parent.resolve().is_relative_to(root) or target.is_symlink():
        raise Invalid(f"The path {file['path']!r} is refused: it leads out of the job's own area.")
    target.parent.mkdir(parents=True, exist_ok=True)
    content = file["content"].encode()
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, target)
    return {"path": file["path"], "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
