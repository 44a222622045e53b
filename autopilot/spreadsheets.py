"""Tables for spreadsheets: CSV and XLSX in which no cell can be taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# What spreadsheets take for the begin of a formula, in both widths, and what they skip before one.
# Source: OWASP, CSV Injection.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a sheet of XLSX cannot hold, nor its title. Source: XML 1.0, 2.2.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNWRITABLE_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
LONGEST_TITLE = 31


def safe_cell(value: Any) -> Any:
    """Return what a cell may hold: numbers as they are, texts with an apostrophe before what might be a formula."""
    if value is None or isinstance(value, int | float | Decimal):
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Give each row as a line of CSV, with every cell made safe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def workbook(rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """Return rows as an XLSX file with one sheet: numbers and days as such, every text made safe, none kept in memory."""
    from openpyxl import Workbook  # noqa: PLC0415 (it takes a while to start, and few processes need it)

    book = Workbook(write_only=True)
    sheet = book.create_sheet(UNWRITABLE_IN_TITLE.sub(" ", title)[:LONGEST_TITLE] or "Sheet")
    for row in rows:
        sheet.append([_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    safe = safe_cell(value)
    return UNWRITABLE.sub(" ", safe) if isinstance(safe, str) else safe
