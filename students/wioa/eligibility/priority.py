"""Whom adult career services and training serve first (WIOA 134(c)(3)(E), 38 USC 4215): an order, never a denial."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from students.wioa.eligibility.criteria import Case, Criterion, any_of, claimed, decided
from students.wioa.eligibility.income import basic_skills, low_income
from students.wioa.eligibility.verdicts import Verdict

MEANINGS = {
    1: "Veterans and eligible spouses on public assistance, with low income, or basic skills deficient",
    2: "Others on public assistance, with low income, or basic skills deficient",
    3: "Other veterans and eligible spouses",
    4: "Groups that the local area puts first",
    5: "Everybody else",
}


@dataclass(frozen=True)
class Priority:
    """Where somebody stands in the order, 1 being served first: from `best` to `worst`, as long as facts are unknown."""

    best: int
    worst: int
    criteria: tuple[Criterion, ...]

    @property
    def level(self) -> int | None:
        """The place, None while it is not known."""
        return self.best if self.best == self.worst else None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        meaning = MEANINGS[self.level] if self.level else ""
        criteria = [each.as_json() for each in self.criteria]
        return {"best": self.best, "worst": self.worst, "meaning": meaning, "criteria": criteria}


def priority(case: Case) -> Priority:
    """Return somebody's place in the order of adults."""
    criteria = (
        claimed(case, "covered_veteran", "covered_veteran"),
        any_of("adult_priority", [low_income(case), basic_skills(case)]),
        decided(case, "local_priority", "local_priority"),
    )
    possible = [_level(*answers) for answers in product(*(_answers(each.verdict) for each in criteria))]
    return Priority(min(possible), max(possible), criteria)


def _level(veteran: bool, first: bool, local: bool) -> int:
    if first:
        return 1 if veteran else 2
    if veteran:
        return 3
    return 4 if local else 5


def _answers(verdict: Verdict) -> tuple[bool, ...]:
    return {Verdict.MET: (True,), Verdict.NOT_MET: (False,), Verdict.UNKNOWN: (True, False)}[verdict]
