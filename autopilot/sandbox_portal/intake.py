"""What a request that hands a packet in must bring."""

import base64
import hashlib
import re
from http import HTTPStatus

from autopilot.sandbox_portal.messages import Refusal, Request

DIGEST = re.compile(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):")
KEY = re.compile(r'"?([!#-~]{0,255})"?')
LONGEST = 255


def packet_of(request: Request) -> str:
    """Return the id the request names; it counts only once the signature is verified."""
    return request.headers.get("webhook-id", "")[:LONGEST]


def media_type_of(request: Request) -> str:
    """Return what the request calls its body."""
    return request.headers.get("content-type", "")[:LONGEST]


def key_of(request: Request) -> str:
    """Return the Idempotency-Key, written with or without quotes, or nothing; raises Refusal."""
    found = KEY.fullmatch(request.headers.get("idempotency-key", ""))
    if found is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"An Idempotency-Key has at most {LONGEST} printable characters.")
    return found[1]


def require_digest(request: Request) -> str:
    """Return the SHA-256 of the body in hexadecimal; raises Refusal unless Content-Digest (RFC 9530) says the same."""
    stated = DIGEST.search(request.headers.get("content-digest", ""))
    if stated is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Send Content-Digest: sha-256=:<base64>: of the body.")
    arrived = hashlib.sha256(request.body)
    if stated[1] != base64.b64encode(arrived.digest()).decode():
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The Content-Digest does not fit what arrived.")
    return arrived.hexdigest()
