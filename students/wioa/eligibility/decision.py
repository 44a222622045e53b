"""The decision about one person: every program with every criterion, the priority, the barriers and the training test."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from students.wioa.eligibility.adult import adult, training
from students.wioa.eligibility.barriers import ELEMENTS, barriers
from students.wioa.eligibility.criteria import Case, Criterion
from students.wioa.eligibility.dislocated_worker import dislocated_worker
from students.wioa.eligibility.income import basic_skills, low_income
from students.wioa.eligibility.priority import Priority, priority
from students.wioa.eligibility.verdicts import Verdict, some
from students.wioa.eligibility.youth import (
    in_school_youth,
    out_of_school_youth,
    relies_on_assistance_cap,
    relies_on_income_exception,
)


class Program(StrEnum):
    """What somebody can be eligible for; both kinds of youth are in one program of Title I."""

    ADULT = "adult"
    DISLOCATED_WORKER = "dislocated_worker"
    IN_SCHOOL_YOUTH = "in_school_youth"
    OUT_OF_SCHOOL_YOUTH = "out_of_school_youth"


JUDGES: dict[Program, Callable[[Case], Criterion]] = {
    Program.ADULT: adult,
    Program.DISLOCATED_WORKER: dislocated_worker,
    Program.IN_SCHOOL_YOUTH: in_school_youth,
    Program.OUT_OF_SCHOOL_YOUTH: out_of_school_youth,
}


@dataclass(frozen=True)
class Decision:
    """What the law says of one person on one day; it does not change when the person's circumstances do afterwards."""

    on: date
    programs: dict[Program, Criterion]
    low_income: Criterion
    basic_skills: Criterion
    priority: Priority
    barriers: tuple[Criterion, ...]
    training: Criterion

    def with_verdict(self, verdict: Verdict) -> tuple[Program, ...]:
        """Return the programs of a verdict."""
        return tuple(program for program, criterion in self.programs.items() if criterion.verdict is verdict)

    @property
    def verdict(self) -> Verdict:
        """Met if somebody is eligible for any of the programs, not met if for none, else unknown."""
        return some(criterion.verdict for criterion in self.programs.values())

    @property
    def counts_for_assistance(self) -> bool:
        """Whether this person counts among the 5 percent of in-school youth who need additional assistance."""
        return relies_on_assistance_cap(self.programs[Program.IN_SCHOOL_YOUTH])

    @property
    def counts_for_income(self) -> bool:
        """Whether this person counts among the 5 percent of youth without low income."""
        youth = (self.programs[Program.IN_SCHOOL_YOUTH], self.programs[Program.OUT_OF_SCHOOL_YOUTH])
        return any(relies_on_income_exception(each) for each in youth)

    def unknown(self, programs: Iterable[Program] = JUDGES) -> tuple[str, ...]:
        """Return the names of the facts that would decide about programs and that nobody knows."""
        return tuple(dict.fromkeys(name for each in programs for name in self.programs[each].unknown))

    def evidence(self, programs: Iterable[Program] = JUDGES) -> tuple[str, ...]:
        """Return the keys of the proof that would decide about programs and that is missing."""
        return tuple(dict.fromkeys(key for each in programs for key in self.programs[each].evidence))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, each barrier with its PIRL elements."""
        return {
            "on": self.on.isoformat(),
            "verdict": self.verdict.value,
            "programs": {program.value: criterion.as_json() for program, criterion in self.programs.items()},
            "low_income": self.low_income.as_json(),
            "basic_skills": self.basic_skills.as_json(),
            "priority": self.priority.as_json(),
            "barriers": [each.as_json() | {"elements": list(ELEMENTS[each.rule.key])} for each in self.barriers],
            "training": self.training.as_json(),
        }


def decide(case: Case) -> Decision:
    """Judge one person by every rule of Title I, as far as the facts, the evidence and the figures go."""
    return Decision(
        case.on,
        {program: judge(case) for program, judge in JUDGES.items()},
        low_income(case),
        basic_skills(case),
        priority(case),
        barriers(case),
        training(case),
    )
