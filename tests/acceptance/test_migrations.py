"""An office goes on writing while its database is brought up to date, and nobody waits longer than a second."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from autopilot.models import Job, OutboxMessage
from tests.faults.databases import PostgresDatabases, connected_to
from tests.faults.postgres import PostgresServer
from tests.faults.upgrades import Writers, lay_old_tables, migrating, reader_in_front, wait_until_at

pytestmark = [pytest.mark.alone, pytest.mark.postgresql_only]
JOBS = 10_000
RATE = 100  # writes a second
LONGEST_WAIT = 1.0  # seconds
GROWING = ("autopilot_job", "autopilot_checkpoint", "autopilot_outboxmessage", "autopilot_auditentry")


@pytest.fixture
def url(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Give a database of the version before, which this process works on."""
    with PostgresServer() as server:
        address = PostgresDatabases(server).empty("old_office")
        with django_db_blocker.unblock(), connected_to(address):
            lay_old_tables(JOBS)
            yield address


def test_it_holds_up_no_writer_and_goes_on_after_a_kill(url):
    with Writers(RATE, JOBS) as writers:
        # Whoever has an old snapshot keeps an index from being finished, so that the kill comes in its middle.
        with reader_in_front(url, "django_migrations"):
            with reader_in_front(url, *GROWING):
                first = migrating(url)
                wait_until_at(url, "ALTER TABLE")
                time.sleep(2)
            wait_until_at(url, "CREATE INDEX CONCURRENTLY")
            first.kill()
            told, _ = first.communicate()
            second = migrating(url)
            wait_until_at(url, "DROP INDEX CONCURRENTLY")
        rest, _ = second.communicate(timeout=120)

    assert second.returncode == 0, rest
    assert "A table is busy; trying again. Open transactions: process " in told
    assert writers.problems == []
    assert max(writers.waits) <= LONGEST_WAIT
    assert Job.objects.count() == JOBS + writers.written > JOBS
    assert OutboxMessage.objects.filter(announced=False).count() == OutboxMessage.objects.count() >= JOBS
    call_command("migrate", check_unapplied=True)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid").fetchone() == (0,)
