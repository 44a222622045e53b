"""What stands in the holders' portal: its sections, and the stages of a holder's way. Every floor above adds its own."""

from collections.abc import Callable
from dataclasses import dataclass

from programs.models import Holder


@dataclass(frozen=True)
class Section:
    """A page in the portal's navigation; `view` is the name of an address that takes a holder's id."""

    title: str
    view: str
    position: int


@dataclass(frozen=True)
class Stage:
    """One stage on a holder's way, in words: where it stands and what helps.

    `state` is `done`, `waiting` (for somebody else), `due` (for the holder) or `pending` (not yet). `view` is the name
    of the address, taking a holder's id, at which `action` is done; both are blank where there is nothing to do.
    """

    title: str
    state: str
    line: str
    action: str = ""
    view: str = ""


StageOf = Callable[[Holder], Stage]
_sections: dict[str, Section] = {}
_stages: dict[int, StageOf] = {}


def add_section(title: str, view: str, position: int) -> None:
    """Add a page to the navigation; a lower position stands further left."""
    _sections[view] = Section(title, view, position)


def sections() -> list[Section]:
    """Return the pages of the navigation in order."""
    return sorted(_sections.values(), key=lambda section: section.position)


def stage(position: int) -> Callable[[StageOf], StageOf]:
    """Register a function that tells how one stage of a holder's way stands; a lower position comes earlier."""

    def register(tell: StageOf) -> StageOf:
        _stages[position] = tell
        return tell

    return register


def stages(holder: Holder) -> list[Stage]:
    """Return how every stage stands, in order."""
    return [tell(holder) for _, tell in sorted(_stages.items())]
