"""Read a job from a bare row of the database, and write one, as Django reads it but without its way round through a queryset."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.base import ModelState

from autopilot.models.jobs import Event, Job

FIELDS = Job._meta.concrete_fields
NAMES = [field.attname for field in FIELDS]
EVENT_FIELDS = [field for field in Event._meta.concrete_fields if not field.primary_key]
COLUMNS = ", ".join(str(field.column) for field in FIELDS)

Reader = Callable[[Any], Any]
# A job whose handler has returned, and what it returned.
Finished = tuple[Job, Any]


class Together(NamedTuple):
    """How many jobs may be claimed at once, and of which kinds all but the first must be."""

    most: int
    kinds: Collection[str]


ALONE = Together(1, ())


def readers_of(by_type: Mapping[str, Reader]) -> list[tuple[int, Reader]]:
    """Return the columns, by their place in a row, that a database hands over in a form of its own."""
    types = [getattr(field, "target_field", field).get_internal_type() for field in FIELDS]
    return [(place, by_type[name]) for place, name in enumerate(types) if name in by_type]


def job_from(row: Sequence[Any], readers: Sequence[tuple[int, Reader]], alias: str) -> Job:
    """Return the job of a row of the database `alias` that has the columns of COLUMNS, in their order."""
    job = Job.__new__(Job)
    # Set one by one through the model, fifty fields take longer than the database takes for the statement.
    values = job.__dict__
    values.update(zip(NAMES, row, strict=True))
    for place, read in readers:
        if row[place] is not None:
            values[NAMES[place]] = read(row[place])
    job._state = ModelState()
    job._state.adding, job._state.db = False, alias
    return job


def written(record: Model, fields: Iterable[Any], connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return the values of a record's fields as its database takes them, by column."""
    return {field.column: field.get_db_prep_save(getattr(record, field.attname), connection) for field in fields}


def insertion(table: str, fields: Iterable[Any], mark: str, **instead: str) -> str:
    """Return the INSERT of one row, with a parameter for each column, as `mark` writes it, or what stands `instead`."""
    columns = [field.column for field in fields]
    values = ", ".join(instead.get(column) or mark.format(column) for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 (names of ours alone)
