"""The edit checks as data: which there are, and which of them are in force.

No official list of the agency’s rules could be read; each check says what it rests on and where that was read.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from students.wioa.pirl.findings import Severity, Stage
from students.wioa.pirl.schema import DATA

STAGES = {stage.name.lower(): stage for stage in Stage}
SEVERITIES = frozenset(map(str, Severity))


@dataclass(frozen=True)
class Check:
    """One rule: when `when` holds, `must` holds too.

    `applied_by` tells who applies it: an `expression` of ours, the `layout`, `value` or `file` stages of the engine, or
    somebody outside a file, such as the builder of periods, a report or a person. `each` are the elements an
    expression is repeated for; `elements` those it concerns, and the first of them is named by a finding.
    """

    id: str
    stage: str
    applied_by: str
    severity: str
    scope: str
    elements: str
    each: str
    rule: str
    fix: str
    when: str
    must: str
    basis: str
    source: str
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, day: date | None) -> bool:
        """Return whether it holds on a day; without a day, whether it holds until further notice."""
        if day is None:
            return self.effective_to is None
        return (self.effective_from or day) <= day <= (self.effective_to or day)

    @property
    def subjects(self) -> list[str]:
        """The elements it is applied to, one after the other."""
        return self.each.split() or [self.elements.split()[0]]


def checks_of(rows: Iterable[Mapping[str, str]]) -> tuple[Check, ...]:
    """Return the checks that the rows of a data file describe."""
    return tuple(
        Check(**{**row, **{name: _day(row[name]) for name in ("effective_from", "effective_to")}})  # type: ignore[arg-type]
        for row in rows
    )


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of the house, in the order of the official sequence."""
    with (DATA / "pirl_edit_checks.csv").open(encoding="utf-8", newline="") as file:
        return checks_of(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
