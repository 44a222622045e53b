"""A record of the PIRL from facts: one period of participation, as it was known when the period of the report ended.

What is not known is blank, or the code by which an element says so; nothing is filled in that nobody told. What
happened after the report's period is not known yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from students.wioa.calendar import Population, Quarter, report_window
from students.wioa.participation import IDLE, Period, Received
from students.wioa.pirl.schema import Kind, development_schema
from students.wioa.programs import Program

LOCAL_FUNDS = "1"
NOT_SERVED = "0"
TRAINING = "training"
SETTLED = 2  # quarters after the measured one, after which wages that never came are none: TEGL 10-16, Change 3, C
UNKNOWN = ("9", "5", "999999.99")
NOT_EMPLOYED = ("0", "0", "0.00")
EMPLOYED = frozenset("123")
QUARTERS: Mapping[int, tuple[str, str, str]] = {
    1: ("1600", "1601", "1703"),
    2: ("1602", "1603", "1704"),
    3: ("1604", "1605", "1705"),
    4: ("1606", "1607", "1706"),
}
SLOTS = (
    {"entered": "1302", "kind": "1303", "occupation": "1306", "completed": "1307", "ended": "1308"},
    {"entered": "1309", "kind": "1310", "occupation": "1311", "completed": "1312", "ended": "1313"},
    {"entered": "1314", "kind": "1315", "occupation": "1316", "completed": "1317", "ended": "1318"},
)
CREDENTIALS = (("1800", "1801"), ("1802", "1803"), ("1804", "1805"))
FIRST = frozenset({"1000", "1001", "1200", "1202"})  # days of the first service of a kind; others are of the latest
DATES = frozenset(element.number for element in development_schema().elements if element.kind is Kind.DATE)


class Gain(StrEnum):
    """A measurable skill gain, by the element of its day. 1807 is postsecondary, 1808 secondary: TEGL 7-18, Change 1."""

    FUNCTIONING_LEVEL = "1806"
    POSTSECONDARY_TRANSCRIPT = "1807"
    SECONDARY_TRANSCRIPT = "1808"
    MILESTONE = "1809"
    SKILLS_PROGRESSION = "1810"


@dataclass(frozen=True)
class Training:
    """One training: `kind` is a code of element 1303; `occupation`, `provider`, `outcome` and `cip` are blank if unknown.

    `account` tells whether an individual training account pays it, None if unknown.
    """

    kind: str
    entered_on: date
    ended_on: date | None = None
    completed: bool = False
    occupation: str = ""
    provider: str = ""
    outcome: str = ""
    cip: str = ""
    account: bool | None = None


@dataclass(frozen=True)
class Credential:
    """A recognized credential: `kind` is a code of element 1800, 1 to 7."""

    kind: str
    attained_on: date


@dataclass(frozen=True)
class Outcome:
    """What is known of a quarter after exit: codes of elements 1600 and 1601, and what was earned in it, in dollars."""

    employed: str
    match: str
    wages: Decimal


@dataclass(frozen=True)
class Facts:
    """Everything one record is made of.

    `person` is the identifier of element 100. `answers` are elements that are asked at entry, as they are written;
    `funding` is by which funds a program served the person, local ones unless told. `enrolled_on` and `completed_on`
    are of education that leads to a credential or employment. What may be None or left out is unknown.
    """

    person: str
    period: Period
    answers: Mapping[str, str] = field(default_factory=dict)
    funding: Mapping[Program, str] = field(default_factory=dict)
    services: Sequence[Received] = ()
    trainings: Sequence[Training] = ()
    enrolled_on: date | None = None
    completed_on: date | None = None
    postsecondary: bool | None = None
    secondary: bool | None = None
    gains: Mapping[Gain, date] = field(default_factory=dict)
    credentials: Sequence[Credential] | None = None
    enrolled_after_exit_on: date | None = None
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    job_related: bool | None = None
    same_employer: bool | None = None
    placements: Mapping[int, str] = field(default_factory=dict)


def is_reported(period: Period, ends: date) -> bool:
    """Return whether a report whose period ends on a day has a record of it: no indicator counts what exited earlier."""
    exited = _exit(period, ends)
    earliest = report_window(Quarter.of(ends), Population.FOURTH_QUARTER).start
    return period.entered_on <= ends and (exited is None or exited >= earliest)


def record(facts: Facts, ends: date) -> dict[str, str]:
    """Return the record of one period, as known on the last day of the report's period: element → text, blanks left out.

    Its OBS is given when it is written.
    """
    exited = _exit(facts.period, ends)
    made = {"100": facts.person, "900": _day(facts.period.entered_on)}
    if exited:
        made |= {"901": _day(exited), "923": facts.period.exclusion.value}
    made |= {element: value for element, value in facts.answers.items() if value}
    made |= _programs(facts)
    made |= _services(
        [each for each in facts.services if each.on <= ends], youth=Program.YOUTH in facts.period.programs
    )
    made |= _trainings([each for each in facts.trainings if each.entered_on <= ends], ends)
    if made["1300"] == "0" and any(
        each.service.category == TRAINING and each.service.begins for each in facts.services
    ):
        made |= {"1300": "1", "1303": ""}  # trained, and nobody told in what
    made |= _education(facts, ends)
    if facts.credentials is not None:
        made |= _credentials([each for each in facts.credentials if each.attained_on <= ends])
    if exited:
        made |= _after_exit(facts, exited, Quarter.of(ends))
    return made


def _exit(period: Period, ends: date) -> date | None:
    """Return the exit if it could be told by then: when 90 days had gone by. Source: 20 CFR 677.150(c)."""
    return period.exited_on if period.exited_on and period.exited_on + IDLE <= ends else None


def _programs(facts: Facts) -> Iterable[tuple[str, str]]:
    for program in Program:
        served = program in facts.period.programs
        yield program.element, facts.funding.get(program, LOCAL_FUNDS) if served else NOT_SERVED


def _services(services: Sequence[Received], *, youth: bool) -> dict[str, str]:
    """Return the days of services; an element that stands for one of several kinds is left to who knows which."""
    days: dict[str, date] = {}
    for each in services:
        for element in each.service.elements:
            if element in DATES:
                known = days.get(element, each.on)
                days[element] = min(known, each.on) if element in FIRST else max(known, each.on)
    begun = [each.on for each in services if youth and each.program is Program.YOUTH and each.service.begins]
    if begun:
        days["906"] = min(begun)
    return {element: _day(on) for element, on in days.items()}


def _trainings(trainings: Sequence[Training], ends: date) -> dict[str, str]:
    """Return the elements of at most three trainings: the first two, and the latest."""
    made = {"1300": "1" if trainings else "0", "1303": "00", "1310": "00", "1315": "00"}
    ordered = sorted(trainings, key=lambda each: each.entered_on)
    reported = [*ordered[:2], ordered[-1]] if len(ordered) > len(SLOTS) else ordered
    for training, elements in zip(reported, SLOTS, strict=False):
        ended = training.ended_on if training.ended_on and training.ended_on <= ends else None
        told = {
            "entered": _day(training.entered_on),
            "kind": training.kind,
            "occupation": training.occupation,
            "completed": "1" if training.completed and ended else "0",
            "ended": _day(ended),
        }
        made |= {elements[what]: text for what, text in told.items() if text}
    if ordered:
        made |= _provider(ordered[0])
    return made


def _provider(training: Training) -> dict[str, str]:
    account = "" if training.account is None else str(int(training.account))
    told = {"1301": training.provider, "1304": training.outcome, "1305": training.cip, "1319": account}
    return {element: text for element, text in told.items() if text}


def _education(facts: Facts, ends: date) -> dict[str, str]:
    days: dict[str, date | None] = {"1811": facts.enrolled_on, "1813": facts.completed_on}
    days |= {"1406": facts.enrolled_after_exit_on, **{str(gain): on for gain, on in facts.gains.items()}}
    made = {element: _day(on) for element, on in days.items() if on and on <= ends}
    for element, answer in (("1332", facts.postsecondary), ("1401", facts.secondary)):
        if answer is not None:
            made[element] = str(int(answer))
    return made


def _credentials(credentials: Sequence[Credential]) -> dict[str, str]:
    made: dict[str, str] = {} if credentials else {"1800": "0"}
    for each, (kind, on) in zip(sorted(credentials, key=lambda each: each.attained_on), CREDENTIALS, strict=False):
        made |= {kind: each.kind, on: _day(each.attained_on)}
    return made


def _after_exit(facts: Facts, exited: date, report: Quarter) -> dict[str, str]:
    made: dict[str, str] = {}
    passed = _quarters_between(exited, report)
    for number, elements in QUARTERS.items():
        made |= dict(zip(elements, _quarter(facts.outcomes.get(number), number, passed), strict=True))
    second, fourth = made["1602"], made["1606"]
    if second in EMPLOYED and facts.trainings and facts.job_related is not None:
        made["1608"] = str(int(facts.job_related))
    if "9" not in {second, fourth}:
        both = {second, fourth} <= EMPLOYED
        if not both or facts.same_employer is not None:
            made["1618"] = str(int(both and bool(facts.same_employer)))
    if Program.YOUTH in facts.period.programs:
        made |= {element: facts.placements[n] for n, element in ((2, "1900"), (4, "1901")) if n in facts.placements}
    return made


def _quarter(outcome: Outcome | None, number: int, passed: int) -> tuple[str, str, str]:
    """Return employment, match and wages of a quarter: not yet available until two quarters after it, then none."""
    if outcome and passed >= number:
        return outcome.employed, outcome.match, f"{outcome.wages:.2f}"
    return NOT_EMPLOYED if passed >= number + SETTLED else UNKNOWN


def _quarters_between(one: date, other: Quarter) -> int:
    return (other.year - one.year) * 4 + other.number - 1 - (one.month - 1) // 3


@lru_cache(maxsize=100_000)
def _day(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""
