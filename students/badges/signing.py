"""Sign a credential as VC-JWT with RS256 (Open Badges 3.0, 8.2): its members are the claims, beside the registered ones."""

from datetime import datetime

from joserfc import jwt
from joserfc.jwk import RSAKey

from students.badges.credentials import Credential

MEDIA_TYPE = "application/vc+jwt"
ENVELOPE = "https://www.w3.org/ns/credentials/v2"


def sign(credential: Credential, *, key: RSAKey, kid: str) -> str:
    """Return the token; `kid` is the address at which the public key stands. The same credential and key give the same.

    The registered claims repeat what the credential says, as 8.2.4.2 wants: iss, jti, nbf and sub.
    """
    header = {"alg": "RS256", "kid": kid, "typ": "JWT"}
    return jwt.encode(header, credential | _claims(credential), key, algorithms=["RS256"])


def enveloped(token: str) -> dict[str, str]:
    """Return a token as JSON that wallets import: an EnvelopedVerifiableCredential (W3C data model 2.0, 4.13)."""
    return {
        "@context": ENVELOPE,
        "id": f"data:{MEDIA_TYPE},{token}",
        "type": "EnvelopedVerifiableCredential",
    }


def _claims(credential: Credential) -> dict[str, str | int]:
    issuer = credential["issuer"]
    return {
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": credential["id"],
        "nbf": int(datetime.fromisoformat(credential["validFrom"]).timestamp()),
        "sub": credential["credentialSubject"]["id"],
    }
