"""Apply migrations while the house is open: wait for locks briefly and often, never long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import InternalError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Writers wait behind whoever waits for a lock on their table; a foreign key may take two locks one after the other.
LOCK_TIMEOUT = "400ms"
PAUSE = 1.0  # seconds in which those who had to wait are let through
PATIENCE = 600  # seconds
GAVE_UP = {"55P03", "40P01"}  # SQLSTATE: a lock was not available in time, or two waited for each other
# What the server says, by no SQLSTATE of its own, where two work on one index: one whose client was killed goes on there.
OVERTAKEN = "tuple concurrently"


class Command(migrate.Command):
    """Django's own, on PostgreSQL with a short lock timeout, and run again when it strikes.

    Writers then wait at most a second. Whatever was done stays done: a repetition goes on where the last run ended.
    """

    help = f"{migrate.Command.help} On PostgreSQL nobody who writes meanwhile waits longer than a second."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how long to go on trying."""
        super().add_arguments(parser)
        parser.add_argument(
            "--patience", type=float, default=PATIENCE, help="Seconds to go on trying for a busy table."
        )

    def handle(self, *args: Any, patience: float, **options: Any) -> None:
        """Migrate; raises CommandError if a table was busy for all of `patience` seconds."""
        connection = connections[options["database"]]
        end = time.monotonic() + patience
        with short_waits(connection):
            while not self._went_through(*args, **options):
                if time.monotonic() > end:
                    raise CommandError(f"A table was busy all the time. Run it again later. {_in_front(connection)}")
                self.stderr.write(f"\nA table is busy; trying again. {_in_front(connection)}")
                time.sleep(PAUSE)

    def _went_through(self, *args: Any, **options: Any) -> bool:
        try:
            super().handle(*args, **options)
        except (OperationalError, InternalError) as problem:
            if getattr(problem.__cause__, "sqlstate", "") not in GAVE_UP and OVERTAKEN not in str(problem):
                raise
            return False
        return True


@contextmanager
def short_waits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let no statement of a block wait for a lock longer than LOCK_TIMEOUT; does nothing on SQLite."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _in_front(connection: BaseDatabaseWrapper) -> str:
    """Return which transactions have been open for more than a second, as a hint whom to ask."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, extract(epoch FROM now() - xact_start)::int FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND now() - xact_start > interval '1 second'"
        )
        found = [f"process {pid} ({state}, {seconds} s)" for pid, state, seconds in cursor.fetchall()]
    return f"Open transactions: {', '.join(found) or 'none any more'}."
