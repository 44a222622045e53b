"""Read the rows of a CSV or XLSX file. It knows neither Django nor the database; the worker's process runs it."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from autopilot.sheets.shapes import SheetRow, SheetUnusable

MOST_COLUMNS = 30
LONGEST_CELL = 1000
MOST_UNPACKED = 80_000_000  # bytes
MOST_PARTS = 500
DELIMITERS = ",;\t"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# In a workbook: a cell that is a formula, or that shows an error.
RECKONED = ("f", "e")


def read(content: bytes, name: str, most_rows: int) -> Iterator[SheetRow]:
    """Give the rows of a file that are not blank; of a workbook, those of its first sheet.

    Raises SheetUnusable for what is no such file, is damaged, or is larger than allowed.
    """
    rows = _of_workbook(content) if name.lower().endswith(".xlsx") else _of_text(content)
    for count, row in enumerate((row for row in rows if any(row.cells)), start=1):
        if count > most_rows + 1:
            raise SheetUnusable("too_many_rows", f"The file has more than {most_rows:,} rows. Split it into several.")
        yield row


def _of_text(content: bytes) -> Iterator[SheetRow]:
    text = _decoded(content)
    if "\0" in text:
        raise SheetUnusable("no_table", "This is no text file. Save the table as CSV or XLSX, and upload that.")
    heading = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=heading.count), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield SheetRow(begins, tuple(map(_trimmed, cells[:MOST_COLUMNS])))
            begins = reader.line_num + 1
    except csv.Error:
        raise SheetUnusable(
            "damaged", f"The file cannot be read from line {begins} on. Look at the quotation marks there."
        ) from None


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SheetUnusable(
            "encoding",
            f"Line {line} is not in UTF-8. Save the file as “CSV UTF-8” in your spreadsheet program, or upload it as "
            "XLSX.",
        ) from None


def _of_workbook(content: bytes) -> Iterator[SheetRow]:
    # openpyxl takes a while to start, and a CSV file does not need it.
    from openpyxl import load_workbook  # noqa: PLC0415

    _require_small(content)
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    if not book.worksheets:
        raise SheetUnusable("no_table", "The workbook has no sheet with cells.")
    sheet: Any = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size need not be so
    for line, wide in enumerate(sheet.iter_rows(), start=1):
        row = wide[:MOST_COLUMNS]
        cells = tuple(_trimmed(_written(cell.value)) for cell in row)
        yield SheetRow(line, cells, frozenset(at for at, cell in enumerate(row) if cell.data_type in RECKONED))


def _require_small(content: bytes) -> None:
    """Raise SheetUnusable unless a file is a workbook that stays small when it is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise SheetUnusable(
            "no_table", "This is no XLSX file. Save the table as XLSX or CSV, and upload that."
        ) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetUnusable(
            "too_much", "The workbook is too large when it is unpacked. Copy the rows to a new one, or save it as CSV."
        )


def _written(value: Any) -> str:
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _trimmed(cell: str) -> str:
    return cell.strip()[:LONGEST_CELL]
