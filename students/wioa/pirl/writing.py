"""Writing records as the rows of a PIRL file: the order of the schema, blanks that are blank, no headings, CRLF, ASCII."""

from collections.abc import Iterable, Iterator, Mapping

from students.wioa.pirl.schema import Element, Kind, Schema

MOST_CHARACTERS = 200  # of an element whose length is not known
PLAIN = bytes(range(32, 127))
TOLD = "Element {} holds a value that {}. Write it in ASCII, without commas and quotes, within its length."


class Unwritable(ValueError):
    """A value that no row can hold; the message names the element, never the value."""


def lines(records: Iterable[Mapping[str, str]], schema: Schema) -> Iterator[bytes]:
    """Yield each record as a row, with a number of its own as OBS, counted from 1.

    What a record holds beyond the schema is not written. Raises Unwritable for a value that is too long for its
    element or has what the file cannot hold: a comma, a quote, anything but plain ASCII.
    """
    places = {element.number: (column, _longest(element)) for column, element in enumerate(schema.elements)}
    for number, record in enumerate(records, 1):
        row = [""] * len(places)
        for element, value in {**record, "OBS": str(number)}.items():
            if place := places.get(element):
                column, most = place
                if len(value) > most:
                    raise Unwritable(TOLD.format(element, "is too long"))
                row[column] = value
        yield _encoded(row, schema)


def _longest(element: Element) -> int:
    if not element.length:
        return MOST_CHARACTERS
    return element.length + (element.kind is Kind.MONEY)  # whose length leaves out the point


def _encoded(row: list[str], schema: Schema) -> bytes:
    text = ",".join(row)
    line = text.encode("utf-8")
    if line.translate(None, PLAIN) or '"' in text or text.count(",") != len(row) - 1:
        wrong = next(column for column, value in enumerate(row) if not _is_plain(value))
        raise Unwritable(TOLD.format(schema.elements[wrong].number, "is not plain text"))
    return line + b"\r\n"


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and not {",", '"'} & {*value}


def file_name(schema: Schema, period_end: str) -> str:
    """Return the name of a file: its schema, its period, and that it is a draft where the schema is for development."""
    draft = "-DRAFT" if schema.development else ""
    return f"{schema.version}-{period_end}{draft}.csv"
