"""The one clock: what time it is, for everybody, and in tests whatever time they say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression
from django.db.models.sql.compiler import SQLCompiler

_shift = timedelta(0)


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC) + _shift  # noqa: TID251 (this is the door)


def today() -> date:
    """Return the current date in the network's own time zone."""
    return now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def shift() -> timedelta:
    """Return how far tests have moved the clock; zero outside tests."""
    return _shift


def move(by: timedelta) -> None:
    """Move the clock of this process; only tests call it."""
    global _shift
    _shift += by


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Move the clock for the length of a block; only tests use it."""
    move(by)
    try:
        yield
    finally:
        move(-by)


class DatabaseNow(Expression):
    """The time at which a statement runs, by the database's clock where there is one, plus `offset`.

    Leases compare this on PostgreSQL, so that the clocks of two hosts never disagree about one lease. SQLite is one
    machine: its clock is ours.
    """

    output_field = DateTimeField()

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        super().__init__(output_field=DateTimeField())
        self.offset = offset

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Write the time as a parameter (SQLite)."""
        return "%s", [connection.ops.adapt_datetimefield_value(now() + self.offset)]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Write the time as the server's own clock, moved as tests ask."""
        return "(clock_timestamp() + %s)", [_shift + self.offset]
