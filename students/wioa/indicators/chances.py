"""Who would still count if somebody acted: what is missing of a record, and until when it can come.

Sources: those of the rules; a credential counts until 365 days after exit, a skill gain until the program year ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from students.wioa.calendar import Window, program_year, quarter_after_exit, year_window
from students.wioa.indicators import verdicts
from students.wioa.indicators.facts import Facts
from students.wioa.indicators.rules import (
    EMPLOYED,
    ONE_YEAR,
    ORDINARY,
    PLACED,
    Indicator,
    trained_for_credential,
    verdict,
)
from students.wioa.programs import Program

Missing = tuple[Indicator, str, date | None]
MEASURED = ((2, Indicator.EMPLOYED_Q2, "1602", "1900"), (4, Indicator.EMPLOYED_Q4, "1606", "1901"))


@dataclass(frozen=True)
class Chance:
    """What would let a record succeed in an indicator, and the last day on which it can happen."""

    indicator: Indicator
    obs: str
    person: str
    missing: str
    last_day: date
    days_left: int


def chances(facts: Facts, *, on: date) -> Iterator[Chance]:
    """Yield what can still be done for a record on a day, and until when; nothing for who succeeds or is left out."""
    if not facts.programs or facts.entered is None:
        return
    for indicator, missing, last in (_gain(facts, on), _credential(facts), *_employment(facts)):
        if missing and last is not None and last >= on:
            yield Chance(indicator, facts.obs, facts.person, missing, last, (last - on).days)


def _gain(facts: Facts, on: date) -> Missing:
    """Return what is missing of a skill gain in the program year of a day; it must come before the exit."""
    window = year_window(program_year(on))
    found = verdict(Indicator.GAINS, facts, window, youth=False)
    if found is not verdicts.NOT_GAINED or facts.exited is not None:
        return Indicator.GAINS, "", None
    return Indicator.GAINS, "A skill gain of any type in the program year.", window.end


def _credential(facts: Facts) -> Missing:
    """Return what is missing of a credential of somebody who trained for one and has exited."""
    exited, none = facts.exited, (Indicator.CREDENTIAL, "", None)
    if exited is None or facts.exit_code != ORDINARY or not trained_for_credential(facts):
        return none
    found = verdict(Indicator.CREDENTIAL, facts, Window(exited, exited), youth=False)
    if found is verdicts.DIPLOMA_ALONE:
        missing = "Employment in a quarter after exit, or training that leads to a postsecondary credential."
        return Indicator.CREDENTIAL, missing, quarter_after_exit(exited, 4).end
    return (
        (Indicator.CREDENTIAL, "A recognized credential.", exited + ONE_YEAR)
        if found is verdicts.NO_CREDENTIAL
        else none
    )


def _employment(facts: Facts) -> Iterator[Missing]:
    """Yield the measured quarters after an exit in which nobody knows of employment yet."""
    if facts.exited is None or facts.exit_code != ORDINARY:
        return
    youth = Program.YOUTH in facts.programs
    for number, indicator, employed, placed in MEASURED:
        quarter = quarter_after_exit(facts.exited, number)
        if facts.codes[employed] not in EMPLOYED and not (youth and facts.codes[placed] in PLACED):
            either = "Employment, education or training" if youth else "Employment"
            yield indicator, f"{either} in {quarter}.", quarter.end
