"""How well a holder does what it must, as a score with its reasons; every floor above adds the parts it knows.

The score is the mean of its parts, each 0 to 100: from 70 a holder counts as compliant, from 90 as in good standing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from programs.models import Holder, Requirement, RequirementStatus

COMPLIANT, GOOD = 70, 90
PROVEN = ("license", "insurance", "background-checks")


@dataclass(frozen=True)
class Line:
    """One reason of a part: what was looked at, what was found, and whether it is as it should be."""

    title: str
    found: str
    is_good: bool


@dataclass(frozen=True)
class Action:
    """What raises the score: in words, and where. `view` is the name of an address in the portal, which takes the
    holder's id and `arguments`; blank where there is no such page."""

    text: str
    view: str = ""
    arguments: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part of a score, 0 to 100, with its rule, its reasons and what raises it."""

    title: str
    points: int
    rule: str
    lines: tuple[Line, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Score:
    """The score of a holder."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        """The mean of the parts, rounded half up."""
        return (2 * sum(part.points for part in self.parts) + len(self.parts)) // (2 * len(self.parts))

    @property
    def standing(self) -> str:
        """In a word: `good`, `compliant` or `at_risk`."""
        return "good" if self.points >= GOOD else "compliant" if self.points >= COMPLIANT else "at_risk"

    @property
    def label(self) -> str:
        """The standing as it is read."""
        return {"good": "Good standing", "compliant": "Compliant"}.get(self.standing, "Not compliant")

    @property
    def tone(self) -> str:
        """The class that gives its badge color and sign."""
        return {"good": "pass", "compliant": "info"}.get(self.standing, "warn")

    @property
    def actions(self) -> list[Action]:
        """What raises it, over all parts."""
        return [action for part in self.parts for action in part.actions]


Holders = Collection[UUID]
PartsOf = Callable[[Holders], Mapping[UUID, Part]]
_parts: dict[int, PartsOf] = {}


def part(position: int) -> Callable[[PartsOf], PartsOf]:
    """Register a function that tells one part for each of some holders, in a bounded number of queries."""

    def register(tell: PartsOf) -> PartsOf:
        _parts[position] = tell
        return tell

    return register


def scores_of(holders: Holders) -> dict[UUID, Score]:
    """Return the scores of holders by their ids."""
    told = [tell(holders) for _, tell in sorted(_parts.items())]
    return {holder: Score(tuple(parts[holder] for parts in told)) for holder in holders}


def score_of(holder: Holder) -> Score:
    """Return the score of one holder."""
    return scores_of([holder.pk])[holder.pk]


@part(10)
def documents(holders: Holders) -> dict[UUID, Part]:
    """Tell which of license, insurance and background checks are accepted."""
    rows = Requirement.objects.filter(holder__in=holders, program=None, type__slug__in=PROVEN).select_related("type")
    found: dict[UUID, list[Requirement]] = {holder: [] for holder in holders}
    for row in rows.order_by("type__group", "type__position", "-type__effective_from"):
        if row.type.slug not in {each.type.slug for each in found[row.holder_id]}:
            found[row.holder_id].append(row)
    return {holder: _documents(of) for holder, of in found.items()}


def _documents(rows: list[Requirement]) -> Part:
    good = [row.status == RequirementStatus.ACCEPTED for row in rows]
    return Part(
        "Documents",
        round(100 * sum(good) / len(good)) if good else 100,
        "The share of license, liability insurance and background checks that is accepted and has not expired.",
        tuple(Line(row.type.title, row.get_status_display(), is_good) for row, is_good in zip(rows, good, strict=True)),
        tuple(
            _action(row) for row in rows if row.status not in (RequirementStatus.ACCEPTED, RequirementStatus.SUBMITTED)
        ),
    )


def _action(row: Requirement) -> Action:
    return Action(f"Upload a proof for “{row.type.title}”.", "portal:requirement", (row.pk,))
