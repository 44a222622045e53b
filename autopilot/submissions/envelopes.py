"""How the files of a packet become the body of one request: one file as it is, several as multipart/mixed (RFC 2046).

The same files always make the same bytes, so that a request that is tried again is the same request.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EXTENSIONS = {"application/pdf": "pdf"}
LINE = b"\r\n"


@dataclass(frozen=True)
class File:
    """One approved file; `name` is what the portal may call it."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its digest, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def sealed(files: Sequence[File]) -> tuple[str, bytes]:
    """Return the Content-Type and the body for one or more files, the packet's document first."""
    if len(files) == 1:
        return files[0].media_type, files[0].content
    boundary = "provost-" + hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    parts = [LINE.join([b"--" + boundary.encode(), *_headers(file), b"", file.content]) for file in files]
    return f"multipart/mixed; boundary={boundary}", LINE.join([*parts, b"--" + boundary.encode() + b"--", b""])


def digest_of(content: bytes) -> str:
    """Return the value of Content-Digest for some bytes (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def name_of(place: int, media_type: str) -> str:
    """Return what a file of a packet is called: its document has the place 0, its attachments follow."""
    stem = f"attachment-{place}" if place else "packet"
    return f"{stem}.{EXTENSIONS.get(media_type, 'bin')}"


def _headers(file: File) -> list[bytes]:
    return [
        f"Content-Type: {file.media_type}".encode(),
        f'Content-Disposition: attachment; filename="{file.name}"'.encode(),
        f"Content-Digest: {digest_of(file.content)}".encode(),
    ]
