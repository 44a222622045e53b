"""What a command prints: a table for people, JSON or CSV for machines; and progress, for people at a terminal only."""

import io
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.core.management.base import OutputWrapper
from django.utils import timezone
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from autopilot.spreadsheets import csv_lines

Item = TypeVar("Item")
Row = Mapping[str, Any]

FORMATS = ("table", "json", "csv")
GAP = "  "
# A terminal obeys these, and what people wrote must not move its cursor.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def written(
    rows: Sequence[Row], columns: Sequence[str], form: str, *, terminal: bool = False, color: bool = True
) -> str:
    """Return rows in one of the FORMATS; `terminal` lets a table use the terminal's width, and `color` its colors."""
    if form == "json":
        return json.dumps([_plain(row, columns) for row in rows], indent=2) + "\n"
    if form == "csv":
        return _csv(rows, columns)
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    return _rich(cells, columns, color) if terminal else _aligned(cells, columns)


def written_one(row: Row, form: str, *, terminal: bool = False, color: bool = True) -> str:
    """Return one thing with all its members: an object of JSON, a line of CSV, or a table of two columns."""
    if form == "json":
        return json.dumps(_plain(row, list(row)), indent=2) + "\n"
    if form == "csv":
        return _csv([row], list(row))
    members = [{"field": name, "value": value} for name, value in row.items()]
    return written(members, ["field", "value"], form, terminal=terminal, color=color)


def tracked(items: Iterable[Item], total: int, text: str, stderr: OutputWrapper) -> Iterator[Item]:
    """Pass items on, and show at a terminal, never on a pipe, how many have been."""
    if not stderr.isatty():
        yield from items
        return
    with Progress(console=Console(stderr=True, force_terminal=True), transient=True) as progress:
        yield from progress.track(items, total=total, description=text)


def _plain(row: Row, columns: Sequence[str]) -> dict[str, Any]:
    return {column: _json_value(row.get(column)) for column in columns}


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    return "".join(csv_lines([columns, *([_csv_value(row.get(column)) for column in columns] for row in rows)]))


def cell_of(value: Any) -> Any:
    """Return a value as a cell of a file takes it: numbers as they are, everything else as text."""
    return value if isinstance(value, Decimal) else _csv_value(value)


def _csv_value(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value.isoformat() if isinstance(value, datetime) else _text(value)
    return "\n".join(CONTROL.sub(" ", line) for line in text.split("\n"))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S %Z")
    return CONTROL.sub(" ", _text(value))


def _aligned(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    lines = [list(columns), *cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "".join(_line(line, widths) for line in lines)


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"


def _rich(cells: Sequence[Sequence[str]], columns: Sequence[str], color: bool) -> str:
    table = Table(*columns, box=box.SIMPLE_HEAD)
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    width = shutil.get_terminal_size().columns
    console = Console(width=width, force_terminal=True, no_color=not color or None, file=io.StringIO())
    with console.capture() as captured:
        console.print(table)
    return captured.get()
