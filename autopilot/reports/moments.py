"""One line of a history, and the words histories have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.utils import dateformat, timezone

from autopilot.models import Decision

DECIDED = {
    Decision.Verdict.APPROVE: ("approved", "Approved version {version}"),
    Decision.Verdict.REJECT: ("rejected", "Rejected version {version}"),
    Decision.Verdict.HAPPENED: ("happened", "It happened"),
    Decision.Verdict.NOT_HAPPENED: ("not_happened", "It did not happen"),
}


@dataclass(frozen=True)
class Moment:
    """What was at one time: `status` is a word of the catalogue of states, `who` a person or a process.

    `type` tells kinds of moments apart, `error` is what went wrong in full, `about` the row that has a page of its own.
    """

    at: datetime
    status: str
    title: str
    who: str = ""
    text: str = ""
    type: str = "event"
    error: str = ""
    about: Model | None = None


def when(at: datetime | None) -> str:
    """Return a time as people read it, in the network's own zone."""
    return dateformat.format(timezone.localtime(at), "N j, Y, g:i a T") if at else "later"


def brief(at: datetime) -> str:
    """Return a time as a list shows it: short, and within the year."""
    return dateformat.format(timezone.localtime(at), "N j, g:i a")


def decided(decisions: Iterable[Decision]) -> list[Moment]:
    """Return a moment for each decision."""
    return [_decided(each) for each in decisions]


def _decided(decision: Decision) -> Moment:
    status, title = DECIDED[Decision.Verdict(decision.verdict)]
    number = decision.data.get("number", "")
    text = " ".join(filter(None, (f"Number {number}." if number else "", decision.comment)))
    instead = f", in the place of {decision.on_behalf_of}" if decision.on_behalf_of_id else ""
    who = f"{decision.actor_label}{instead}"
    return Moment(decision.at, status, title.format(version=decision.payload_version), who, text)
