"""Read a job from a bare row of the database, as Django reads it but without its way round through a queryset."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection

from autopilot.models.jobs import Job

FIELDS = Job._meta.concrete_fields
COLUMNS = ", ".join(str(field.column) for field in FIELDS)

Reader = Callable[[Any], Any]


def readers_of(by_type: Mapping[str, Reader]) -> list[tuple[int, Reader]]:
    """Return the columns, by their place in a row, that a database hands over in a form of its own."""
    types = [getattr(field, "target_field", field).get_internal_type() for field in FIELDS]
    return [(place, by_type[name]) for place, name in enumerate(types) if name in by_type]


def job_from(row: Sequence[Any], readers: Sequence[tuple[int, Reader]]) -> Job:
    """Return the job of a row that has the columns of COLUMNS, in their order."""
    values = list(row)
    for place, read in readers:
        if values[place] is not None:
            values[place] = read(values[place])
    return Job.from_db(connection.alias, (), values)
