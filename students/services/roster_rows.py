"""What the rows of a roster mean: which column is which, and what is wrong with a row; nothing is stored here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from autopilot.sheets.shapes import SheetRow, SheetUnusable
from autopilot.spreadsheets import DANGEROUS
from students.facts import StudentFacts
from students.models import Funding, RosterOutcome, RosterRow
from students.services.enrollments import checked_student

# The columns in the order of the template, with all the headings by which they are known.
COLUMNS: dict[str, tuple[str, ...]] = {
    "first_name": ("First name", "first", "given name"),
    "last_name": ("Last name", "last", "surname", "family name"),
    "email": ("E-mail", "email", "e-mail address", "email address"),
    "phone": ("Phone", "telephone", "phone number"),
    "funding": ("Funding", "funding source", "who pays"),
    "reference": ("Reference", "student number", "student id", "id"),
}
NEEDED = ("first_name", "last_name")
MUST_HAVE = "The first row must name the columns. These are missing: %s. Use the template, whose columns are right."
# A plus begins a phone number, and a minus or a tab means nothing by itself.
FORMULA = ("=", "@", "＝", "＠")


@dataclass
class Understood:
    """The rows of a roster, not stored yet, and the headings of the columns that nobody reads."""

    rows: list[RosterRow] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)


def heading_of(column: str) -> str:
    """Return the heading of a column in the template."""
    return COLUMNS[column][0]


def understand(table: Sequence[SheetRow]) -> Understood:
    """Return what a table says, row by row, each with all that is wrong with it; twins are found within the table.

    Raises SheetUnusable for a table without rows, or without the columns that are needed.
    """
    if not table:
        raise SheetUnusable("empty", "The file has no rows. Use the template, and give each student a row.")
    places, ignored = _places(table[0].cells)
    missing = [heading_of(name) for name in NEEDED if name not in places]
    missing += [] if {"email", "reference"} & places.keys() else ["E-mail or Reference"]
    if missing:
        raise SheetUnusable("columns", MUST_HAVE % ", ".join(missing))
    if len(table) == 1:
        raise SheetUnusable("empty", "The file has a heading and no rows. Give each student a row.")
    rows = [_understood(row, places) for row in table[1:]]
    _find_twins(rows)
    return Understood(rows, ignored)


def _places(headings: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    known = {name.lower(): column for column, names in COLUMNS.items() for name in (*names, column.replace("_", " "))}
    places: dict[str, int] = {}
    ignored = []
    for place, heading in enumerate(headings):
        column = known.get(" ".join(heading.replace("_", " ").lower().split()))
        if column is not None and column not in places:
            places[column] = place
        elif heading:
            ignored.append(heading[:80])
    return places, ignored


def _understood(row: SheetRow, places: dict[str, int]) -> RosterRow:
    said = {column: _unescaped(row.cells[place]) for column, place in places.items() if place < len(row.cells)}
    problems = [
        problem(column, "This is a formula. Enter the value itself.")
        for column, place in places.items()
        if place in row.formulas or said.get(column, "").startswith(FORMULA)
    ]
    made = RosterRow(line=row.line, **{column: said.get(column, "") for column in COLUMNS})
    problems = problems or [*_student_problems(made), *_enrollment_problems(made)]
    if problems:
        made.outcome, made.problems = RosterOutcome.FAULTY, problems
    _fit(made)
    return made


def problem(column: str, text: str) -> dict[str, str]:
    """Return what is wrong with a cell, and what to do."""
    return {"column": heading_of(column), "text": text}


def _student_problems(row: RosterRow) -> Iterable[dict[str, str]]:
    try:
        student = checked_student(StudentFacts(row.first_name, row.last_name, row.email, row.phone))
    except ValidationError as refusal:
        for column, texts in refusal.message_dict.items():
            yield from (problem(column, text) for text in texts)
    else:
        row.email = student.email


def _enrollment_problems(row: RosterRow) -> Iterable[dict[str, str]]:
    funding = _funding(row.funding)
    if funding is None:
        yield problem("funding", f"Enter one of: {', '.join(Funding.values)}; or leave it blank for wioa.")
    row.funding = funding or Funding.WIOA
    if len(row.reference) > _longest("reference"):
        yield problem("reference", f"At most {_longest('reference')} characters.")
    if not row.email and not row.reference:
        yield problem("email", "Give an e-mail address or a reference, so that the student is known again.")


def _funding(said: str) -> str | None:
    known = {
        name.lower(): value for value, label in Funding.choices for name in (value, value.replace("_", " "), label)
    }
    return known.get(" ".join(said.lower().split())) if said else Funding.WIOA


def _find_twins(rows: Sequence[RosterRow]) -> None:
    for column in ("email", "reference"):
        first: dict[str, int] = {}
        for row in rows:
            value = getattr(row, column)
            line = first.setdefault(value, row.line)
            if value and line != row.line:
                row.outcome = RosterOutcome.FAULTY
                row.problems = [*row.problems, problem(column, f"Line {line} has the same. Leave one of them out.")]


def _unescaped(cell: str) -> str:
    """Return a cell without the apostrophe that our own exports put before what might be a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell


def _fit(row: RosterRow) -> None:
    """Cut what is too long to be stored; such a row is faulty and is never imported."""
    for column in COLUMNS:
        setattr(row, column, getattr(row, column)[: _longest(column)])


def _longest(column: str) -> int:
    longest: int = getattr(RosterRow._meta.get_field(column), "max_length", 0)
    return longest
