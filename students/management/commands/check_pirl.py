"""Check a PIRL file, whoever wrote it."""

import json
from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import Progress

from autopilot import clock
from autopilot.management.base import OperatorCommand, misused
from students.services.pirl_schemas import UnknownSchema, schema_named
from students.wioa.pirl.engine import Engine
from students.wioa.pirl.findings import Finding, Report
from students.wioa.pirl.reading import last_day
from students.wioa.pirl.schema import Schema

COLUMNS = ["severity", "rule", "row", "obs", "element", "value", "message", "fix"]


class Command(OperatorCommand):
    """The edit checks over a file, in the official order."""

    help = (
        "Checks a PIRL file in the official order: layout, values, duplicates, logic. Ends with 1 where something"
        " keeps the file from being accepted, and with 0 where there are warnings at most."
    )
    default_limit = 1000

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the file, and by what it is checked."""
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        self.add_options(parser, limit="how many findings are listed; all are counted")
        parser.add_argument("--schema", metavar="VERSION", default="", help="default: the newest that is in force")
        told = "last day of the report's period; default: the last day of which the file tells"
        parser.add_argument("--period-end", type=a_day, metavar="YYYY-MM-DD", help=told)

    def perform(self, options: Namespace) -> str | None:
        """Read the file once, or twice where the period is not said, and print what is wrong with it."""
        today = clock.now().date()
        try:
            schema = schema_named(options.schema, options.period_end or today)
        except UnknownSchema as unknown:
            raise misused(str(unknown)) from None
        with self._opened(options.file) as file:
            ends = options.period_end or (last_day(file, schema, today) if file.seekable() else None)
            if file.seekable():
                file.seek(0)
            report = self._checked(file, Engine(schema, ends, at_latest=options.period_end or today), options.limit)
        self._tell(report, schema, ends, options)
        return None if report.clean else f"{report.total:,} findings in {report.rows:,} rows."

    def _opened(self, name: str) -> BinaryIO:
        try:
            return Path("/dev/stdin" if name == "-" else name).open("rb")
        except OSError as error:
            raise misused(f"{name} cannot be read: {error.strerror}.") from None

    def _checked(self, file: BinaryIO, engine: Engine, limit: int) -> Report:
        if not (self.stderr.isatty() and file.seekable()):
            return engine.check_file(file, limit=limit)
        size = Path(file.name).stat().st_size
        with Progress(console=Console(stderr=True, force_terminal=True), transient=True) as progress:
            task = progress.add_task("Checking", total=size)
            return engine.check_file(
                file, limit=limit, progress=lambda _rows, read: progress.update(task, completed=read)
            )

    def _tell(self, report: Report, schema: Schema, ends: date | None, options: Namespace) -> None:
        if options.format == "json":
            self.stdout.write(json.dumps(document(report, schema, ends, given=bool(options.period_end)), indent=2))
            return
        self.print_rows([row_of(finding) for finding in report.findings], COLUMNS)
        draft = " This is the development schema: the agency does not accept its version." if schema.development else ""
        ended = (
            f" Checked up to the {report.reached.name.lower()} checks; repair these first." if not report.clean else ""
        )
        left = report.total - len(report.findings)
        more = f" {left:,} findings are not listed." if left else ""
        counts = ", ".join(f"{count:,} {severity}" for severity, count in report.by_severity.items())
        self.say(f"{report.rows:,} rows by {schema.version}: {counts}.{more}{ended}{draft}")


def document(report: Report, schema: Schema, ends: date | None, *, given: bool) -> dict[str, Any]:
    """Return a report as the document that docs/pirl.md describes."""
    return {
        "schema": {"version": schema.version, "columns": len(schema.elements), "development": schema.development},
        "period_end": ends.isoformat() if ends else None,
        "period_end_given": given,
        "rows": report.rows,
        "clean": report.clean,
        "reached": report.reached.name.lower(),
        "summary": {
            "findings": report.total,
            "duplicates": report.duplicates,
            "by_severity": report.by_severity,
            "by_rule": report.by_rule,
        },
        "not_run": report.not_run,
        "findings": [row_of(finding) for finding in report.findings],
        "findings_left_out": report.total - len(report.findings),
    }


def row_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain values."""
    return asdict(finding) | {"severity": str(finding.severity), "stage": finding.stage.name.lower()}


def a_day(word: str) -> date:
    """Read a day written YYYY-MM-DD."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ArgumentTypeError(f"{word!r} is not a day; write it as 2026-06-30") from None
