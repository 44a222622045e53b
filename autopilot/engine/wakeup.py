"""The doorbell: tells sleeping pumps that work is due. Losing a ring delays work by a poll and loses nothing."""

from django.db import connection

CHANNEL = "autopilot"


def ring() -> None:
    """Wake the pumps when this transaction commits.

    PostgreSQL sends one NOTIFY per transaction however often it is asked; on SQLite a pump sees the commit itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
