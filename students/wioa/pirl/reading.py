"""Reading a PIRL file from elsewhere: bytes in, rows out, and every fault of its layout named, none raised."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, NamedTuple

from students.wioa.pirl.schema import Schema
from students.wioa.pirl.values import Days

LONGEST_ROW = 64 * 1024  # bytes; a row of 488 columns has some two thousand
PLAIN = bytes(range(32, 127))
HAPPENED = (
    *("900", "901", "906", "1003", "1004", "1007", "1201", "1302", "1308", "1402", "1403", "1405", "1407", "1408"),
    *("1409", "1410", "1411", "1413", "1414", "1415", "1503", "1406", "1801", "1806", "1807", "1808", "1809", "1810"),
    *("1811", "1813"),
)
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class ReadRow(NamedTuple):
    """A row of the file: its number, how many bytes were read so far, its fields, and the rules it breaks.

    Where `fields` is None the row cannot be read at all.
    """

    number: int
    read: int
    fields: list[str] | None
    broken: tuple[str, ...] = ()


def read_rows(file: BinaryIO, columns: int) -> Iterator[ReadRow]:
    """Yield each row of a file that should have so many columns; no more than one row is kept in memory."""
    number = read = 0
    for number, (line, broken) in enumerate(_lines(file), 1):
        read += len(line)
        yield _row(number, read, line, broken, columns)
    if not number:
        yield ReadRow(1, 0, None, ("PV06",))


def last_day(file: BinaryIO, schema: Schema, today: date) -> date | None:
    """Return the latest day until today on which the rows of a file say that something happened, None if none does.

    The period of the report ends on that day or later.
    """
    columns = [schema.index[number] for number in HAPPENED if number in schema.index]
    until, days, latest = f"{today:%Y%m%d}", Days(), ""
    for read in read_rows(file, len(schema.elements)):
        if read.fields and len(read.fields) == len(schema.elements):
            for column in columns:
                if latest < read.fields[column] <= until and days[read.fields[column]]:
                    latest = read.fields[column]
    return date.fromordinal(days[latest]) if latest else None


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    readline: Callable[[], bytes] = partial(file.readline, LONGEST_ROW)
    first = readline()
    mark = next((mark for mark in MARKS if first.startswith(mark)), b"")
    if first:
        yield first[len(mark) :], ("PV02",) if mark else ()
    rest = not first.endswith(b"\n")
    for line in iter(readline, b""):
        if not rest:
            yield line, ()
        rest = not line.endswith(
            b"\n"
        )  # a row too long to be one comes in pieces, of which only the first is looked at


def _row(number: int, read: int, line: bytes, broken: tuple[str, ...], columns: int) -> ReadRow:
    if line.translate(None, PLAIN).strip(b"\r\n"):
        return ReadRow(number, read, None, (*broken, "PV01"))
    text = line.decode("ascii").rstrip("\r\n")
    if '"' in text:
        broken = (*broken, "PV04")
        fields = _quoted(text)
        if fields is None:
            return ReadRow(number, read, None, (*broken, "PV05"))
    else:
        fields = text.split(",")
    if number == 1 and fields[0].strip().upper() in {"OBS", "OBS NUMBER", "OBSNUMBER"}:
        return ReadRow(number, read, None, (*broken, "PV03"))
    if len(fields) != columns:
        return ReadRow(number, read, fields, (*broken, "EC001"))
    if _has_blanks(text, fields):
        broken = (*broken, "EC003")
    return ReadRow(number, read, fields, broken) if broken else ReadRow(number, read, fields)


def _has_blanks(text: str, fields: list[str]) -> bool:
    """Return whether a field begins or ends with a blank; where nothing is quoted, the text of the row tells it."""
    if '"' in text:
        return any(field != field.strip() for field in fields)
    return ", " in text or " ," in text or text.startswith(" ") or text.endswith(" ")


def _quoted(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return None
