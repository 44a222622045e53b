"""The rows in which the fields of a form are mapped: what stands in them, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass

from autopilot.fillable_forms.shapes import Field, Widget
from autopilot.fillable_forms.shelf import Mapped
from autopilot.models import FieldMapping

MOST_NAMED = 6
LINE = 6.0  # points: what stands no farther apart is one line
LIMITS = {"comb": "one character in each cell", "multiline": "several lines", "editable": "or other text"}


@dataclass(frozen=True)
class Spot:
    """Where a picture of the page shows a field, in points."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """One field as it is mapped: `number` tells it from the others of its form, `spots` are its places by page."""

    number: int
    field: Field
    page: int
    spots: dict[int, list[Spot]]
    merge_field: str
    transform: str
    required: bool

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.field.label or self.field.name

    @property
    def takes(self) -> str:
        """What it takes, in a few words."""
        limits = [words for name, words in LIMITS.items() if name in self.field.limits()]
        length = [f"{self.field.max_length} characters"] if self.field.max_length else []
        values = [option.value for option in self.field.options]
        named = [", ".join(values[:MOST_NAMED]) + (", …" if len(values) > MOST_NAMED else "")] if values else []
        return "; ".join([self.field.type, *length, *limits, *named])


@dataclass(frozen=True)
class Place:
    """The places of a field on one page, and where its row is."""

    row: Row
    spots: list[Spot]
    address: str


def rows_of(fields: list[Field], mappings: Mapping[str, FieldMapping]) -> list[Row]:
    """Return a row for each field, in the order in which people read its first page."""
    rows = [_row(number, field, mappings.get(field.name)) for number, field in enumerate(fields, start=1)]
    return sorted(rows, key=lambda row: (row.page, round(row.spots[row.page][0].y / LINE), row.spots[row.page][0].x))


def places_on(rows: list[Row], page: int) -> list[Place]:
    """Return the places of all rows on a page; a field's row stands with the first page that shows it."""
    return [
        Place(row, row.spots[page], f"{'' if row.page == page else f'?page={row.page}'}#field-{row.number}")
        for row in rows
        if page in row.spots
    ]


def _row(number: int, field: Field, mapping: FieldMapping | None) -> Row:
    spots: dict[int, list[Spot]] = {}
    for widget in (each for each in field.widgets if each.shown):
        spots.setdefault(widget.page, []).append(_spot(widget))
    said = (mapping.merge_field, mapping.transform, mapping.required) if mapping else ("", "", field.required)
    return Row(number, field, min(spots), spots, *said)


def mapped_rows(rows: list[Row], posted: Mapping[str, str]) -> list[Mapped]:
    """Return what was chosen for each row; those without a merge field are left out."""
    chosen = [(row, posted.get(f"merge_field_{row.number}", "")) for row in rows]
    return [
        Mapped(row.field.name, name, posted.get(f"transform_{row.number}", ""), f"required_{row.number}" in posted)
        for row, name in chosen
        if name
    ]


def _spot(widget: Widget) -> Spot:
    left, top, right, bottom = widget.spot
    return Spot(left, top, right - left, bottom - top)
