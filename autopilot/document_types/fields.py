"""Merge fields: what a document may say, each with the kind of value it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds; the value is the word that people read."""

    TEXT = "text"
    DATE = "a date"
    MONEY = "an amount of money"
    NUMBER = "a number"
    YES_NO = "yes or no"
    ROWS = "a list"


@dataclass(frozen=True)
class Field:
    """One merge field: `label` is its name for people, `optional` that it may be None, `fields` those of its rows."""

    kind: Kind
    label: str
    optional: bool = False
    fields: Mapping[str, "Field"] = field(default_factory=dict)


Fields = Mapping[str, Field]


def text(label: str, *, optional: bool = False) -> Field:
    """Return a field of text."""
    return Field(Kind.TEXT, label, optional)


def date(label: str, *, optional: bool = False) -> Field:
    """Return a field of a day, without a time."""
    return Field(Kind.DATE, label, optional)


def money(label: str, *, optional: bool = False) -> Field:
    """Return a field of dollars, given as Decimal."""
    return Field(Kind.MONEY, label, optional)


def number(label: str, *, optional: bool = False) -> Field:
    """Return a field of a number, given as int or Decimal."""
    return Field(Kind.NUMBER, label, optional)


def yes_no(label: str) -> Field:
    """Return a field of True or False."""
    return Field(Kind.YES_NO, label)


def rows(label: str, fields: Fields) -> Field:
    """Return a field of a list, whose rows have fields of their own."""
    return Field(Kind.ROWS, label, fields=fields)
