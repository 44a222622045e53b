"""The kinds of files that are taken, by what their names end in and what they begin with."""

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True)
class Kind:
    """A kind of file: `name` is what the inspection knows it by, `signature` the bytes every such file begins with."""

    name: str
    extensions: tuple[str, ...]
    media_type: str
    signature: bytes


PDF = Kind("PDF", (".pdf",), "application/pdf", b"%PDF-")
PNG = Kind("PNG", (".png",), "image/png", b"\x89PNG\r\n\x1a\n")
JPEG = Kind("JPEG", (".jpg", ".jpeg"), "image/jpeg", b"\xff\xd8\xff")
PROOF = (PDF, PNG, JPEG)


def by_name(file_name: str, accept: tuple[Kind, ...]) -> Kind | None:
    """Return the kind that a file's name claims, if it is taken."""
    extension = PurePath(file_name).suffix.lower()
    return next((kind for kind in accept if extension in kind.extensions), None)


def by_media_type(media_type: str) -> Kind | None:
    """Return the kind of an archived file, if it came in by this door."""
    return next((kind for kind in PROOF if kind.media_type == media_type), None)
