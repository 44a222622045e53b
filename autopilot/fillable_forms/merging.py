"""What may be written into forms: merge fields, which the upper floors offer, and how their values are turned to text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class MergeField:
    """One thing that is known of what a form is about: its name in the context, and what staff read."""

    name: str
    label: str


_offered: dict[str, MergeField] = {}


def offer(*fields: MergeField) -> None:
    """Let staff map these; a name offered again takes the newer label."""
    _offered.update({field.name: field for field in fields})


def offered() -> list[MergeField]:
    """Return what can be mapped, by label."""
    return sorted(_offered.values(), key=lambda field: field.label.lower())


def as_it_stands(value: Any) -> Any:
    """Return text and marks as they are, days as forms want them (mm/dd/yyyy), other values as text."""
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return value if isinstance(value, str | bool) else str(value)


def digits(value: Any) -> str:
    """Return only the digits, for combs: 12-3456789 becomes 123456789."""
    return "".join(each for each in as_it_stands(value) if each.isdecimal() and each.isascii())


def capitals(value: Any) -> str:
    """Return the text in capitals."""
    return str(as_it_stands(value)).upper()


def day_digits(value: Any) -> str:
    """Return a day as eight digits, mmddyyyy."""
    return f"{value:%m%d%Y}" if isinstance(value, date) else digits(value)


def year(value: Any) -> str:
    """Return the year of a day."""
    return f"{value:%Y}" if isinstance(value, date) else str(as_it_stands(value))


def is_there(value: Any) -> bool:
    """Tick a box where there is something."""
    return bool(value)


TRANSFORMS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "": ("As it stands", as_it_stands),
    "digits": ("Digits only", digits),
    "capitals": ("In capitals", capitals),
    "day_digits": ("Day as mmddyyyy", day_digits),
    "year": ("Year only", year),
    "is_there": ("Tick if there is any", is_there),
}


def merged(value: Any, transform: str) -> Any:
    """Return what is written for a value."""
    return TRANSFORMS[transform][1](value)


def is_missing(context: Mapping[str, Any], name: str) -> bool:
    """Whether nothing is known that could be written."""
    return context.get(name) in (None, "", [], ())
