"""Write the PIRL file of a report."""

import os
from argparse import Namespace
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import CommandParser

from autopilot.management.base import OperatorCommand, misused, person_of
from students.management.commands.check_pirl import a_day
from students.services.pirl_export import records, reported_periods
from students.services.pirl_schemas import UnknownSchema, schema_named
from students.wioa.pirl.engine import Engine
from students.wioa.pirl.findings import Report
from students.wioa.pirl.schema import Schema
from students.wioa.pirl.writing import Unwritable, file_name, lines

DRAFT = "DRAFT"


class Command(OperatorCommand):
    """One row for each period of participation, written as it is read, and checked."""

    help = (
        "Writes the PIRL file of the report whose period ends on a day, and checks it. By the development schema the"
        " file is a draft, and its name says so. Ends with 1 where something is to be repaired."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the period and where to write."""
        parser.add_argument("--period-end", type=a_day, required=True, metavar="YYYY-MM-DD", help="its last day")
        parser.add_argument("--out", required=True, metavar="FILE", help="a file that is not there yet, or a folder")
        parser.add_argument("--schema", metavar="VERSION", default="", help="default: the newest that is in force")
        told = "who exports; it is recorded that sensitive details were read"
        parser.add_argument("--as", dest="person", default="", metavar="USERNAME", help=told)
        self.add_options(parser)

    def perform(self, options: Namespace) -> str | None:
        """Write, check, and print what was written."""
        try:
            schema = schema_named(options.schema, options.period_end)
        except UnknownSchema as unknown:
            raise misused(str(unknown)) from None
        path = self._path(options, schema)
        self._export(path, schema, options)
        with path.open("rb") as file:
            report = Engine(schema, options.period_end).check_file(file)
        self.print_one(told(path, report))
        return None if report.clean else f"{report.total:,} findings. See them: manage.py check_pirl {path}"

    def _path(self, options: Namespace, schema: Schema) -> Path:
        path = Path(options.out)
        if path.is_dir():
            path /= file_name(schema, f"{options.period_end}")
        elif schema.development and DRAFT not in path.name.upper():
            path = path.with_name(f"{path.stem}-{DRAFT}{path.suffix}")
        if path.exists():
            raise misused(f"{path} is there already. Name a file that is not.")
        return path

    def _export(self, path: Path, schema: Schema, options: Namespace) -> None:
        """Write beside the file and give it its name at the end, so that a half of it is nowhere to be found."""
        person = person_of(options) if options.person else None
        total = reported_periods(options.period_end).count()
        made = self.tracked(records(options.period_end, by=person), total, "Exporting")
        beside = path.with_name(f".{path.name}.part")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.writelines(lines(made, schema))
            beside.rename(path)
        except (Unwritable, PermissionDenied) as wrong:
            raise misused(str(wrong)) from None
        except OSError as error:
            raise misused(f"{path} cannot be written: {error.strerror}.") from None
        finally:
            beside.unlink(missing_ok=True)


def told(path: Path, report: Report) -> dict[str, object]:
    """Return what the export says of itself."""
    return {
        "file": str(path),
        "schema": report.schema,
        "status": DRAFT if report.draft else "final",
        "rows": report.rows if path.stat().st_size else 0,
        **report.by_severity,
    }
