"""Turn any value into JSON that both databases store, always: an error here, after an effect, would repeat the effect."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import count
from typing import Any

from django.utils.duration import duration_iso_string

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# PostgreSQL stores neither NUL nor half of a surrogate pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Whole numbers beyond 63 bits are text: many readers of JSON would round them.
LIMIT = 2**63
# Python refuses to write the digits of what is much longer, and no limit it can be given is below 640 digits.
GIANT = 10**600
# From here on Python writes a float as 1e+16, and PostgreSQL gives it back as a whole number.
EXPONENTS_BEGIN = 1e16
# Enough for any result; what exceeds them is a tangle of objects that hold each other.
DEEPEST = 60
MOST_CONTAINERS = 1_000_000


def to_storable(value: object) -> Any:
    """Return `value` as JSON values that read back equal from either database; nothing raises and nothing is endless.

    Numbers that JSON lacks become null, whole numbers beyond 63 bits their digits (hexadecimal beyond 600 digits). NUL
    and lone surrogates become U+FFFD. A mapping or dataclass becomes an object, and where two keys have one writing the
    second gets "#2"; a list or tuple becomes a list, a set a sorted one, a member of an Enum its value. Other types
    become their text, in ISO 8601 where they mean time. What holds itself, or lies deeper than 60 levels, becomes
    U+FFFD, and what has no readable text the name of its type.
    """
    return _Writer().write(value)


def canonical(value: object) -> bytes:
    """Return the one JSON writing of a value: keys sorted, no blanks, UTF-8."""
    return _json(to_storable(value)).encode()


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical writing, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


class _Writer:
    """One walk over one value, which knows what it is inside of, so that it ends."""

    def __init__(self) -> None:
        self.path: set[int] = set()
        self.left = MOST_CONTAINERS

    def write(self, value: Any) -> Any:
        if value is None or value is True or value is False:
            return value
        try:
            writing = self._container(value)
            return _scalar(value) if writing is None else self._inside(value, writing)
        except Exception:  # noqa: BLE001 (whatever a foreign class raises, its value must be storable)
            return f"<{type(value).__name__}>"

    def _container(self, value: Any) -> Callable[[], Any] | None:
        """Return how to write what holds other values; None for what does not."""
        if isinstance(value, Enum):
            return lambda: self.write(value.value)
        if isinstance(value, str | int | float):
            return None
        if isinstance(value, Mapping):
            return lambda: self._object(value.items())
        if isinstance(value, list | tuple):
            return lambda: [self.write(item) for item in value]
        if isinstance(value, AbstractSet):
            return lambda: sorted((self.write(item) for item in value), key=_json)
        if is_dataclass(value) and not isinstance(value, type):
            return lambda: self._object((field.name, getattr(value, field.name)) for field in fields(value))
        return None

    def _inside(self, value: object, writing: Callable[[], Any]) -> Any:
        if id(value) in self.path or len(self.path) == DEEPEST or self.left == 0:
            return REPLACEMENT
        self.path.add(id(value))
        self.left -= 1
        try:
            return writing()
        finally:
            self.path.remove(id(value))

    def _object(self, items: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
        """Write the keys that stay as they are first, so that only changed ones make way, and in one order."""
        entries = [(key, self._name(key), self.write(item)) for key, item in items]
        written: dict[str, Any] = {}
        for _, name, item in sorted(entries, key=_precedence):
            written[_unused(name, written)] = item
        return written

    def _name(self, key: object) -> str:
        name = self.write(key)
        return name if isinstance(name, str) else _json(name)


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, int):
        return _whole(int.__index__(value))
    if isinstance(value, float):
        return _number(float.__add__(value, 0.0))
    return UNSTORABLE.sub(REPLACEMENT, _plain(value))


def _whole(value: int) -> int | str:
    if -LIMIT < value < LIMIT:
        return value
    return str(value) if -GIANT < value < GIANT else hex(value)


def _number(value: float) -> float | int | str | None:
    if not math.isfinite(value):
        return None
    return value if abs(value) < EXPONENTS_BEGIN else _whole(int(value))


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _precedence(entry: tuple[Any, str, Any]) -> tuple[bool, str, str, str]:
    key, name, item = entry
    if type(key) is str and key == name:
        return False, "", "", ""
    return True, name, type(key).__name__, _json(item)


def _unused(name: str, taken: Mapping[str, object]) -> str:
    if name not in taken:
        return name
    return next(numbered for n in count(2) if (numbered := f"{name}#{n}") not in taken)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
