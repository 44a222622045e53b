"""The key that certificates are signed with: RSA in a PEM file (RFC 7468), made at set-up or brought along."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from joserfc.jwk import RSAKey

from autopilot.documents.certificates import write_private
from autopilot.exceptions import AutopilotError

BITS = 3072
FEWEST_BITS = 2048  # RFC 7518, 3.3: RS256 wants no fewer
MAKE = "Run: manage.py make_certificate_key"


class KeyUnavailable(AutopilotError):
    """There is no key to sign certificates with."""


def make(*, replace: bool = False) -> bool:
    """Make a key and write it to CERTIFICATE_KEY_FILE; returns whether it did.

    A file that is there stays, unless `replace` says otherwise. What the old key signed stays good: its public half is
    published for as long as Provost runs.
    """
    path = Path(settings.CERTIFICATE_KEY_FILE)
    if path.exists() and not replace:
        return False
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption()))
    _read.cache_clear()
    return True


def signing_key() -> RSAKey:
    """Return the key; raises KeyUnavailable where there is none, or it does not open or fit."""
    path = Path(settings.CERTIFICATE_KEY_FILE)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise KeyUnavailable(f"There is no key to sign certificates with at {path}. {MAKE}") from None
    return _read(path, settings.CERTIFICATE_KEY_PASSWORD, changed)


def name_of(key: RSAKey) -> str:
    """Return the name of a key: its SHA-256 thumbprint (RFC 7638)."""
    return key.thumbprint()


def public_half(key: RSAKey) -> dict[str, str]:
    """Return the public key as a JSON Web Key (RFC 7517), for signatures by RS256."""
    told = {name: str(value) for name, value in key.as_dict(private=False).items() if name in ("kty", "n", "e")}
    return told | {"use": "sig", "alg": "RS256"}


@cache
def _read(path: Path, password: str, changed: int) -> RSAKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password.encode() or None)
    except (ValueError, TypeError):
        raise KeyUnavailable(f"{path} is not a PEM file that CERTIFICATE_KEY_PASSWORD opens.") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < FEWEST_BITS:
        raise KeyUnavailable(f"{path} holds no RSA key of {FEWEST_BITS} bits or more. {MAKE} --replace")
    return RSAKey.import_key(key)


def _encryption() -> KeySerializationEncryption:
    password = settings.CERTIFICATE_KEY_PASSWORD.encode()
    return BestAvailableEncryption(password) if password else NoEncryption()
