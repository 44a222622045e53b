"""Tables for spreadsheets: CSV and XLSX in which no cell can be taken for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# What spreadsheets take for the begin of a formula, in both widths, and what they skip before one.
# Source: OWASP, CSV Injection.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML, and the name of a sheet, cannot hold.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ILLEGAL_IN_TITLE = re.compile(r"[\[\]:*?/\\]")


def safe_cell(value: Any) -> Any:
    """Return what a cell may hold: numbers as they are, texts with an apostrophe before what might be a formula."""
    if value is None or isinstance(value, int | float):
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
    """Return rows as an XLSX file with one sheet, row by row without holding them; no cell is ever a formula."""
    # openpyxl takes a while to start, and few processes write a workbook.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(ILLEGAL_IN_TITLE.sub(" ", title)[:31] or "Sheet")
    for row in rows:
        cells = [WriteOnlyCell(sheet, ILLEGAL.sub(" ", text) if isinstance(text := safe_cell(each), str) else text)
                 for each in row]  # fmt: skip
        sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
