"""The files of a packet that came as multipart/mixed (RFC 2046), each with a digest of its own (RFC 9530)."""

import base64
import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus

from autopilot.sandbox_portal.messages import Refusal, Request

MULTIPART = re.compile(r"multipart/mixed;\s*boundary=\"?([0-9A-Za-z'()+_,./:=?-]{1,200})\"?", re.IGNORECASE)
HEADER = re.compile(rb"([A-Za-z-]{1,50}): ([ -~]{0,500})")
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
MOST_PARTS = 50


@dataclass(frozen=True)
class Part:
    """A file as it arrived."""

    name: str
    media_type: str
    sha256: str
    size: int


def parts_of(request: Request) -> list[Part]:
    """Return the files in a request's body, or nothing where it is one file; raises Refusal for a broken one."""
    found = MULTIPART.fullmatch(request.headers.get("content-type", ""))
    if found is None:
        return []
    boundary = b"--" + found[1].encode()
    pieces = (b"\r\n" + request.body).split(b"\r\n" + boundary)
    if pieces[0] or pieces[-1] != b"--\r\n" or not 1 <= len(pieces) - 2 <= MOST_PARTS:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"Send 1 to {MOST_PARTS} parts, and end them with the boundary.")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(text: bytes) -> Part:
    head, blank, content = text.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    lines = [HEADER.fullmatch(line) for line in head.split(b"\r\n")]
    if not blank or None in lines:
        raise Refusal(HTTPStatus.BAD_REQUEST, "A part has no headers that can be read.")
    headers = {line[1].decode().lower(): line[2].decode() for line in lines if line}
    arrived = hashlib.sha256(content)
    stated = DIGEST.search(headers.get("content-digest", ""))
    if stated is None or stated[1] != base64.b64encode(arrived.digest()).decode():
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The Content-Digest of a part does not fit what arrived.")
    name = headers.get("content-disposition", "").partition('filename="')[2].rstrip('"')
    return Part(name, headers.get("content-type", ""), arrived.hexdigest(), len(content))
