"""Writing records as the rows of a PIRL file: the order of the schema, blanks that are blank, no headings, CRLF, ASCII."""

from collections.abc import Iterable, Iterator, Mapping

from students.wioa.pirl.schema import Schema

UNWRITABLE = frozenset(',"')


class Unwritable(ValueError):
    """A value that no row can hold; the message names the element, never the value."""


def lines(records: Iterable[Mapping[str, str]], schema: Schema) -> Iterator[bytes]:
    """Yield each record as a row, with a number of its own as OBS, counted from 1.

    What a record holds beyond the schema is not written. Raises Unwritable for a value that is too long for its
    element or has what the file cannot hold: a comma, a quote, anything but plain ASCII.
    """
    limits = [(element.number, element.length + (element.kind == "money")) for element in schema.elements]
    for number, record in enumerate(records, 1):
        row = {**record, "OBS": str(number)}
        yield (",".join(_value(row.get(element, ""), element, most) for element, most in limits) + "\r\n").encode(
            "ascii"
        )


def _value(value: str, element: str, most: int) -> str:
    if value and (
        (most and len(value) > most) or not value.isascii() or not value.isprintable() or UNWRITABLE & {*value}
    ):
        raise Unwritable(
            f"Element {element} holds a value that is longer than {most or 'any'} characters allowed or is not plain"
            " text without commas and quotes. Correct it where it was entered."
        )
    return value


def file_name(schema: Schema, period_end: str) -> str:
    """Return the name of a file: its schema, its period, and that it is a draft where the schema is for development."""
    draft = "-DRAFT" if schema.development else ""
    return f"{schema.version}-{period_end}{draft}.csv"
