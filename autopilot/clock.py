"""The one clock: what time it is, for everybody, and in tests whatever time they say.

Where the database is a server, every host goes by its clock: one whose own is an hour wrong would write wrong times,
wake and expire what is not due, and sign with times that others refuse.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Expression
from django.db.models.sql.compiler import SQLCompiler

# Hosts that keep the time differ by less, and are left alone.
NEGLIGIBLE = timedelta(seconds=1)

_shift = timedelta(0)
_offset = timedelta(0)


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return _host() + _offset + _shift


def _host() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (this is the door)


def follow(database: BaseDatabaseWrapper) -> None:
    """Go by the clock of a database server from now on, if it surely differs from the host's by more than a second."""
    global _offset
    if database.vendor != "postgresql":
        return
    before = _host()
    with database.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told = cursor.fetchone()[0]
    # The server may have looked at its clock at any moment of the time that the answer took.
    doubt = (_host() - before) / 2
    difference = told - (before + doubt)
    _offset = difference if abs(difference) > NEGLIGIBLE + doubt else timedelta(0)


def day_of(moment: datetime) -> date:
    """Return the day that contains a moment in the network's time zone."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def today() -> date:
    """Return the current date in the network's own time zone."""
    return day_of(now())


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
