"""The rules of each indicator: whether a record counts, as what, and why.

Source: 20 CFR 677.155; TEGL 10-16, Change 3, and the formulas by which its reports are added up.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum

from students.wioa.calendar import Population, Window
from students.wioa.indicators import verdicts
from students.wioa.indicators.facts import DIPLOMA, Facts, Gain
from students.wioa.indicators.verdicts import BLANK, Verdict
from students.wioa.programs import Program

ONE_YEAR = timedelta(days=365)
ALL_NINES = 99_999_999  # cents: the earnings are not yet available
EMPLOYED = frozenset({"1", "2", "3"})  # unsubsidized, registered apprentice, military
PLACED = frozenset({"1", "2", "3"})  # occupational skills training, postsecondary, secondary education
NOT_YET = "9"
NOT_YET_MATCHED = "5"
ORDINARY = "00"
# An offender served under section 225 leaves the figures of who exited, and stays in that of skill gains.
COUNTS_FOR_GAINS = frozenset({ORDINARY, "07", BLANK})
# All but on-the-job (01) and customized training (05), 11, 12 and none (00).
COUNTS_FOR_CREDENTIAL = frozenset({"02", "03", "04", "06", "07", "08", "09", "10"})
POSTSECONDARY = frozenset({"2", "3", "4", "5", "6", "7"})


class Indicator(Enum):
    """The figures of a report; the value is the word in every output."""

    SERVED = "participants_served"
    EXITED = "participants_exited"
    EMPLOYED_Q2 = "employment_rate_q2"
    EMPLOYED_Q4 = "employment_rate_q4"
    EARNINGS_Q2 = "median_earnings_q2"
    CREDENTIAL = "credential_attainment"
    GAINS = "measurable_skill_gains"
    SAME_EMPLOYER = "effectiveness_serving_employers"

    @property
    def population(self) -> Population:
        """Whose window it counts."""
        return POPULATIONS[self]

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.value.replace("_", " ").capitalize().replace(" q", " Q")

    @property
    def is_count(self) -> bool:
        """Whether it only counts, and nobody succeeds or fails in it."""
        return self in (Indicator.SERVED, Indicator.EXITED)


POPULATIONS: Mapping[Indicator, Population] = {
    Indicator.SERVED: Population.SERVED,
    Indicator.EXITED: Population.EXITED,
    Indicator.EMPLOYED_Q2: Population.SECOND_QUARTER,
    Indicator.EMPLOYED_Q4: Population.FOURTH_QUARTER,
    Indicator.EARNINGS_Q2: Population.SECOND_QUARTER,
    Indicator.CREDENTIAL: Population.FOURTH_QUARTER,
    Indicator.GAINS: Population.SERVED,
    Indicator.SAME_EMPLOYER: Population.FOURTH_QUARTER,
}


RATED = tuple(each for each in Indicator if not each.is_count)


def verdict(indicator: Indicator, facts: Facts, window: Window, *, youth: bool) -> Verdict | None:
    """Return as what a record counts in an indicator whose window is given; None if it is not of its population.

    `youth` lets placement in education or training count as employment does. Whether the record belongs to a program
    at all is for the caller to ask.
    """
    if facts.entered is None:
        return None
    if indicator is Indicator.SERVED:
        return verdicts.SERVED if _served(facts, window) else None
    if indicator is Indicator.GAINS:
        return _gains(facts, window) if _served(facts, window) else None
    if facts.exited is None or not window.start <= facts.exited <= window.end:
        return None
    if indicator is Indicator.EXITED:
        return verdicts.EXITED
    if facts.exit_code != ORDINARY:
        return verdicts.EXCLUDED_BY_CODE.get(facts.exit_code, verdicts.EXIT_CODE_UNKNOWN)
    return BY_EXIT[indicator](facts, youth)


def _served(facts: Facts, window: Window) -> bool:
    return facts.entered is not None and window.overlaps(facts.entered, facts.exited)


def _unknown_q2(facts: Facts) -> bool:
    """Return whether employment in the second quarter is not yet available: then nobody succeeds or fails by it."""
    codes = facts.codes
    return codes["1602"] in (NOT_YET, BLANK) or codes["1603"] == NOT_YET_MATCHED or facts.earnings == ALL_NINES


def _unknown_q4(facts: Facts) -> bool:
    return facts.codes["1606"] in (NOT_YET, BLANK) or facts.codes["1607"] == NOT_YET_MATCHED


def _employed_q2(facts: Facts, youth: bool) -> Verdict:
    if _unknown_q2(facts):
        return verdicts.UNKNOWN_Q2
    if facts.codes["1602"] in EMPLOYED:
        return verdicts.EMPLOYED_Q2
    return verdicts.PLACED_Q2 if youth and facts.codes["1900"] in PLACED else verdicts.NOT_EMPLOYED_Q2


def _employed_q4(facts: Facts, youth: bool) -> Verdict:
    if _unknown_q4(facts):
        return verdicts.UNKNOWN_Q4
    if facts.codes["1606"] in EMPLOYED:
        return verdicts.EMPLOYED_Q4
    return verdicts.PLACED_Q4 if youth and facts.codes["1901"] in PLACED else verdicts.NOT_EMPLOYED_Q4


def _earnings(facts: Facts, _youth: bool) -> Verdict:
    if _unknown_q2(facts):
        return verdicts.UNKNOWN_Q2
    if facts.codes["1602"] not in EMPLOYED:
        return verdicts.NO_JOB_Q2
    return verdicts.EARNED if facts.earnings else verdicts.NO_EARNINGS


def _credential(facts: Facts, _youth: bool) -> Verdict:
    if not trained_for_credential(facts):
        return verdicts.NO_TRAINING
    kinds = {kind for kind, attained in facts.credentials if _within_a_year(facts, attained)}
    if kinds & POSTSECONDARY:
        return verdicts.CREDENTIAL
    if DIPLOMA in kinds:
        return verdicts.DIPLOMA_AND_MORE if _went_on(facts) else verdicts.DIPLOMA_ALONE
    return verdicts.NO_CREDENTIAL


def trained_for_credential(facts: Facts) -> bool:
    """Return whether somebody was in training or education that leads to a credential."""
    codes = facts.codes
    in_school = codes["1332"] == "1" or (codes["408"] == "0" and codes["1401"] == "1")
    return in_school or not COUNTS_FOR_CREDENTIAL.isdisjoint(facts.trainings)


def _within_a_year(facts: Facts, day: date | None) -> bool:
    return facts.exited is not None and day is not None and day <= facts.exited + ONE_YEAR


def _went_on(facts: Facts) -> bool:
    """Return whether who has a diploma was employed in a quarter after exit, or trained on within a year."""
    employed = any(facts.codes[element] in EMPLOYED for element in ("1600", "1602", "1604", "1606"))
    return employed or _within_a_year(facts, facts.enrolled_after_exit)


def _gains(facts: Facts, window: Window) -> Verdict:
    if facts.exit_code not in COUNTS_FOR_GAINS:
        return verdicts.EXCLUDED_BY_CODE.get(facts.exit_code, verdicts.EXIT_CODE_UNKNOWN)
    if facts.trained_from is None:
        return verdicts.NEVER_TRAINED
    if not window.overlaps(facts.trained_from, facts.trained_until):
        return verdicts.NOT_TRAINED_THEN
    return verdicts.GAINED if gains_in(facts, window) else verdicts.NOT_GAINED


def gains_in(facts: Facts, window: Window) -> set[Gain]:
    """Return the types of skill gains that lie in a window; a diploma is one."""
    gained = {gain for gain, day in facts.gains if day in window}
    if any(kind == DIPLOMA and day in window for kind, day in facts.credentials):
        gained.add(Gain.DIPLOMA)
    return gained


def _same_employer(facts: Facts, _youth: bool) -> Verdict:
    if _unknown_q2(facts):
        return verdicts.UNKNOWN_Q2
    if facts.codes["1602"] not in EMPLOYED:
        return verdicts.NO_JOB_Q2
    same = facts.codes["1618"]
    if same == "1":
        return verdicts.RETAINED
    unknown = same == NOT_YET or (same == BLANK and _unknown_q4(facts))
    return verdicts.UNKNOWN_RETENTION if unknown else verdicts.NOT_RETAINED


BY_EXIT: Mapping[Indicator, Callable[[Facts, bool], Verdict]] = {
    Indicator.EMPLOYED_Q2: _employed_q2,
    Indicator.EMPLOYED_Q4: _employed_q4,
    Indicator.EARNINGS_Q2: _earnings,
    Indicator.CREDENTIAL: _credential,
    Indicator.SAME_EMPLOYER: _same_employer,
}


def is_youth(program: Program | None, facts: Facts) -> bool:
    """Return whether the youth variants hold: in the figures of youth, and of youth in those of all programs."""
    return program is Program.YOUTH or (program is None and Program.YOUTH in facts.programs)
