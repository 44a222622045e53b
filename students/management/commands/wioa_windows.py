"""`manage.py wioa_windows`: which entries and exits the reports of some program years count."""

from argparse import ArgumentTypeError, Namespace

from django.core.management.base import CommandParser

from autopilot import clock
from autopilot.management.base import OperatorCommand
from students.wioa.calendar import program_year
from students.wioa.windows import COLUMNS, annual_rows, quarterly_rows

BEFORE = 2
FIRST, LAST = 2016, 2100  # the first program year under these indicators, and one that nobody here will see


class Command(OperatorCommand):
    """The annual reports of three program years, and the quarterly ones of the last of them."""

    help = "Prints the windows of the annual and quarterly WIOA reports: who was served, and whose exits count."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the format and the program year."""
        self.add_options(parser)
        parser.add_argument("--year", type=a_year, help="the last program year, as 2026 (default: this one)")

    def perform(self, options: Namespace) -> None:
        """Print a row for each report and population."""
        year = options.year or program_year(clock.today())
        annual = [row for each in range(year - BEFORE, year + 1) for row in annual_rows(each)]
        self.print_rows([*annual, *quarterly_rows(year)], COLUMNS)


def a_year(word: str) -> int:
    """Read a program year."""
    if not (word.isascii() and word.isdecimal() and FIRST <= int(word[:6]) <= LAST):
        raise ArgumentTypeError(f"{word!r} is no program year from {FIRST} to {LAST}")
    return int(word)
