"""The engine of the edit checks: one for a record when it is saved, and for a file from anywhere.

Every check is compiled once, to closures over the columns of the schema. What a row leaves blank costs nothing: the
values that are there are asked for, and a check is asked only where the cell it begins with holds something.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, compress
from operator import call, itemgetter
from typing import BinaryIO

from students.wioa.calendar import Quarter
from students.wioa.pirl.checks import STAGES, Check, all_checks
from students.wioa.pirl.duplicates import Duplicates
from students.wioa.pirl.findings import Finding, Report, Severity, Stage
from students.wioa.pirl.language import OF_REPORT, Begin, Language, Reader, UnknownElement
from students.wioa.pirl.reading import ReadRow, read_rows
from students.wioa.pirl.schema import Element, Kind, Schema
from students.wioa.pirl.values import Days, accepts

PROGRESS_ROWS = 2000
MOST_VALUES = 1000
FEW_ROWS = 20  # from so many rows on, the same answer in every one of them is no coincidence
UNSAID = "9"
LONGEST_SHOWN = 8
OBS_DIGITS = 9
KIND_WORDS = {Kind.DATE: "dates", Kind.MONEY: "money"}
OTHERWISE = "EC010"
REQUIRED = ("OBS", "100")
Progress = Callable[[int, int], None]


# A check for one element: when the first holds, or nothing more is asked, the second must.
Compiled = tuple[Reader | None, Reader, Check, str]


class ByValue(dict[str, tuple[Compiled, ...]]):
    """The checks that begin with one cell, by what it holds; nothing begins with a blank."""

    def __init__(self, begun: list[tuple[Begin, Compiled]]) -> None:
        told = {value for begin, _ in begun for value in begin.values or ()}
        super().__init__((value, tuple(one for begin, one in begun if begin.holds(value))) for value in told)
        self[""] = ()
        self._others = tuple(one for begin, one in begun if begin.excluded)

    @property
    def getter(self) -> Callable[[str], tuple[Compiled, ...] | None]:
        """What gives the checks of a value; where other values begin none, at the cost of a plain look-up."""
        return self.__getitem__ if self._others else self.get

    def __missing__(self, value: str) -> tuple[Compiled, ...]:
        if len(self) < MOST_VALUES:
            self[value] = self._others
        return self._others


class Stagewise:
    """The checks of one stage, ready to be asked of a row: those that begin with a cell that holds anything, such as a
    day, and those that begin with some of its values."""

    def __init__(self, begun: Mapping[int, list[tuple[Begin, Compiled]]]) -> None:
        of_any = {column: [one for begin, one in ones if begin.values is None] for column, ones in begun.items()}
        of_some = {column: [each for each in ones if each[0].values is not None] for column, ones in begun.items()}
        self._of_any = [tuple(ones) for ones in of_any.values() if ones]
        self._of_some = [ByValue(ones).getter for ones in of_some.values() if ones]
        # Of one column alone itemgetter would give no tuple.
        self._any_cells = itemgetter(*(column for column, ones in of_any.items() if ones), 0, 0)
        self._some_cells = itemgetter(*(column for column, ones in of_some.items() if ones), 0, 0)

    def broken(self, row: Sequence[str]) -> list[Compiled]:
        """Return the checks that a row breaks, each once."""
        of_some = filter(None, map(call, self._of_some, self._some_cells(row)))
        found = chain.from_iterable(chain(compress(self._of_any, self._any_cells(row)), of_some))
        broken = [one for one in found if (one[0] is None or one[0](row)) and not one[1](row)]
        return list(dict.fromkeys(broken)) if broken else broken


class Engine:
    """Checks records against one schema, for a report whose period ends on a day.

    Where that day is only guessed, `at_latest` is the last one it may be. Without a day the checks that ask for it are
    left out, and `not_run` says so.
    """

    def __init__(
        self,
        schema: Schema,
        period_end: date | None = None,
        *,
        at_latest: date | None = None,
        checks: Iterable[Check] | None = None,
    ) -> None:
        self.schema = schema
        self.columns = schema.index
        self.not_run: dict[str, str] = {}
        self._days = Days()
        self._period_end = period_end
        self._at_latest = at_latest or period_end
        in_force = [check for check in (all_checks() if checks is None else checks) if check.in_force(period_end)]
        self._checks = {check.id: check for check in in_force}
        self._accepts = {
            column: accepts(element, self._days)
            for column, element in enumerate(schema.elements)
            if element.kind is not Kind.TEXT  # of which nothing is known
        }
        self._known = itemgetter(*self._accepts, 0, 0)
        self._accepting = list(self._accepts.values())
        self._value_checks = [self._value_check(element) for element in schema.elements]
        self._required = [self.columns[number] for number in REQUIRED if number in self.columns]
        self._of_stage = {stage: self._stagewise(stage, in_force) for stage in (Stage.VALUE, Stage.LOGICAL)}

    def check_file(self, file: BinaryIO, *, limit: int = 1000, progress: Progress | None = None) -> Report:
        """Read a file once, row by row, and report what is wrong with it.

        `limit` is how many findings of a stage are kept; all are counted. `progress` is told rows and bytes now and then.
        """
        report = self._report(limit)
        duplicates = Duplicates(self.columns, self._days)
        unsaid = self._unsaid()
        for read in read_rows(file, len(self.schema.elements)):
            report.rows = read.number
            self._check_row(read, report, duplicates)
            if unsaid and read.fields and len(read.fields) == len(self.columns):
                unsaid = {number for number in unsaid if read.fields[self.columns[number]] == UNSAID}
            if progress and read.number % PROGRESS_ROWS == 0:
                progress(read.number, read.read)
        if report.rows >= FEW_ROWS and report.reached >= Stage.VALUE and "EC018" in self._checks:
            for number in sorted(unsaid):
                report.add(self._finding(self._checks["EC018"], (), None, number))
        return report

    def check_record(self, record: Mapping[str, str]) -> list[Finding]:
        """Return what is wrong with one record; duplicates are for a file to show."""
        row = [record.get(element.number, "") for element in self.schema.elements]
        report = self._report(len(row))
        if any(value != value.strip() for value in row):
            report.add(self._finding(self._checks["EC003"], row, None, "all"))
        self._check_values(row, None, report)
        if report.reached >= Stage.LOGICAL:
            self._check_expressions(Stage.LOGICAL, row, None, report)
        return report.findings

    def _report(self, limit: int) -> Report:
        return Report(self.schema.version, self.schema.development, limit, not_run=self.not_run)

    def _check_row(self, read: ReadRow, report: Report, duplicates: Duplicates) -> None:
        row = read.fields
        for rule in read.broken:
            report.add(self._finding(self._checks[rule], row or (), read.number, "all"))
        if row is None or len(row) != len(self.columns):
            return
        if report.reached >= Stage.VALUE:
            self._check_values(row, read.number, report)
        if report.reached >= Stage.DUPLICATE:
            for rule in duplicates.broken(row):
                check = self._checks[rule]
                report.add(self._finding(check, row, read.number, check.subjects[0]))
        if report.reached >= Stage.LOGICAL:
            self._check_expressions(Stage.LOGICAL, row, read.number, report)

    def _check_values(self, row: Sequence[str], number: int | None, report: Report) -> None:
        wrong = [column for column in self._required if not row[column]]
        known = self._known(row)
        if not all(map(call, compress(self._accepting, known), filter(None, known))):
            wrong += [column for column, accept in self._accepts.items() if row[column] and not accept(row[column])]
        for column in wrong:
            element = self.schema.elements[column]
            severity = Severity.REJECT if element.verified else Severity.WARN
            report.add(self._finding(self._value_checks[column], row, number, element.number, severity))
        if not wrong:
            self._check_expressions(Stage.VALUE, row, number, report)

    def _check_expressions(self, stage: Stage, row: Sequence[str], number: int | None, report: Report) -> None:
        for _, _, check, element in self._of_stage[stage].broken(row):
            report.add(self._finding(check, row, number, element))

    def _finding(
        self, check: Check, row: Sequence[str], number: int | None, element: str, severity: Severity | None = None
    ) -> Finding:
        column = self.columns.get(element)
        value = row[column] if column is not None and column < len(row) else ""
        return Finding(
            rule=check.id,
            severity=severity or Severity(check.severity),
            stage=STAGES[check.stage],
            obs=row[0] if row and _is_row_number(row[0]) else "",
            row=number,
            element=element,
            value=value if column is not None and self._shown(self.schema.elements[column], value) else "",
            message=check.rule,
            fix=check.fix,
        )

    @staticmethod
    def _shown(element: Element, value: str) -> bool:
        """Return whether a value may be told: never one about the person, nor what may be a misplaced identifier."""
        return not element.personal and len(value) <= LONGEST_SHOWN

    def _value_check(self, element: Element) -> Check:
        """Return the check that a value of this element breaks: the one that names it, or the one of its kind."""
        found = [check for check in self._checks.values() if check.applied_by == "value"]
        named = next((check for check in found if element.number in check.elements.split()), None)
        kind = KIND_WORDS.get(element.kind, "codes")
        return named or next((check for check in found if check.elements == kind), self._checks[OTHERWISE])

    def _stagewise(self, stage: Stage, checks: Iterable[Check]) -> Stagewise:
        """Return the expressions of a stage, by the column that each begins with."""
        begun: dict[int, list[tuple[Begin, Compiled]]] = {}
        for check in checks:
            if check.applied_by == "expression" and STAGES[check.stage] is stage:
                for begin, compiled in self._of_check(check):
                    begun.setdefault(begin.column, []).append((begin, compiled))
        return Stagewise(begun)

    def _of_check(self, check: Check) -> Iterator[tuple[Begin, Compiled]]:
        if self._period_end is None and any(name in check.when + check.must for name in OF_REPORT):
            self.not_run[check.id] = "It needs the day on which the period of the report ends."
            return
        for subject in check.subjects:
            language = Language(self.columns, self._constants(), subject, self._days)
            try:
                must = language.compile(check.must)
                yield from ((begin, (begin.rest, must, check, subject)) for begin in language.begins(check.when))
            except UnknownElement as missing:
                self.not_run[check.id] = f"The schema has no element {missing}."

    def _constants(self) -> dict[str, int | bool]:
        if self._period_end is None:
            return {}
        ends = Quarter.of(self._period_end)
        return {
            "REPORT_DAY": self._period_end.toordinal(),
            "REPORT_DAY_AT_LATEST": (self._at_latest or self._period_end).toordinal(),
            "REPORT_QUARTER": ends.year * 4 + ends.number - 1,
        }

    def _unsaid(self) -> set[str]:
        check = self._checks.get("EC018")
        return {number for number in check.elements.split() if number in self.columns} if check else set()


def _is_row_number(text: str) -> bool:
    """Return whether a text may be told as OBS: nine digits may be a misplaced SSN, but none of those begins with 000."""
    return text.isdecimal() and (len(text) <= LONGEST_SHOWN or (len(text) == OBS_DIGITS and text.startswith("000")))
