"""The figures and definitions of eligibility: read from where staff keep them, and imported from a published table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q

from autopilot import audit
from students.models import Determination, DeterminationStatus, IncomeFigure, LocalDefinition
from students.models.determinations import DECIDED
from students.wioa.calendar import program_year, year_window
from students.wioa.eligibility import (
    Cap,
    IncomeFigures,
    LivingStandard,
    LocalPolicy,
    PovertyGuideline,
    shipped_guidelines,
)

COLUMNS = (
    "measure",
    "place",
    "family_size",
    "amount",
    "each_further_person",
    "effective_from",
    "effective_to",
    "source",
)
NEEDED = ("measure", "place", "family_size", "amount", "effective_from", "source")
MOST_ROWS = 20_000
Measure = IncomeFigure.Measure


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line of a table; `line` counts the heading as 1."""

    line: int
    column: str
    message: str


@dataclass(frozen=True)
class Imported:
    """What an import does: how many figures are new, changed and there already, or what keeps it from doing anything."""

    new: int
    changed: int
    known: int
    problems: tuple[Problem, ...]


def figures_on(on: date) -> IncomeFigures:
    """Return the figures that hold on a day: those that come with the product, and those that staff keep."""
    rows = IncomeFigure.objects.filter(Q(effective_to=None) | Q(effective_to__gte=on), effective_from__lte=on)
    kept = list(rows)
    guidelines = (_guideline(row) for row in kept if row.measure == Measure.POVERTY)
    standards = (_standard(row) for row in kept if row.measure == Measure.STANDARD)
    return IncomeFigures((*guidelines, *shipped_guidelines()), tuple(standards))


def policy_on(on: date) -> LocalPolicy:
    """Return what the local area has defined as of a day, and how much of the two caps is used in its program year."""
    definitions = LocalDefinition.objects.filter(Q(effective_to=None) | Q(effective_to__gte=on), effective_from__lte=on)
    written = definitions.filter(topic=LocalDefinition.Topic.ADDITIONAL_ASSISTANCE).order_by("-effective_from").first()
    assistance, income = caps_in(program_year(on))
    return LocalPolicy(written.text if written else None, assistance, income)


def caps_in(year: int) -> tuple[Cap, Cap]:
    """Return the two caps of a program year, out of what was decided in it.

    The first counts in-school youth who were admitted because they need additional assistance among all in-school youth,
    the second youth without low income among all youth.
    """
    window = year_window(year)
    decided = Determination.objects.filter(status__in=DECIDED, as_of__range=(window.start, window.end))
    in_school = Q(in_school_youth=True)
    counted = decided.exclude(status=DeterminationStatus.REFUSED).aggregate(
        assistance=Count("student", distinct=True, filter=Q(counts_for_assistance=True)),
        income=Count("student", distinct=True, filter=Q(counts_for_income=True)),
        in_school=Count("student", distinct=True, filter=in_school),
        youth=Count("student", distinct=True, filter=in_school | Q(out_of_school_youth=True)),
    )
    return Cap(counted["assistance"], counted["in_school"]), Cap(counted["income"], counted["youth"])


def import_figures(rows: Iterable[Mapping[str, Any]], *, by: User | None, dry_run: bool) -> Imported:
    """Take in a table of figures whole, or, while any line of it is wrong, not at all.

    `rows` hold texts by the names in COLUMNS. A figure of the same place, size and first day is replaced by what the
    table says.
    """
    read = [(line, *_read(line, row)) for line, row in enumerate(rows, start=2)]
    figures = [figure for _, figure, _ in read if figure is not None]
    problems = (*(problem for _, _, found in read for problem in found), *_twice(read))
    if problems:
        return Imported(0, 0, 0, problems)
    with transaction.atomic():
        told = [_keep(figure, dry_run=dry_run) for figure in figures]
        result = Imported(told.count("new"), told.count("changed"), told.count("known"), ())
        if not dry_run and figures:
            audit.record(by, "students.income_figures.imported", figures[0], new=result.new, changed=result.changed)
    return result


def _read(line: int, row: Mapping[str, Any]) -> tuple[IncomeFigure | None, list[Problem]]:
    given = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    missing = [Problem(line, name, "It is needed.") for name in NEEDED if not given[name]]
    missing += [
        Problem(line, name, "It holds a character that cannot be kept.") for name in COLUMNS if "\0" in given[name]
    ]
    if missing:
        return None, missing
    values: dict[str, Any] = {name: text for name, text in given.items() if text}
    values["amount"] = values["amount"].replace("$", "").replace(",", "")
    figure = IncomeFigure(**values)
    try:
        figure.clean_fields()
        if known := _same(figure).first():
            figure.pk, figure._state.adding = known.pk, False
        figure.full_clean()
    except ValidationError as refusal:
        return None, [Problem(line, _column(name), " ".join(told)) for name, told in refusal.message_dict.items()]
    return figure, []


def _column(name: str) -> str:
    return name if name in COLUMNS else "measure"


def _same(figure: IncomeFigure) -> Any:
    return IncomeFigure.objects.filter(
        measure=figure.measure,
        place=figure.place,
        family_size=figure.family_size,
        effective_from=figure.effective_from,
    )


def _twice(read: Iterable[tuple[int, IncomeFigure | None, list[Problem]]]) -> Iterator[Problem]:
    seen: dict[tuple[Any, ...], int] = {}
    for line, figure, _ in read:
        if figure is None:
            continue
        key = (figure.measure, figure.place, figure.family_size, figure.effective_from)
        if key in seen:
            yield Problem(line, "place", f"The same figure stands in line {seen[key]}.")
        seen.setdefault(key, line)


def _keep(figure: IncomeFigure, *, dry_run: bool) -> str:
    known = None if figure._state.adding else IncomeFigure.objects.get(pk=figure.pk)
    if known is not None and all(getattr(known, name) == getattr(figure, name) for name in COLUMNS):
        return "known"
    if not dry_run:
        figure.save()
    return "new" if known is None else "changed"


def _guideline(row: IncomeFigure) -> PovertyGuideline:
    further = row.each_further_person or row.amount
    return PovertyGuideline(row.place, row.amount, further, row.effective_from, row.effective_to, row.source)


def _standard(row: IncomeFigure) -> LivingStandard:
    return LivingStandard(row.place, row.family_size, row.amount, row.effective_from, row.effective_to, row.source)
