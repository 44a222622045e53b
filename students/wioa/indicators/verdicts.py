"""As what a record counts in a figure, and why: a word for programs and a sentence for people, one of each reason."""

from enum import Enum
from typing import NamedTuple

BLANK = ""


class Counted(Enum):
    """As what a record counts: in numerator and denominator, in the denominator alone, or in neither."""

    ATTAINED = "attained"
    NOT_ATTAINED = "not_attained"
    EXCLUDED = "excluded"


class Verdict(NamedTuple):
    """As what a record counts in a figure, and why: a word for programs, and a sentence for people."""

    counted: Counted
    word: str
    reason: str


def _attained(word: str, reason: str) -> Verdict:
    return Verdict(Counted.ATTAINED, word, reason)


def _not_attained(word: str, reason: str) -> Verdict:
    return Verdict(Counted.NOT_ATTAINED, word, reason)


def _excluded(word: str, reason: str) -> Verdict:
    return Verdict(Counted.EXCLUDED, word, reason)


SERVED = _attained("served", "Participated in the period.")
EXITED = _attained("exited", "Exited in the window.")
EXCLUDED_BY_CODE = {
    "01": _excluded("institutionalized", "Exited by institutionalization (923 is 01)."),
    "02": _excluded("medical", "Exited for medical treatment of more than 90 days (923 is 02)."),
    "03": _excluded("deceased", "Deceased (923 is 03)."),
    "04": _excluded("called_up", "Exited by a call to active duty of 90 days or more (923 is 04)."),
    "05": _excluded("foster_moved", "Foster youth who moved out of the area (923 is 05)."),
    "06": _excluded("ineligible", "Code 06 belongs to Vocational Rehabilitation (923 is 06)."),
    "07": _excluded("offender", "Offender served under section 225 (923 is 07)."),
    BLANK: _excluded("exit_reason_blank", "923 is blank: write 00 for an ordinary exit."),
}
EXIT_CODE_UNKNOWN = _excluded("exit_reason_unknown", "923 has a code that does not exist.")
UNKNOWN_Q2 = _excluded("q2_not_yet_available", "The second quarter after exit is not yet available (1602, 1603, 1704).")
UNKNOWN_Q4 = _excluded("q4_not_yet_available", "The fourth quarter after exit is not yet available (1606, 1607).")
EMPLOYED_Q2 = _attained("employed_q2", "Employed in the second quarter after exit (1602).")
EMPLOYED_Q4 = _attained("employed_q4", "Employed in the fourth quarter after exit (1606).")
PLACED_Q2 = _attained("placed_q2", "In education or training in the second quarter after exit (1900).")
PLACED_Q4 = _attained("placed_q4", "In education or training in the fourth quarter after exit (1901).")
NOT_EMPLOYED_Q2 = _not_attained("not_employed_q2", "Not employed in the second quarter after exit (1602).")
NOT_EMPLOYED_Q4 = _not_attained("not_employed_q4", "Not employed in the fourth quarter after exit (1606).")
NO_JOB_Q2 = _excluded("not_employed_q2", "Not employed in the second quarter after exit (1602).")
EARNED = _attained("earned", "Employed with earnings in the second quarter after exit (1704).")
NO_EARNINGS = _excluded("no_earnings_q2", "Employed, but no earnings are reported for the second quarter (1704).")
NO_TRAINING = _excluded(
    "no_training_for_credential",
    "No training or education that leads to a credential (1303, 1310, 1315; 1332; 408 with 1401).",
)
CREDENTIAL = _attained("credential", "Credential attained in participation or within 365 days of exit (1800 to 1805).")
DIPLOMA_AND_MORE = _attained(
    "diploma_and_more", "Diploma, with employment or further training within a year of exit (1406, 1600 to 1606)."
)
DIPLOMA_ALONE = _not_attained(
    "diploma_alone", "Diploma without employment or further training within a year of exit (1406, 1600 to 1606)."
)
NO_CREDENTIAL = _not_attained("no_credential", "No credential by 365 days after exit (1800 to 1805).")
GAINED = _attained("gained", "A skill gain in the period (1806 to 1810, or a diploma).")
NOT_GAINED = _not_attained("not_gained", "No skill gain in the period (1806 to 1810).")
NEVER_TRAINED = _excluded("not_in_training", "Not in education or training (1811 is blank).")
NOT_TRAINED_THEN = _excluded(
    "not_in_training_then", "Education or training ended before the period or began after it (1811, 1813)."
)
RETAINED = _attained("retained", "With the same employer in the second and the fourth quarter (1618).")
NOT_RETAINED = _not_attained("not_retained", "Not with the same employer in the second and the fourth quarter (1618).")
UNKNOWN_RETENTION = _excluded("retention_not_yet_available", "Whether the employer is the same is not yet available.")
