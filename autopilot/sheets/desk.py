"""The door to uploaded tables: each is read in a limited process of its own, which ends with it."""

import base64
import json

from autopilot.documents.child import Child
from autopilot.documents.errors import PdfError
from autopilot.documents.limits import MEBIBYTE, Limits
from autopilot.sheets.shapes import SheetRow, SheetUnusable

WORKER = "autopilot.sheets.worker"
ENDINGS = (".csv", ".xlsx")
MOST_BYTES = 8_000_000
MOST_ROWS = 10_000
# A bomb is refused within 5 s and 300 MB; the rest is for the process to start and to end.
LIMITS = Limits(wall_seconds=4.5, cpu_seconds=4, memory_bytes=280 * MEBIBYTE)
TOO_MUCH = "The file takes more time or memory than a table may. Copy the rows to a new file, or save it as CSV."
DAMAGED = "The file is damaged. Open it in your spreadsheet program, save it as CSV or XLSX, and upload that."


def read_table(content: bytes, name: str, *, most_rows: int = MOST_ROWS, limits: Limits = LIMITS) -> list[SheetRow]:
    """Return the rows of a CSV or XLSX file that are not blank, at most `most_rows` after the first, 30 columns each.

    `name` is the file's name, whose ending says what it is. Text is read as UTF-8, or as UTF-16 where it says so.
    Raises SheetUnusable, with what to do, for all that is no such table or takes more than 5 s or 300 MB to read.
    """
    if not name.lower().endswith(ENDINGS):
        raise SheetUnusable("no_table", "Upload a file whose name ends in .csv or .xlsx.")
    if not content or len(content) > MOST_BYTES:
        raise SheetUnusable("size", f"The file has {len(content):,} bytes; 1 to {MOST_BYTES:,} are allowed.")
    request = {"content": base64.b64encode(content).decode(), "name": name, "most_rows": str(most_rows)}
    child = Child(limits, WORKER)
    try:
        answer, rows = child.ask(request)
    except PdfError:
        raise SheetUnusable("too_much", TOO_MUCH) from None
    finally:
        child.end()
    match answer["outcome"]:
        case "unusable":
            raise SheetUnusable(answer["code"], answer["text"])
        case "too_much":
            raise SheetUnusable("too_much", TOO_MUCH)
        case "damaged":
            raise SheetUnusable("damaged", DAMAGED)
    return [SheetRow(line, tuple(cells), frozenset(formulas)) for line, cells, formulas in json.loads(rows)]
