"""W3C Bitstring Status List 1.0: one bit for each certificate, set when it is revoked, in a credential of its own."""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime

from students.badges.credentials import CONTEXT, Credential, Issuer, written

# The least length of the standard (section 4.2): a shorter list would tell too well whose bit somebody asked for.
PLACES = 131_072


def encoded(revoked: Iterable[int]) -> str:
    """Return the bits as the standard encodes them: gzip (RFC 1952) in multibase base64url; place 0 is the leftmost."""
    bits = bytearray(PLACES // 8)
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def list_credential(address: str, *, issuer: Issuer, revoked: Iterable[int], at: datetime) -> Credential:
    """Return the credential that is published at an address."""
    return {
        "@context": CONTEXT[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": written(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(revoked),
        },
    }
