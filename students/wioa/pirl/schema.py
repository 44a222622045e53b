"""The schema of a PIRL file: which columns, in which order, and what each may hold.

The dictionary of 2018 ships with the house and is for development: what is made by it is a draft, since the agency
accepts neither that version nor that of 2020 any more. Where the dictionary was not read, an element has no kind and
no length, and holds any text. Source: WIPS; ETA-9170 and ETA-9172; TEGL 07-18, Change 1.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
DEVELOPMENT = "PIRL2018"
RETIRED = frozenset({"PIRL2018", "PIRL2020"})  # versions the agency accepts no more
UNVERIFIED = "unverified"


class Kind(StrEnum):
    """What an element is written as; `TEXT` is what the dictionary does not say."""

    INTEGER = "integer"
    ALPHANUMERIC = "alphanumeric"
    DATE = "date"
    MONEY = "money"
    TEXT = ""


@dataclass(frozen=True)
class Element:
    """One column.

    `length` is the most characters it may have, 0 if unknown. `codes` are the only values it may have, if any, and
    `verified` tells whether they were read in a source; `personal` that its value is shown to nobody in a finding.
    """

    number: str
    name: str
    kind: Kind = Kind.TEXT
    length: int = 0
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)
    verified: bool = True
    personal: bool = True
    programs: Mapping[str, str] = field(default_factory=dict, hash=False)
    name_complete: bool = True
    basis: str = ""

    @property
    def title(self) -> str:
        """Its name, with an ellipsis where the source cut it off."""
        return self.name if self.name_complete else f"{self.name}…"


@dataclass(frozen=True)
class Schema:
    """A version of the file: its elements in the order of the columns."""

    version: str
    elements: tuple[Element, ...]

    def __post_init__(self) -> None:
        if len(self.index) != len(self.elements):
            raise ValueError("An element stands in this schema twice; every column has a number of its own.")

    @property
    def development(self) -> bool:
        """Whether what is made by it is a draft."""
        return self.version in RETIRED

    @property
    def index(self) -> dict[str, int]:
        """The column of each element, counted from 0."""
        return {element.number: column for column, element in enumerate(self.elements)}


def elements_of(rows: Iterable[Mapping[str, str]], lists: Mapping[str, Mapping[str, str]]) -> tuple[Element, ...]:
    """Return the elements that a data file of ours describes; raises KeyError for a list of codes nobody wrote."""
    return tuple(
        Element(
            number=row["number"],
            name=row["name"],
            kind=Kind(row["type"]),
            length=int(row["length"].split(".")[0] or 0),
            codes=lists[row["codes"]] if row["codes"] else {},
            verified=row["basis"] != UNVERIFIED,
            personal=row["personal"] == "yes",
            programs={program: row[program] for program in ("adult", "dislocated_worker", "youth") if row[program]},
            name_complete=row["name_complete"] == "yes",
            basis=row["basis"],
        )
        for row in rows
    )


@cache
def code_lists() -> dict[str, dict[str, str]]:
    """Return every list of codes: its name → code → what the code means."""
    lists: dict[str, dict[str, str]] = {}
    for row in _rows("pirl_codes.csv"):
        lists.setdefault(row["list"], {})[row["code"]] = row["meaning"]
    return lists


@cache
def development_schema() -> Schema:
    """Return the dictionary of 2018: 488 columns, and whatever is written by it is a draft."""
    return Schema(DEVELOPMENT, elements_of(_rows("pirl_2018_elements.csv"), code_lists()))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
