"""What a record says that the indicators ask for, read from the texts of its elements."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache

from students.wioa.programs import PARTICIPANT, Program

CREDENTIALS = (("1800", "1801"), ("1802", "1803"), ("1804", "1805"))
TRAININGS = ("1303", "1310", "1315")
DIPLOMA = "1"
NOTHING = "0"
CODES = ("408", "1332", "1401", "1600", "1602", "1603", "1604", "1606", "1607", "1618", "1900", "1901")
DATES = ("900", "901", "1406", "1811", "1813")
MONEY = re.compile(r"\d{1,6}(\.\d{1,2})?", re.ASCII)
DAY = re.compile(r"\d{8}", re.ASCII)


class Gain(Enum):
    """The five types of measurable skill gains, by the elements that hold the days of the most recent ones.

    1807 is the transcript of a postsecondary and 1808 that of a secondary school: TEGL 7-18, Change 1, where
    Attachment VIII of TEGL 10-16 has them the other way round. A diploma is told by the credentials' elements.
    """

    FUNCTIONING_LEVEL = ("1806",)
    DIPLOMA = ()
    TRANSCRIPT = ("1807", "1808")
    MILESTONE = ("1809",)
    SKILLS_PROGRESSION = ("1810",)


GAINS = {element: gain for gain in Gain for element in gain.value}
NEEDED = (
    "OBS",
    "100",
    *(program.element for program in Program),
    "923",
    "1704",
    *CODES,
    *DATES,
    *TRAININGS,
    *(element for pair in CREDENTIALS for element in pair),
    *GAINS,
)


class Unreadable(ValueError):
    """An element that cannot be understood: its number, and how it is written. What it says is never told."""

    def __init__(self, element: str, told: str) -> None:
        super().__init__(f"Element {element} {told}.")
        self.element = element


@dataclass(slots=True)
class Facts:
    """One record; a code that is blank is "", a day that is blank is None, earnings are in cents.

    `exit_code` is 923 as written, of two digits; `trainings` are the types of the three slots, of two digits.
    """

    obs: str
    person: str
    programs: tuple[Program, ...]
    entered: date | None
    exited: date | None
    exit_code: str
    earnings: int | None
    codes: Mapping[str, str]
    trainings: tuple[str, ...]
    credentials: tuple[tuple[str, date], ...]
    gains: tuple[tuple[Gain, date], ...]
    enrolled_after_exit: date | None
    trained_from: date | None
    trained_until: date | None


def facts_of(record: Mapping[str, str]) -> Facts:
    """Return what a record says: element number → text; an element that is missing is blank.

    Raises Unreadable for a day that is not written YYYYMMDD, or earnings that are no amount.
    """
    text = record.get
    days = {element: _day(element, text(element, "")) for element in DATES}
    return Facts(
        obs=text("OBS", ""),
        person=text("100", ""),
        programs=tuple(program for program in Program if text(program.element, "") in PARTICIPANT),
        entered=days["900"],
        exited=days["901"],
        exit_code=_two_digits(text("923", "")),
        earnings=_cents("1704", text("1704", "")),
        codes={element: text(element, "") for element in CODES},
        trainings=tuple(_two_digits(text(element, "")) for element in TRAININGS),
        credentials=tuple(_credentials(record)),
        gains=tuple(_gains(record)),
        enrolled_after_exit=days["1406"],
        trained_from=days["1811"],
        trained_until=days["1813"],
    )


def _credentials(record: Mapping[str, str]) -> list[tuple[str, date]]:
    found = []
    for kind, attained in CREDENTIALS:
        day = _day(attained, record.get(attained, ""))
        code = record.get(kind, "")
        if day is not None and code not in ("", NOTHING):
            found.append((code, day))
    return found


def _gains(record: Mapping[str, str]) -> list[tuple[Gain, date]]:
    found = []
    for element, gain in GAINS.items():
        day = _day(element, record.get(element, ""))
        if day is not None:
            found.append((gain, day))
    return found


def _two_digits(code: str) -> str:
    """Return a code of two digits as it should be written: spreadsheets take the zero before it away."""
    return code.zfill(2) if code else ""


def _day(element: str, text: str) -> date | None:
    if not text:
        return None
    day = read_day(text)
    if day is None:
        raise Unreadable(element, "is no day written YYYYMMDD")
    return day


@lru_cache(maxsize=65_536)
def read_day(text: str) -> date | None:
    """Return a day written YYYYMMDD; None for anything else."""
    if not DAY.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _cents(element: str, text: str) -> int | None:
    if not text:
        return None
    if not MONEY.fullmatch(text):
        raise Unreadable(element, "is no amount written 000000.00")
    dollars, _, cents = text.partition(".")
    return int(dollars) * 100 + int(cents.ljust(2, "0"))
