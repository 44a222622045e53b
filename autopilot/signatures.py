"""Signatures of messages between machines, as Standard Webhooks 1.0 writes them (standardwebhooks.com).

The sender signs `<id>.<seconds since 1970>.<body>` with HMAC-SHA256 and says so in three headers. Secrets are written
`whsec_<base64 of 24 to 64 random bytes>`. While a secret is being changed, both sides may hold several: the sender
signs with each, and one that fits is enough.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
PREFIX = "whsec_"
MESSAGE_ID = re.compile(r"[!-~]{1,255}")
LONGEST_HEADER = 4096


class BadSecret(ValueError):
    """A signing secret must be whsec_ and the base64 of 24 to 64 random bytes."""


class BadSignature(ValueError):
    """The signature is missing, does not fit, or is out of date."""


def new_secret() -> str:
    """Return a new random secret (30 bytes, so that its base64 needs no padding)."""
    return PREFIX + base64.b64encode(secrets.token_bytes(30)).decode()


def split_secrets(text: str) -> list[str]:
    """Return the secrets in a text that lists one or more, divided by blanks.

    Raises BadSecret if there is none, or one of them is not written as a secret must be.
    """
    found = text.split()
    if not found:
        raise BadSecret(BadSecret.__doc__)
    for secret in found:
        _key(secret)
    return found


def sign(secrets: Sequence[str], message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """Return the headers that sign a message.

    `secrets` are those the receiver may hold; `message_id` is printable ASCII without blanks, up to 255 characters,
    the same for each repetition of the message. Raises BadSecret or BadSignature for what cannot be signed with.
    """
    if not MESSAGE_ID.fullmatch(message_id):
        raise BadSignature("A message id is 1 to 255 printable characters without blanks.")
    seconds = int(at.timestamp())
    signatures = [f"v1,{_signature(secret, message_id, seconds, body)}" for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
    """Return the id of a message whose signature fits one of the secrets and is at most five minutes old or early.

    `headers` finds names as the caller writes them in lower case. Raises BadSignature otherwise.
    """
    message_id, seconds = headers.get("webhook-id", ""), _seconds(headers.get("webhook-timestamp", ""))
    if not MESSAGE_ID.fullmatch(message_id):
        raise BadSignature("The header webhook-id is missing or malformed.")
    if abs(at.timestamp() - seconds) > WINDOW.total_seconds():
        raise BadSignature("The header webhook-timestamp is more than five minutes away from now.")
    given = _given(headers.get("webhook-signature", ""))
    fits = [
        hmac.compare_digest(_signature(secret, message_id, seconds, body).encode(), signature.encode())
        for secret in secrets
        for signature in given
    ]
    if not any(fits):
        raise BadSignature("The header webhook-signature does not fit the message.")
    return message_id


def _signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSecret(BadSecret.__doc__) from error
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise BadSecret(BadSecret.__doc__)
    return key


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise BadSignature("The header webhook-timestamp is missing or not a number of seconds.")
    return int(text)


def _given(header: str) -> list[str]:
    if len(header) > LONGEST_HEADER:
        raise BadSignature("The header webhook-signature is too long.")
    return [part.removeprefix("v1,") for part in header.split() if part.startswith("v1,")]
