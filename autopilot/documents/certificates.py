"""The certificate of the organization's seal: made once at set-up, or brought along as a PKCS #12 file (RFC 7292)."""

import os
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from autopilot import clock
from autopilot.documents.errors import SealUnavailable

LIFE = timedelta(days=3653)
OWNER_ONLY = 0o600
MAKE = "Run: manage.py make_seal"


def make(organization: str, *, replace: bool = False) -> bool:
    """Make a key and a certificate of our own for an organization, and write both to SEAL_FILE; returns whether it did.

    A file that is there stays, unless `replace` says otherwise; the certificate it held is then kept beside it, so that
    what it sealed is trusted on. Readers outside the network find the seal unbroken, its issuer unknown.
    """
    path = _path()
    if path.exists() and not replace:
        return False
    if path.exists():
        _keep_trusting(signer().signing_cert.dump())
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issued(key, organization)
    password = settings.SEAL_PASSWORD.encode()
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    write_private(path, pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, encryption))
    _signer.cache_clear()
    return True


def signer() -> Any:
    """Return what pyHanko seals with; raises SealUnavailable where there is no certificate, or it does not open."""
    return _signer(_path(), settings.SEAL_PASSWORD)


def trusted() -> list[Any]:
    """Return the certificates whose seals are ours: the one at hand with its chain, and those that were replaced."""
    from asn1crypto import pem  # noqa: PLC0415 (slow to start)
    from asn1crypto import x509 as asn1  # noqa: PLC0415 (slow to start)

    held = signer()
    earlier = _earlier().read_bytes() if _earlier().exists() else b""
    blocks = [der for _, _, der in pem.unarmor(earlier, multiple=True)] if earlier else []
    return [held.signing_cert, *held.cert_registry, *(asn1.Certificate.load(der) for der in blocks)]


@cache
def _signer(path: Path, password: str) -> Any:
    from pyhanko.sign import signers  # noqa: PLC0415 (slow to start)

    if not path.exists():
        raise SealUnavailable(f"There is no certificate to seal with at {path}. {MAKE}")
    found = signers.SimpleSigner.load_pkcs12(path, passphrase=password.encode() or None)  # type: ignore[no-untyped-call]
    if found is None:
        raise SealUnavailable(f"{path} is not a PKCS #12 file that SEAL_PASSWORD opens.")
    return found


def _issued(key: ec.EllipticCurvePrivateKey, organization: str) -> x509.Certificate:
    now = clock.now()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organization} document seal"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _keep_trusting(der: bytes) -> None:
    before = _earlier().read_bytes() if _earlier().exists() else b""
    write_private(_earlier(), before + x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, OWNER_ONLY)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _path() -> Path:
    return Path(settings.SEAL_FILE)


def _earlier() -> Path:
    return _path().with_suffix(".trusted.pem")
