"""What stands in a student's own portal: its sections, what is next to do, and panels. Every part adds its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from students.models import Student

Records = QuerySet[Student]


@dataclass(frozen=True)
class Section:
    """A page in the navigation, by the name of its address."""

    title: str
    view: str
    position: int


@dataclass(frozen=True)
class Todo:
    """Something the student can do now: a sentence, the button, and the address it leads to."""

    line: str
    action: str
    address: str


@dataclass(frozen=True)
class Panel:
    """A part of the overview, such as eligibility or certificates: sentences, and where more of it stands."""

    title: str
    lines: tuple[str, ...]
    action: str = ""
    address: str = ""


TodosOf = Callable[[Records], Iterable[Todo]]
PanelOf = Callable[[Records], Panel | None]
_sections: dict[str, Section] = {}
_todos: dict[int, TodosOf] = {}
_panels: dict[int, PanelOf] = {}


def add_section(title: str, view: str, position: int) -> None:
    """Add a page to the navigation; a lower position stands further left."""
    _sections[view] = Section(title, view, position)


def sections() -> list[Section]:
    """Return the pages of the navigation in order."""
    return sorted(_sections.values(), key=lambda section: section.position)


def todo(position: int) -> Callable[[TodosOf], TodosOf]:
    """Register a function that tells what of one kind a student can do now; a lower position comes earlier."""

    def register(tell: TodosOf) -> TodosOf:
        _todos[position] = tell
        return tell

    return register


def todos(records: Records) -> list[Todo]:
    """Return everything that a student can do now, in order."""
    return [each for _, tell in sorted(_todos.items()) for each in tell(records)]


def panel(position: int) -> Callable[[PanelOf], PanelOf]:
    """Register a function that returns a panel of the overview, or None for who has none of it."""

    def register(tell: PanelOf) -> PanelOf:
        _panels[position] = tell
        return tell

    return register


def panels(records: Records) -> list[Panel]:
    """Return the panels that a student has, in order."""
    told = (tell(records) for _, tell in sorted(_panels.items()))
    return [each for each in told if each is not None]
