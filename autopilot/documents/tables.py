"""Tables as files: CSV and XLSX with nothing that a spreadsheet takes for a formula, PDF for paper."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from autopilot import clock, spreadsheets
from autopilot.documents import pdf

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
MOST = {"csv": 10_000, "xlsx": 10_000, "pdf": 1_000}
Table = Sequence[Sequence[Any]]


def table_file(table: Table, form: str, *, title: str) -> bytes:
    """Return a table as a file of one of TYPES; its first row is the headings.

    Raises what `documents.pdf.render` raises, as for a character that our fonts lack.
    """
    if form == "csv":
        return "".join(spreadsheets.csv_lines(table)).encode()
    if form == "xlsx":
        return spreadsheets.workbook(table, title=title)
    return pdf.render("pdf/list.html", _on_paper(table), title=title, created=clock.now())


def _on_paper(table: Table) -> dict[str, Any]:
    head, *rows = [[_printed(value) for value in row] for row in table]
    numbers = [isinstance(value, Decimal | int) for value in (table[1] if rows else table[0])]
    return {
        "head": list(zip(head, numbers, strict=True)),
        "numbers": numbers,
        "rows": [list(zip(row, numbers, strict=False)) for row in rows],
    }


def _printed(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, Decimal) else str(value)
