"""What goes into a template: plain values that fit the fields, and characters that our fonts have."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from autopilot.document_types.errors import ContextRefused, UnprintableField
from autopilot.document_types.fields import Field, Fields, Kind
from autopilot.documents import glyphs

MOST_ROWS = 2000  # of all lists together
# Exactly these types, because a subclass brings behavior of its own: a SafeString says that it needs no escaping.
TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.DATE: (date,),
    Kind.MONEY: (Decimal, int),
    Kind.NUMBER: (int, Decimal),
    Kind.YES_NO: (bool,),
    Kind.ROWS: (list, tuple),
}
_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.DATE: date.fromisoformat,
    Kind.MONEY: Decimal,
    Kind.NUMBER: lambda stored: Decimal(stored) if isinstance(stored, str) else stored,
}


def checked(fields: Fields, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the context as a template may have it, with None for what is optional and not given.

    Raises ContextRefused, naming the field, for a value that is missing, unknown, or not of its kind.
    """
    taken = _checked(fields, context, "")
    if (count := _count_rows(taken)) > MOST_ROWS:
        raise ContextRefused(f"The document has {count} rows; {MOST_ROWS} are allowed.")
    return taken


def restored(fields: Fields, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked context that went through JSON as it was before."""
    return {name: _restored(field, stored.get(name)) for name, field in fields.items()}


def refuse_unprintable(fields: Fields, context: Mapping[str, Any]) -> None:
    """Raise UnprintableField for the first text that holds a character our fonts lack."""
    for label, written in _texts(fields, context, ""):
        if characters := glyphs.unprintable(written):
            raise UnprintableField(label, characters)


def _checked(fields: Fields, context: Mapping[str, Any], place: str) -> dict[str, Any]:
    if unknown := sorted(map(str, context.keys() - fields.keys())):
        raise ContextRefused(f"{place}There is no field {', '.join(unknown)}.")
    return {name: _value(field, context.get(name), place) for name, field in fields.items()}


def _value(field: Field, value: Any, place: str) -> Any:
    if value is None and field.optional:
        return None
    if type(value) not in TYPES[field.kind]:
        raise ContextRefused(f"{place}{field.label} must be {field.kind}, and is {type(value).__name__}.")
    if field.kind is not Kind.ROWS:
        return _finite(field, value, place)
    for number, row in enumerate(value, start=1):
        if type(row) is not dict:
            raise ContextRefused(f"{place}{field.label}, row {number}: must have fields, and is {type(row).__name__}.")
    return [_checked(field.fields, row, f"{place}{field.label}, row {n}: ") for n, row in enumerate(value, start=1)]


def _finite(field: Field, value: Any, place: str) -> Any:
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < 20):
        raise ContextRefused(f"{place}{field.label} must be a number that can be printed.")
    return value


def _restored(field: Field, stored: Any) -> Any:
    if stored is None:
        return None
    if field.kind is Kind.ROWS:
        return [restored(field.fields, row) for row in stored]
    return _READERS.get(field.kind, lambda value: value)(stored)


def _count_rows(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_count_rows, value.values()))
    return len(value) + sum(map(_count_rows, value)) if isinstance(value, list) else 0


def _texts(fields: Fields, context: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for name, value in context.items():
        label = f"{place}{fields[name].label}"
        if isinstance(value, str):
            yield label, value
        elif isinstance(value, list):
            for number, row in enumerate(value, start=1):
                yield from _texts(fields[name].fields, row, f"{label}, row {number}: ")
