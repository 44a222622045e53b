"""Wait for the doorbell: LISTEN on PostgreSQL, the data version on SQLite."""

import time
from typing import Protocol

import psycopg
from django.db import connection
from psycopg import sql

from autopilot.engine.wakeup import CHANNEL

POLL_SECONDS = 0.05


class Bell(Protocol):
    """Something that tells of work."""

    def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after `seconds`."""

    def close(self) -> None:
        """Give back what listening holds."""


class PostgresBell:
    """Hears NOTIFY on a connection of its own."""

    def __init__(self) -> None:
        parameters = connection.get_connection_params()
        for ours in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(ours, None)
        with connection.wrap_database_errors:
            self._connection = psycopg.connect(**parameters, autocommit=True)
            self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))

    def wait(self, seconds: float) -> None:
        """Return at the next NOTIFY, at the latest after `seconds`; raises Django's errors when the server is gone."""
        with connection.wrap_database_errors:
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                return

    def close(self) -> None:
        """Close the listening connection."""
        self._connection.close()


class SqliteBell:
    """Sees another connection's commit by the database's data version."""

    def __init__(self) -> None:
        self._seen = self._version()

    def wait(self, seconds: float) -> None:
        """Return once another connection has committed, at the latest after `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            version = self._version()
            if version != self._seen:
                self._seen = version
                return
            time.sleep(min(POLL_SECONDS, max(0.0, end - time.monotonic())))

    def close(self) -> None:
        """Nothing is held."""

    def _version(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])


def bell() -> Bell:
    """Return the bell of the configured database."""
    return PostgresBell() if connection.vendor == "postgresql" else SqliteBell()
