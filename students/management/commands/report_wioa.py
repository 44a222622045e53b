"""`manage.py report_wioa`: the indicators beside their targets, or who would still count if somebody acted."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from autopilot import clock
from autopilot.management.base import OperatorCommand
from students.management.commands.wioa_indicators import a_quarters_end, require_readable, schema_for
from students.models import PerformanceTarget
from students.services.pirl_export import records
from students.wioa.calendar import Quarter, program_year
from students.wioa.indicators.chances import Chance, chances
from students.wioa.indicators.facts import Unreadable, facts_of
from students.wioa.indicators.figures import Figure
from students.wioa.indicators.files import read_rows
from students.wioa.indicators.reckoning import reckon
from students.wioa.indicators.rules import RATED
from students.wioa.indicators.targets import level_of, reached, standing
from students.wioa.pirl.schema import Schema

COLUMNS = ("program", "indicator", "level", "target", "reached", "standing", "numerator", "denominator", "excluded")
OF_CHANCES = ("indicator", "obs", "person", "missing", "last_day", "days_left")


class Command(OperatorCommand):
    """Without a file, what is reckoned are the periods of participation on file, as they would be exported."""

    help = "Prints the WIOA indicators beside the negotiated targets; with --chances, who would still count."
    default_limit = 1000

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which records, which period, and which of the two lists."""
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a PIRL file (default: periods on file)")
        parser.add_argument("--period-end", type=a_quarters_end, metavar="YYYY-MM-DD", help="default: the last quarter")
        parser.add_argument("--schema", metavar="VERSION", default="", help="default: the newest that is in force")
        parser.add_argument("--chances", action="store_true", help="list who would still count if somebody acted")
        self.add_options(parser, limit="most chances to list, the most urgent first")

    def perform(self, options: Namespace) -> None:
        """Print the list that was asked for."""
        ends = options.period_end or Quarter.of(clock.today()).plus(-1)
        schema = schema_for(options.schema, ends)
        found = read_records(options.file, schema) if options.file else records(ends.end)
        if options.chances:
            self.print_rows(chance_rows(found)[: options.limit], OF_CHANCES)
            return
        report = reckon(found, ends=ends)
        targets = targets_of(program_year(ends.end))
        rows = [row(figure, targets) for figure in report.figures if figure.program and figure.indicator in RATED]
        self.print_rows(rows, COLUMNS)


def read_records(file: Path, schema: Schema) -> Iterator[Mapping[str, str]]:
    """Yield the records of a PIRL file; rows that are none are left to `wioa_indicators` and `check_pirl` to name."""
    require_readable(file)
    columns = [element.number for element in schema.elements]
    return (row.record for row in read_rows(file, columns) if not row.problem)


def targets_of(year: int) -> dict[tuple[str, str], PerformanceTarget]:
    """Return the targets of a program year by program and indicator."""
    return {(each.program, each.indicator): each for each in PerformanceTarget.objects.filter(year=year)}


def row(figure: Figure, targets: Mapping[tuple[str, str], PerformanceTarget]) -> dict[str, Any]:
    """Return a figure beside its target."""
    program = figure.program.value if figure.program else ""
    target = targets.get((program, figure.indicator.value))
    level, aim = level_of(figure), target.level if target else None
    return {
        "program": program,
        "indicator": figure.indicator.value,
        "level": None if level is None else str(level),
        "target": None if aim is None else str(aim),
        "reached": None if (part := reached(level, aim)) is None else f"{part} %",
        "standing": standing(level, aim).value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "excluded": sum(figure.excluded.values()),
    }


def chance_rows(found: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return what can still be done for whom, the most urgent first; records that cannot be read are passed over."""
    today = clock.today()
    told = [chance for record in found for chance in _chances(record, today)]
    ordered = sorted(told, key=lambda each: (each.days_left, each.indicator.value, each.obs))
    return [
        asdict(each) | {"indicator": each.indicator.value, "last_day": each.last_day.isoformat()} for each in ordered
    ]


def _chances(record: Mapping[str, str], today: date) -> list[Chance]:
    try:
        return list(chances(facts_of(record), on=today))
    except Unreadable:
        return []
