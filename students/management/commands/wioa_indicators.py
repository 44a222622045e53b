"""`manage.py wioa_indicators FILE --period-end DAY`: the indicators of performance from a PIRL file alone."""

import csv
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand, misused
from autopilot.spreadsheets import safe_cell
from students.services.pirl_schemas import UnknownSchema, schema_named
from students.wioa.calendar import Population, Quarter, report_window
from students.wioa.indicators.figures import ALL
from students.wioa.indicators.files import read_rows
from students.wioa.indicators.reckoning import PROGRAMS, Reckoning, Report, Trace
from students.wioa.pirl.schema import Schema
from students.wioa.programs import Program

COLUMNS = (
    "program", "indicator", "window_start", "window_end", "numerator", "denominator", "rate", "percent", "median",
    "unique_participants", "excluded", "excluded_by_reason", "gains_by_type",
)  # fmt: skip
ON_SCREEN = ("program", "indicator", "numerator", "denominator", "percent", "median", "unique_participants", "excluded")
SAID = 20
# The first quarter under these indicators, and one that nobody here will see.
FIRST, LAST = date(2016, 9, 30), date(2100, 6, 30)
WORDS = (ALL, *(program.value for program in Program))


class Command(OperatorCommand):
    """Six indicators and two counts for each program and for all; a rate is cut to a tenth of a percent."""

    help = "Reckons the WIOA indicators of performance from a PIRL file, with numerators, denominators and exclusions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which file and period, which programs, and where the audit lists go."""
        parser.add_argument("file", type=Path, metavar="FILE", help="a PIRL file: comma-separated, without a heading")
        parser.add_argument(
            "--period-end", type=a_quarters_end, required=True, metavar="YYYY-MM-DD", help="last day of a quarter"
        )
        parser.add_argument("--schema", metavar="VERSION", default="", help="default: the newest that is in force")
        parser.add_argument("--program", choices=WORDS, action="append", help="only this; may be repeated")
        parser.add_argument(
            "--trace", type=Path, metavar="FILE", help="write where each record counts, and why, as CSV"
        )
        self.add_options(parser)

    def perform(self, options: Namespace) -> str | None:
        """Print the figures; rows that cannot be read are what was found."""
        programs = tuple(each for each in PROGRAMS if _word(each) in (options.program or WORDS))
        schema = schema_for(options.schema, options.period_end)
        require_readable(options.file)
        if options.trace and options.trace.exists() and options.trace.samefile(options.file):
            raise misused(f"{options.trace} is the file itself. Name another one to write to.")
        with _traced(options.trace) as told:
            reckoning = Reckoning(options.period_end, told, programs)
            self._count(options.file, schema, reckoning)
        report = reckoning.report()
        self._show(report, schema)
        for bad in report.bad_rows[:SAID]:
            self.say(f"Line {bad.line}: {bad.problem}")
        return f"{report.bad} of {report.read} rows cannot be read and count nowhere." if report.bad else None

    def _count(self, file: Path, schema: Schema, reckoning: Reckoning) -> None:
        for row in read_rows(file, [element.number for element in schema.elements]):
            if row.problem:
                reckoning.add_bad(row.line, row.problem)
            else:
                reckoning.add(row.record, row.line)
        if not reckoning.read:
            raise misused(f"{file} has no rows.")

    def _show(self, report: Report, schema: Schema) -> None:
        rows = [figure.row() for figure in report.figures]
        if self.options.format == "json":
            self.print_one(document(report, schema) | {"figures": rows})
        else:
            self.print_rows(rows, ON_SCREEN if self.options.format == "table" else COLUMNS)


def schema_for(version: str, ends: Quarter) -> Schema:
    """Return the schema of a version, or the one in force at the end of a period; raises CommandError for none."""
    try:
        return schema_named(version, ends.end)
    except UnknownSchema as unknown:
        raise misused(str(unknown)) from None


def require_readable(file: Path) -> None:
    """Raise CommandError unless a file can be read; before anything is written for its sake."""
    try:
        file.open("rb").close()
    except OSError as error:
        raise misused(f"{file} cannot be read: {error.strerror}.") from None


def document(report: Report, schema: Schema) -> dict[str, Any]:
    """Return what the JSON says beside the figures: the period, its windows, the schema, and the rows."""
    windows = {each: report_window(report.ends, each) for each in Population}
    return {
        "period_end": report.ends.end.isoformat(),
        "schema": schema.version,
        "windows": {
            each.name.lower(): {"start": window.start.isoformat(), "end": window.end.isoformat()}
            for each, window in windows.items()
        },
        "rows": {"read": report.read, "bad": report.bad},
        "bad_rows": [bad._asdict() for bad in report.bad_rows],
    }


def a_quarters_end(word: str) -> Quarter:
    """Read the last day of a quarter."""
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise ArgumentTypeError(f"{word!r} is no day; write it as 2026-06-30") from None
    if not FIRST <= day <= LAST:
        raise ArgumentTypeError(f"{word!r} is no day of a report under these indicators")
    quarter = Quarter.of(day)
    if quarter.end != day:
        raise ArgumentTypeError(f"{word} is not the last day of a quarter; that would be {quarter.end}")
    return quarter


def _word(program: Program | None) -> str:
    return program.value if program else ALL


@contextmanager
def _traced(path: Path | None) -> Iterator[Callable[[Trace], object] | None]:
    """Give what writes the audit lists to a file, or None where nobody asked for them."""
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise misused(f"{path} cannot be written: {error.strerror}.") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(Trace._fields)
        yield lambda line: writer.writerow([safe_cell(cell) for cell in line])
