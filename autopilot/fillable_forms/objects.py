"""Values out of a PDF that anybody may have made: each is of the type asked for, whatever stands there."""

from decimal import Decimal
from typing import Any

import pikepdf

FARTHEST = 1_000_000.0


def integer(value: Any, default: int = 0) -> int:
    """Return a whole number of 32 bits, or the default."""
    return int(_within(value, 2.0**32, default))


def number(value: Any, default: float = 0.0) -> float:
    """Return a number no farther from zero than a million, or the default."""
    return _within(value, FARTHEST, default)


def _within(value: Any, most: float, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return default
    known = float(value)
    return known if -most <= known <= most else default


def text(value: Any) -> str:
    """Return a text string or stream (§7.9.2.2) in Unicode; the empty text for anything else."""
    if isinstance(value, pikepdf.Stream):
        value = pikepdf.String(value.read_bytes())
    if not isinstance(value, pikepdf.String):
        return ""
    try:
        return str(value)
    except UnicodeDecodeError:
        return bytes(value).decode("latin-1")


def word(value: Any) -> str:
    """Return a name without its slash, or the empty text."""
    return spelled(str(value)) if isinstance(value, pikepdf.Name) else ""


def spelled(key: str) -> str:
    """Return the key of a dictionary without its slash."""
    return key.removeprefix("/")


def mapping(value: Any) -> Any:
    """Return a dictionary, an empty one for anything else."""
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()


def items(value: Any) -> list[Any]:
    """Return the members of an array, none for anything else."""
    return list(value) if isinstance(value, pikepdf.Array) else []


def numbers(value: Any) -> list[float]:
    """Return the members of an array as numbers."""
    return [number(each) for each in items(value)]


def identity(value: Any) -> tuple[int, int] | None:
    """Return what an indirect object is known by, or None for a direct one."""
    return value.objgen if getattr(value, "is_indirect", False) else None
