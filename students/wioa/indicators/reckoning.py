"""Reckon all figures of a report in one pass over its records, and tell of each record where it counts and why."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from students.wioa.calendar import Quarter, report_window
from students.wioa.indicators.facts import Facts, Unreadable, facts_of
from students.wioa.indicators.figures import ALL, Figure, Tally
from students.wioa.indicators.rules import Indicator, is_youth, verdict
from students.wioa.indicators.verdicts import Verdict
from students.wioa.programs import Program

MOST_NAMED = 1000
PROGRAMS: tuple[Program | None, ...] = (None, *Program)


class Trace(NamedTuple):
    """Where one record counts: a line of the audit packet."""

    program: str
    indicator: str
    obs: str
    person: str
    counted: str
    reason: str
    explanation: str


class BadRow(NamedTuple):
    """A row that nobody can reckon with, by its line in the file, and what is wrong with it."""

    line: int
    problem: str


@dataclass(frozen=True)
class Report:
    """The figures of a report: of all programs first, then of each."""

    ends: Quarter
    read: int
    bad: int
    bad_rows: tuple[BadRow, ...]
    figures: tuple[Figure, ...]


@dataclass
class Reckoning:
    """The figures while records pass by: what is kept of a record is its participant, to count people once.

    `told`, if given, is told of every record where it counts. Without programs named, all are reckoned, and all together.
    """

    ends: Quarter
    told: Callable[[Trace], object] | None = None
    programs: tuple[Program | None, ...] = PROGRAMS
    read: int = 0
    bad: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    _people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._windows = {each: report_window(self.ends, each.population) for each in Indicator}
        self._tallies = [(program, self._row(program)) for program in self.programs]

    def _row(self, program: Program | None) -> list[Tally]:
        return [Tally(program, indicator, self._windows[indicator]) for indicator in Indicator]

    def add(self, record: Mapping[str, str], line: int = 0) -> None:
        """Count a record, element number → text; one that cannot be read is named by its line."""
        self.read += 1
        try:
            facts = facts_of(record)
        except Unreadable as problem:
            self.refuse(line, str(problem))
        else:
            self._count(facts)

    def add_bad(self, line: int, problem: str) -> None:
        """Name a row that is no record."""
        self.read += 1
        self.refuse(line, problem)

    def refuse(self, line: int, problem: str) -> None:
        """Leave a row out of every figure, and name it if not too many were named."""
        self.bad += 1
        if len(self.bad_rows) < MOST_NAMED:
            self.bad_rows.append(BadRow(line, problem))

    def report(self) -> Report:
        """Return the figures of what has passed by so far."""
        tallies = [tally for _, row in self._tallies for tally in row]
        unique = [0] * len(tallies)
        for mask, people in Counter(self._people.values()).items():
            for place in range(len(unique)):
                unique[place] += people * (mask >> place & 1)
        figures = [tally.figure(count) for tally, count in zip(tallies, unique, strict=True)]
        return Report(self.ends, self.read, self.bad, tuple(self.bad_rows), tuple(figures))

    def _count(self, facts: Facts) -> None:
        """Count a record in every figure it belongs to; a bit for each says in which denominators its person is."""
        mask = 0
        for group, (program, row) in enumerate(self._tallies):
            if facts.programs if program is None else program in facts.programs:
                mask |= self._count_in(row, facts, is_youth(program, facts)) << group * len(Indicator)
        if mask:
            who = facts.person or f"OBS {facts.obs}"
            self._people[who] = self._people.get(who, 0) | mask

    def _count_in(self, row: Sequence[Tally], facts: Facts, youth: bool) -> int:
        mask = 0
        for place, tally in enumerate(row):
            found = verdict(tally.indicator, facts, tally.window, youth=youth)
            if found is None:
                continue
            if tally.add(facts, found):
                mask |= 1 << place
            if self.told is not None:
                self.told(_trace(tally, facts, found))
        return mask


def _trace(tally: Tally, facts: Facts, found: Verdict) -> Trace:
    program = tally.program.value if tally.program else ALL
    return Trace(program, tally.indicator.value, facts.obs, facts.person, found.counted.value, found.word, found.reason)


def reckon(
    records: Iterable[Mapping[str, str]], *, ends: Quarter, told: Callable[[Trace], object] | None = None
) -> Report:
    """Return the figures of the report whose period ends with a quarter, from records in any order."""
    reckoning = Reckoning(ends, told)
    for number, record in enumerate(records, start=1):
        reckoning.add(record, number)
    return reckoning.report()
