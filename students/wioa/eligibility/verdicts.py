"""Three values instead of two: what nobody knows is neither met nor not met, and it never passes."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a rule is met, as far as anybody knows."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """What a rule asks of people next: an unknown verdict wants a document, or a person who judges."""

    PASS = "pass"  # noqa: S105  # the word of a result, no password
    FAIL = "fail"
    NEEDS_DOCUMENT = "needs_document"
    NEEDS_HUMAN = "needs_human"


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """Return whether all are met: one that is not decides, and else one that is unknown."""
    given = set(verdicts)
    if Verdict.NOT_MET in given:
        return Verdict.NOT_MET
    return Verdict.UNKNOWN if Verdict.UNKNOWN in given else Verdict.MET


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """Return whether any is met: one that is met decides, and else one that is unknown."""
    given = set(verdicts)
    if Verdict.MET in given:
        return Verdict.MET
    return Verdict.UNKNOWN if Verdict.UNKNOWN in given else Verdict.NOT_MET


def truth(value: bool | None) -> Verdict:
    """Return the verdict of a plain answer, unknown for None."""
    if value is None:
        return Verdict.UNKNOWN
    return Verdict.MET if value else Verdict.NOT_MET
