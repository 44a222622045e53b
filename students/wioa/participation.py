"""Periods of participation, built from the services a person received: when each began, when it ended, and why.

Sources: 20 CFR 677.150 (participant, exit); TEGL 10-16, Change 3 (who becomes a participant, exit, exclusions). An exit
is known only after 90 days without a qualifying service and with none planned, and is then dated back to the last
qualifying service. The day on which somebody closed a case is never the date of an exit.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from students.wioa.programs import Program
from students.wioa.services import Service

IDLE = timedelta(days=90)
ENTRY = "20 CFR 677.150(a); TEGL 10-16, Change 3, Attachment VII"
EXIT = "20 CFR 677.150(c); TEGL 10-16, Change 3, exit"
EXCLUSIONS = "TEGL 7-18, Change 1, element 923; TEGL 10-16, Change 3, Attachment II"


class Exclusion(Enum):
    """Why an exit is left out of the indicators, by the codes of PIRL element 923. Source: TEGL 7-18, Change 1.

    Code 06 belongs to Vocational Rehabilitation alone and is never used here; 05 belongs to youth.
    """

    NONE = "00"
    INSTITUTIONALIZED = "01"
    MEDICAL = "02"
    DECEASED = "03"
    CALLED_UP = "04"
    FOSTER_MOVED = "05"
    OFFENDER = "07"


@dataclass(frozen=True)
class Received:
    """A service that somebody received on a day; raises ValueError where the program does not offer it."""

    on: date
    program: Program
    service: Service

    def __post_init__(self) -> None:
        if self.program not in self.service.programs:
            raise ValueError(f"{self.service.code} is no service of the {self.program.label} program.")


@dataclass(frozen=True)
class Planned:
    """A service that is to come on a day, and on which day that was documented."""

    on: date
    program: Program
    service: Service
    documented_on: date


@dataclass(frozen=True)
class Readiness:
    """Since when somebody can become a participant of a program: eligible, and for youth assessed and with a plan."""

    program: Program
    eligible_on: date
    assessed_on: date | None = None
    planned_on: date | None = None

    @property
    def from_day(self) -> date | None:
        """The first day on which a service makes a participant; None while something is missing."""
        if self.program is not Program.YOUTH:
            return self.eligible_on
        if self.assessed_on is None or self.planned_on is None:
            return None
        return max(self.eligible_on, self.assessed_on, self.planned_on)


@dataclass(frozen=True)
class Hindrance:
    """Since when, and why, a person could not go on; what came after the last service by 90 days or more was not why."""

    since: date
    code: Exclusion


@dataclass(frozen=True)
class Explanation:
    """Why an element of a record says what it says, and by which source."""

    element: str
    text: str
    source: str


@dataclass(frozen=True)
class Period:
    """One period of participation: ended on the day of its last qualifying service, or still open.

    `open_until` is the last day on which a qualifying service continues it, as far as is known.
    """

    programs: frozenset[Program]
    entered_on: date
    last_service_on: date
    open_until: date
    exited_on: date | None
    exclusion: Exclusion
    because: tuple[Explanation, ...]

    @property
    def is_open(self) -> bool:
        """Whether it has no exit yet."""
        return self.exited_on is None


def build(
    services: Iterable[Received],
    readiness: Iterable[Readiness],
    *,
    on: date,
    common_exit: Collection[Program],
    planned: Iterable[Planned] = (),
    hindrances: Iterable[Hindrance] = (),
) -> list[Period]:
    """Return a person's periods of participation as they are known on a day, the earliest first.

    `common_exit` names the programs that the state's policy lets end together only: a service of one keeps the others
    open. Every other program has periods of its own. `planned` keeps a period open however far it lies ahead, where it
    was documented while the period was open. What is dated or documented after the day is not known yet.
    """
    ready = _ready(readiness)
    received = sorted((each for each in services if each.on <= on), key=_place)
    ahead = sorted((each for each in planned if each.documented_on <= on), key=lambda each: each.documented_on)
    found = [
        period
        for group in _groups(common_exit)
        for period in _periods(received, ahead, ready, group, on, tuple(hindrances))
    ]
    return sorted(found, key=lambda each: (each.entered_on, _words(each.programs)))


def _place(received: Received) -> tuple[date, str, str]:
    return received.on, received.service.code, received.program.value


def _words(programs: Iterable[Program]) -> list[str]:
    return sorted(each.label for each in programs)


def _ready(readiness: Iterable[Readiness]) -> dict[Program, Readiness]:
    """Return what makes somebody ready for each program; where there are several, the one that did so first."""
    found: dict[Program, Readiness] = {}
    whole = [(each.from_day, each) for each in readiness if each.from_day is not None]
    for _, each in sorted(whole, key=lambda pair: pair[0]):
        found.setdefault(each.program, each)
    return found


def _groups(common_exit: Collection[Program]) -> list[frozenset[Program]]:
    together = frozenset(common_exit)
    alone = [frozenset({each}) for each in Program if each not in together]
    return [together, *alone] if together else alone


def _periods(
    received: Sequence[Received],
    planned: Sequence[Planned],
    ready: dict[Program, Readiness],
    group: frozenset[Program],
    on: date,
    hindrances: Sequence[Hindrance],
) -> Iterator[Period]:
    own = [each for each in received if each.program in group and _counts(each, ready)]
    ahead = [each for each in planned if each.program in group and each.service.extends]
    for stretch in _stretches(own, ahead):
        yield _period(stretch, ahead, ready, on, hindrances)


def _counts(received: Received, ready: dict[Program, Readiness]) -> bool:
    """Return whether a service makes or keeps a participant: none does before the person can become one."""
    readiness = ready.get(received.program)
    if readiness is None or readiness.from_day is None:
        return False
    return received.on >= readiness.from_day and (received.service.begins or received.service.extends)


def _stretches(services: Sequence[Received], planned: Sequence[Planned]) -> Iterator[list[Received]]:
    """Give the services of each period: it ends where none came as long as it was open."""
    stretch: list[Received] = []
    for each in services:
        if stretch and each.on > _open_until(stretch, planned):
            yield stretch
            stretch = []
        if stretch or each.service.begins:
            stretch.append(each)
    if stretch:
        yield stretch


def _last_qualifying(stretch: Sequence[Received]) -> date:
    """Return the day of the last service that puts off the exit; without any, of the one that made the participant."""
    return max((each.on for each in stretch if each.service.extends), default=stretch[0].on)


def _open_until(stretch: Sequence[Received], planned: Sequence[Planned]) -> date:
    """Return the last day on which a service continues the period: 90 days on, or as far as was planned in time."""
    until = _last_qualifying(stretch) + IDLE
    for each in planned:  # by the day of its documentation: a plan made after the end keeps nothing open
        if each.documented_on <= until:
            until = max(until, each.on)
    return until


def _period(
    stretch: Sequence[Received],
    planned: Sequence[Planned],
    ready: dict[Program, Readiness],
    on: date,
    hindrances: Sequence[Hindrance],
) -> Period:
    first, last, until = stretch[0], _last_qualifying(stretch), _open_until(stretch, planned)
    programs = frozenset(each.program for each in stretch)
    exited = last if on > until else None
    because = [_entry(first, ready[first.program]), *_exit(stretch, last, until, on)]
    exclusion = Exclusion.NONE
    if exited is not None:
        exclusion, why = _exclusion(first.on, last, programs, hindrances)
        because.append(why)
    return Period(programs, first.on, last, until, exited, exclusion, tuple(because))


def _entry(first: Received, readiness: Readiness) -> Explanation:
    steps = [f"eligible on {readiness.eligible_on}"]
    if readiness.program is Program.YOUTH:
        steps += [f"assessed on {readiness.assessed_on}", f"with a plan on {readiness.planned_on}"]
    told = f"{first.service.name} on {first.on} is the first service that makes a participant; {', '.join(steps)}."
    return Explanation("900", told, ENTRY)


def _exit(stretch: Sequence[Received], last: date, until: date, on: date) -> Iterator[Explanation]:
    names = sorted({each.service.name for each in stretch if each.on == last})
    yield Explanation("901", f"The last qualifying service was on {last}: {'; '.join(names)}.", EXIT)
    planned = until > last + IDLE
    if on > until:
        waited = f"none came by {until}, to which a plan kept it open" if planned else "none came within 90 days of it"
        told = f"Exited on {last}: {waited}, and none is planned. {(on - last).days} days have passed."
    elif planned:
        told = f"Open: a service is planned for {until}, {(until - last).days} days after the last one."
    else:
        told = f"Open: without a qualifying service by {until}, the exit is on {last}."
    yield Explanation("901", told, EXIT)


def _exclusion(
    entered: date, last: date, programs: frozenset[Program], hindrances: Iterable[Hindrance]
) -> tuple[Exclusion, Explanation]:
    """Return the code of 923 for an exit: what hindered the person must be why it ended, neither before nor after."""
    refused = []
    for each in sorted(hindrances, key=lambda hindrance: hindrance.since):
        refusal = _refusal(each, entered, last, programs)
        if refusal is None:
            return each.code, _told(each.code, f"since {each.since}, within 90 days of the last service.")
        refused.append(refusal)
    return Exclusion.NONE, _told(Exclusion.NONE, " ".join(filter(None, refused)) or "nothing hindered the person.")


def _told(code: Exclusion, text: str) -> Explanation:
    return Explanation("923", f"Code {code.value}: {text}", EXCLUSIONS)


def _refusal(hindrance: Hindrance, entered: date, last: date, programs: frozenset[Program]) -> str | None:
    """Return why a hindrance does not count for an exit, empty where it belongs to another period; None if it does."""
    code, since = hindrance.code.value, hindrance.since
    if not entered <= since <= last + IDLE:
        return f"{code} since {since} did not end this period." if since > last + IDLE else ""
    if since < last:
        return f"{code} since {since} did not end it: a service was received on {last}."
    if hindrance.code is Exclusion.FOSTER_MOVED and Program.YOUTH not in programs:
        return f"{code} belongs to the youth program alone."
    return None


@dataclass(frozen=True)
class Change:
    """What a new reckoning says of a period otherwise than the last: one that came, went, or became another."""

    before: Period | None
    after: Period | None

    def __str__(self) -> str:
        if self.before is None and self.after is not None:
            return f"New: {in_words(self.after)}."
        if self.after is None and self.before is not None:
            return f"No longer there: {in_words(self.before)}."
        return f"Changed: {in_words(self.before)}; now {in_words(self.after)}." if self.before and self.after else ""


def changes(before: Sequence[Period], after: Sequence[Period]) -> list[Change]:
    """Return what a new reckoning says otherwise than the last, period by period, the earliest first.

    Periods of the same entry in the same programs are one. Only what is reported counts: programs, entry, exit and 923.
    """
    old = {(each.entered_on, each.programs): each for each in before}
    new = {(each.entered_on, each.programs): each for each in after}
    places = sorted(old.keys() | new.keys(), key=lambda place: (place[0], _words(place[1])))
    found = [Change(old.get(place), new.get(place)) for place in places]
    return [
        each for each in found if not (each.before and each.after and in_words(each.before) == in_words(each.after))
    ]


def in_words(period: Period) -> str:
    """Return what is reported of a period in a few words, without anything that tells who it is."""
    end = f"exited {period.exited_on}, code {period.exclusion.value}" if period.exited_on else "open"
    return f"{' and '.join(_words(period.programs))}, entered {period.entered_on}, {end}"
