"""Whether this machine and the database agree about the time: leases and signatures depend on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection

from autopilot import clock
from autopilot.doctor.findings import Finding

MOST = timedelta(seconds=2)
QUESTION = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
}


def skew(everything: bool) -> Iterator[Finding]:
    """A difference of more than two seconds between this machine and the database."""
    before = clock.now()
    theirs = _database_time()
    apart = abs(before + (clock.now() - before) / 2 - theirs)
    if apart > MOST:
        text = f"This machine and the database are {apart.total_seconds():.1f} seconds apart."
        yield Finding("clock", "this machine", text, "Have both set their clocks by the network (NTP).")


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(QUESTION[connection.vendor])
        (told,) = cursor.fetchone()
    return (datetime.fromisoformat(told) if isinstance(told, str) else told).astimezone(UTC)
