"""Reading a schema from the agency's spreadsheet, by its headings.

The headings of a version are known when it is published; those it has had are told apart by their words. What cannot
be read is refused with the row it stands in, for a schema with a hole is worse than none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from students.wioa.pirl.schema import DEVELOPMENT, Element, Kind, Schema, development_schema

KINDS = {"IN": Kind.INTEGER, "AN": Kind.ALPHANUMERIC, "DT": Kind.DATE, "DE": Kind.MONEY}
NUMBER = re.compile(r"OBS|[0-9]{3,4}(?:-?[A-Z])?")
FORMAT = re.compile(r"(IN|AN|DT|DE)\s*\(?\s*([0-9]+)?(?:\.([0-9]+))?\s*\)?", re.IGNORECASE)
CODE = re.compile(r"^\s*([0-9]{1,2}|[A-Z]{2})\s*[=\-–:]\s*(.*\S)\s*$")
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("data element no", "data element number", "element no", "element number", "number", "pirl no"),
    "name": ("data element name", "element name", "name", "field name"),
    "format": ("data type/field length", "data type", "type/length", "field type", "format", "type"),
    "length": ("field length", "length"),
    "codes": ("code value", "code values", "codes", "valid values", "values"),
}
REQUIRED = ("number", "name", "format")
LONGEST_CELL = 1000  # what a cell is cut to when a spreadsheet is read
MOST_LINES_BEFORE = 30


class UnreadableSchema(ValueError):
    """The spreadsheet is no schema; the text says which row, and what to do."""


@dataclass(frozen=True)
class Line:
    """A row of the spreadsheet: the line it stands on, and its cells as text."""

    line: int
    cells: Sequence[str]


def read_schema(rows: Iterable[Line], version: str) -> Schema:
    """Return the schema of a spreadsheet whose rows are the elements in the order of the columns.

    Raises UnreadableSchema where headings are missing, or an element cannot be read.
    """
    lines = iter(rows)
    places = _places(lines)
    elements = list(_elements(lines, places))
    numbers = [element.number for element in elements]
    if not elements or numbers[0] != "OBS":
        raise UnreadableSchema("The first element of a schema is OBS. Put the elements in the order of the columns.")
    if repeated := {number for number in numbers if numbers.count(number) > 1}:
        raise UnreadableSchema(f"Element {min(repeated)} stands there twice. Leave one of them.")
    if version == DEVELOPMENT:
        raise UnreadableSchema(
            f"{DEVELOPMENT} is the development schema of this house. Give the schema its own version."
        )
    return Schema(version, tuple(elements))


def _places(lines: Iterator[Line]) -> dict[str, int]:
    for count, row in enumerate(lines):
        words = [" ".join(cell.lower().replace("\n", " ").split()).rstrip(".:") for cell in row.cells]
        places = {
            meaning: words.index(found)
            for meaning, names in HEADINGS.items()
            if (found := next((name for name in names if name in words), None))
        }
        if all(meaning in places for meaning in REQUIRED):
            return places
        if count >= MOST_LINES_BEFORE:
            break
    raise UnreadableSchema(
        "No row has the headings of a schema. It needs a number, a name and a type for each element, such as"
        " “Data Element No.”, “Data Element Name” and “Data Type/Field Length”."
    )


def _elements(lines: Iterable[Line], places: Mapping[str, int]) -> Iterator[Element]:
    known = {element.number: element for element in development_schema().elements}
    for row in lines:
        cell = {
            meaning: row.cells[place].strip() if place < len(row.cells) else "" for meaning, place in places.items()
        }
        number = cell["number"].upper().removesuffix(".0")
        if not number or not (cell["name"] or cell["format"]):
            continue  # a heading of a section
        if not NUMBER.fullmatch(number):
            raise UnreadableSchema(f"Line {row.line}: “{number[:20]}” is no number of an element.")
        yield _element(row.line, number, cell, known.get(number))


def _element(line: int, number: str, cell: Mapping[str, str], like: Element | None) -> Element:
    found = FORMAT.search(cell["format"])
    if not found:
        raise UnreadableSchema(f"Line {line}: the type of element {number} is none of IN, AN, DT and DE.")
    kind = KINDS[found.group(1).upper()]
    told = found.group(2) or cell.get("length", "").split(".")[0]
    if not told.isdecimal() or not int(told):
        raise UnreadableSchema(f"Line {line}: element {number} has no length, such as “{found.group(1)} 8”.")
    return Element(
        number=number,
        name=" ".join(cell["name"].split()),
        kind=kind,
        length=int(told),
        codes=_codes(cell.get("codes", "")) if kind in {Kind.INTEGER, Kind.ALPHANUMERIC} else {},
        personal=like.personal if like else True,
        programs=like.programs if like else {},
        basis="read",
    )


def _codes(text: str) -> dict[str, str]:
    """Return the codes that lines such as “1 = Yes” name; none where any line is something else, or was cut off."""
    if len(text) >= LONGEST_CELL:
        return {}
    lines = [line for line in re.split(r"[\n;]", text) if line.strip()]
    found = [CODE.match(line) for line in lines]
    return {match.group(1): match.group(2) for match in found if match} if lines and all(found) else {}
