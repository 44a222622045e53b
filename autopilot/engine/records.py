"""Whole rows by statements that are written once: to build such a statement takes longer than to answer it.

Values are read and written as Django's own fields do it; signals of models are not sent.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import AutoField, Model

from autopilot.engine.prepared import executed

Record = TypeVar("Record", bound=Model)
# SQLite has one writer at a time, and no row to lock.
LOCK = {"postgresql": " FOR UPDATE", "sqlite": ""}

Reader = tuple[int, Callable[..., Any], Any]


def find(model: type[Record], where: str, parameters: Sequence[Any], *, lock: bool = False) -> list[Record]:
    """Return the rows that a condition in SQL describes; `lock` keeps them until the transaction ends.

    `parameters` are for the condition's `%s`; ids are written by `key_of`.
    """
    statement = _selection(model) + where + (LOCK[connection.vendor] if lock else "")
    with executed(statement, parameters) as cursor:
        rows = cursor.fetchall()
    return [_record(model, list(row)) for row in rows]


def key_of(model: type[Model], key: object) -> Any:
    """Return a primary key as the database at hand writes it."""
    return model._meta.pk.get_db_prep_value(key, connection)


def insert(record: Record) -> Record:
    """Insert a new row; returns it as it was given, without a key that the database makes."""
    fields, statement = _insertion(type(record))
    with executed(statement, [_written(field, record) for field in fields]):
        pass
    record._state.adding, record._state.db = False, connection.alias
    return record


def update(model: type[Model], changes: Mapping[str, object], where: str, parameters: Sequence[Any]) -> int:
    """Set fields of the rows that a condition in SQL describes, to values alone; returns how many there were."""
    fields, statement = _change(model, tuple(changes))
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, changes.values(), strict=True)]
    with executed(statement + where, [*values, *parameters]) as cursor:
        return int(cursor.rowcount)


def _written(field: Any, record: Model) -> Any:
    return field.get_db_prep_save(field.pre_save(record, True), connection)


def _record(model: type[Record], values: list[Any]) -> Record:
    for position, convert, column in _readers(model, connection.vendor):
        values[position] = convert(values[position], column, connection)
    return model.from_db(connection.alias, [field.attname for field in model._meta.concrete_fields], values)


@cache
def _readers(model: type[Model], vendor: str) -> list[Reader]:
    """Return what turns the values of the columns, by their position, into those of the fields on one database."""
    columns = [
        (position, field.get_col(model._meta.db_table)) for position, field in enumerate(model._meta.concrete_fields)
    ]
    return [
        (position, convert, column)
        for position, column in columns
        for convert in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    ]


@cache
def _selection(model: type[Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE '  # noqa: S608 (names of our own models)


@cache
def _insertion(model: type[Model]) -> tuple[list[Any], str]:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return fields, f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})'  # noqa: S608 (names of our own models)


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[list[Any], str]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    return fields, f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE '  # noqa: S608 (names of our own models)
