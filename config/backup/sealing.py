"""Encryption of a stream: AES-256-GCM in chunks, so that a backup of any size is read with little memory.

Every file has a key of its own, derived from BACKUP_KEY and a random salt. The nonce of a chunk is its number and
whether it is the last one: chunks that were changed, moved, repeated or cut off do not open.
"""

import base64
import binascii
import secrets
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.backup.errors import BackupError

MAGIC = b"provost-backup-1\n"
KEY_BYTES = SALT_BYTES = 32
CHUNK = 1 << 20
TAG = 16


def read_key(written: str) -> bytes:
    """Return the key that a setting writes in Base64; raises BackupError if it is not of 32 bytes."""
    try:
        key = base64.b64decode(written, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise BackupError("BACKUP_KEY is not 32 bytes in Base64. Make one with: openssl rand -base64 32")
    return key


class Sealer:
    """Writes a stream encrypted; nothing of it opens before `close` has written its end."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        target.write(MAGIC + salt)
        self._target, self._cipher = target, _cipher(key, salt)
        self._rest, self._number = bytearray(), 0

    def write(self, content: bytes) -> int:
        """Take bytes, and write the chunks that are full."""
        self._rest += content
        while len(self._rest) > CHUNK:
            self._seal(bytes(self._rest[:CHUNK]), last=False)
            del self._rest[:CHUNK]
        return len(content)

    def close(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._rest), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last), content, None))
        self._number += 1


class Opener:
    """Reads what a Sealer wrote; raises BackupError for a wrong key or a stream that was changed or cut off."""

    def __init__(self, source: IO[bytes], key: bytes) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise BackupError("This file is not an encrypted backup.")
        self._source, self._cipher = source, _cipher(key, source.read(SALT_BYTES))
        self._next, self._number = source.read(CHUNK + TAG), 0
        self._opened = b""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, and none only at the end."""
        while len(self._opened) < size and self._next:
            self._opened += self._open()
        content, self._opened = self._opened[:size], self._opened[size:]
        return content

    def _open(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK + TAG)
        nonce = _nonce(self._number, last=not self._next)
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, sealed, None)
        except InvalidTag:
            raise BackupError("The backup does not open: BACKUP_KEY is another one, or the file is damaged.") from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=MAGIC).derive(key)
    return AESGCM(derived)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
