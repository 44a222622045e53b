"""Encrypt what must not be read in a copy of the database: AES-256-GCM, bound to the place where it stands.

What is stored is `v1:key:nonce:ciphertext`. The associated data names table, column and row, so that a value copied
into another row does not open there. Keys come from FIELD_KEYS, newest first, and have nothing to do with SECRET_KEY.
A field may take them from its row instead (`keys_of`): whoever destroys such a key has destroyed what it sealed, in
every copy of the row.
"""

import base64
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:  # Django's own class takes no parameter when it runs
    TextField = models.TextField

Keys = Mapping[str, str]
VERSION = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32


class EncryptionError(Exception):
    """A stored value does not open: its key is missing, it was changed, or it stands where it does not belong."""


def new_key() -> str:
    """Return a new key as FIELD_KEYS holds it: 32 random bytes in Base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def encrypt(text: str, place: str, keys: Keys | None = None) -> str:
    """Return a text encrypted with the newest key for one place, such as `table.column.row`.

    `keys` are other keys than FIELD_KEYS, the newest first; raises EncryptionError when there are none any more.
    """
    keys = settings.FIELD_KEYS if keys is None else keys
    if not keys:
        raise EncryptionError(f"There is no key for {place} any more.")
    name, key = next(iter(keys.items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(key)).encrypt(nonce, text.encode(), place.encode())
    return ":".join((VERSION, name, _written(nonce), _written(sealed)))


def decrypt(stored: str, place: str, keys: Keys | None = None) -> str:
    """Return the text that was encrypted for a place; raises EncryptionError, never returns what it cannot open."""
    keys = settings.FIELD_KEYS if keys is None else keys
    try:
        version, name, nonce, sealed = stored.split(":")
        if version != VERSION:
            raise EncryptionError(f"A value at {place} is of the unknown version {version[:10]!r}.")
        key = _key(keys[name])
        return AESGCM(key).decrypt(_read(nonce), _read(sealed), place.encode()).decode()
    except KeyError as error:
        raise EncryptionError(f"The key of a value at {place} is not among FIELD_KEYS, or was destroyed.") from error
    except (ValueError, InvalidTag) as error:
        raise EncryptionError(f"A value at {place} was changed, or stands where it does not belong.") from error


def is_key(written: str) -> bool:
    """Return whether a text is a key as FIELD_KEYS holds it: 32 bytes in Base64."""
    try:
        return len(base64.b64decode(written, validate=True)) == KEY_BYTES
    except ValueError:
        return False


def key_of(stored: str) -> str:
    """Return the name of the key that a stored value was encrypted with."""
    return stored.split(":", 2)[1] if stored.startswith(f"{VERSION}:") else ""


def _key(written: str) -> bytes:
    return base64.b64decode(written)


def _written(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def _read(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)


class Sealed(str):
    """A text as it stands in the database."""

    __slots__ = ()


class _Opened(DeferredAttribute):
    """The attribute of an encrypted field: what was read stays sealed until somebody looks at it."""

    field: Any

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if not isinstance(value, Sealed):
            return value
        return decrypt(value, self.field.place(instance), self.field.keys(instance))

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(TextField):
    """Text that stands encrypted in the database, bound to its table, column and row.

    Its model must have a primary key that is known before the row is written, as a UUID. An empty text is stored as it
    is. It is written through its instance alone: what would store or look for a text as it is raises FieldError.
    `keys_of` names the attribute of its model that holds the keys of a row; without it they are FIELD_KEYS.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, keys_of: str = "", **kwargs: Any) -> None:
        self.keys_of = keys_of
        super().__init__(*args, **{"editable": False} | kwargs)

    def deconstruct(self) -> Any:
        """Return what makes this field again."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | ({"keys_of": self.keys_of} if self.keys_of else {})

    def keys(self, instance: models.Model) -> Keys | None:
        """Return the keys of a row; None where they are FIELD_KEYS."""
        return getattr(instance, self.keys_of) if self.keys_of else None

    def place(self, instance: models.Model) -> str:
        """Return the one place at which a value of this field opens."""
        return f"{instance._meta.db_table}.{self.column}.{instance.pk}"

    def from_db_value(self, value: str | None, *args: Any) -> str | None:
        """Return a stored value as it stands, to be opened when it is looked at."""
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal a text that was set; what was read and left alone is stored as it was."""
        value = model_instance.__dict__.get(self.attname)
        if value and not isinstance(value, Sealed):
            value = Sealed(encrypt(str(value), self.place(model_instance), self.keys(model_instance)))
            model_instance.__dict__[self.attname] = value
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return a sealed value for the database; raises FieldError for a text that would stand there readable."""
        if value and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is encrypted: save it through its instance, and do not search by it.")
        return value
