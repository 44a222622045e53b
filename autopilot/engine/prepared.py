"""Statements whose parameters are sent beside their text, not in it: PostgreSQL reads and plans each once a connection."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from psycopg import RawCursor

NAME = re.compile(r"%\((\w+)\)s")


class Prepared(NamedTuple):
    """A statement as PostgreSQL reads it, with $1 for the first of its parameters, and their names."""

    text: str
    names: tuple[str, ...]


def prepared(*parts: str) -> Prepared:
    """Return a statement with `%(name)s` for its parameters: common table expressions, and what is asked of them at last."""
    *tables, last = parts
    text = " ".join(f"WITH {', '.join(tables)} {last}".split())
    names = tuple(dict.fromkeys(NAME.findall(text)))
    return Prepared(NAME.sub(lambda found: f"${names.index(found[1]) + 1}", text), names)


def rows_of(statement: Prepared, parameters: Mapping[str, Any]) -> list[Any]:
    """Execute a statement and return its rows; raises Django's errors."""
    connection.ensure_connection()
    with connection.make_cursor(_bare()) as cursor:
        cursor.execute(statement.text, [parameters[name] for name in statement.names])
        return list(cursor.fetchall())


@contextmanager
def executed(statement: str, parameters: Sequence[Any]) -> Iterator[Any]:
    """Execute a statement with `%s` for its parameters on either database, and give its cursor; raises Django's errors."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            yield cursor
        return
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrapped(_bare()) as cursor:
        cursor.execute(_numbered(statement), parameters)
        yield cursor


def _bare() -> Any:
    # Django's own cursors write parameters into the text: the server would plan every single one anew.
    return RawCursor(connection.connection)


@cache
def _numbered(statement: str) -> str:
    first, *others = statement.split("%s")
    return first + "".join(f"${number}{text}" for number, text in enumerate(others, start=1))
