"""Read a PIRL file row by row, whoever wrote it: no heading, lines ended in either way, with or without a byte order mark.

Only the elements that the indicators ask for are kept of a row. A row that cannot be read is told with what is wrong,
and never stops the others. Source: WIPS, file format.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from students.wioa.indicators.facts import NEEDED

LONGEST_ROW = 1_000_000
HEADINGS = frozenset({"obs", "obs number", "obsnumber"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file by its line; `record` is empty where `problem` says what is wrong."""

    line: int
    record: Mapping[str, str]
    problem: str = ""


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a file whose columns are the elements named, in their order; raises OSError if there is none.

    Blank lines are passed over, and so is a heading, which the format does not have.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        yield from rows_of(file, columns)


def rows_of(file: TextIO, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of an open file, as `read_rows` does."""
    places = {element: place for place, element in enumerate(columns)}
    needed = [element for element in NEEDED if element in places]
    pick = itemgetter(*(places[element] for element in needed))
    for line, text in _lines(file):
        if len(text) >= LONGEST_ROW:
            yield Row(line, {}, f"It is longer than {LONGEST_ROW:,} characters.")
            continue
        cells = _cells(text)
        if len(cells) == len(columns):
            if line > 1 or cells[0].strip().lower() not in HEADINGS:
                yield Row(line, dict(zip(needed, map(str.strip, pick(cells)), strict=True)))
        elif text.strip():
            yield Row(line, {}, f"It has {len(cells)} columns, and the schema has {len(columns)}.")


def _lines(file: TextIO) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers; of one that is too long as much as shows that, and not the rest."""
    number = 0
    while text := file.readline(LONGEST_ROW):
        number += 1
        yield number, text
        while len(text) >= LONGEST_ROW and not text.endswith("\n"):
            text = file.readline(LONGEST_ROW)


def _cells(text: str) -> list[str]:
    """Return the cells of a row; where nothing is quoted, which is the rule, without the reader of CSV."""
    text = text.rstrip("\n")
    return next(csv.reader([text])) if '"' in text else text.split(",")
