"""`migrate` waits for locks briefly and often."""

import threading
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from config.management.commands.migrate import LOCK_TIMEOUT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_only]


@pytest.fixture
def busy(settings) -> Iterator[threading.Event]:
    """Let somebody else hold a lock that the only migration left needs; setting the event frees it."""
    settings.MIGRATION_MODULES = {"students": "tests.config.waiting_migrations"}
    locked, freed = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE django_migrations IN SHARE MODE")
            locked.set()
            freed.wait(20)
            cursor.execute("ROLLBACK")
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    yield freed
    freed.set()
    holder.join()
    MigrationRecorder(connection).record_unapplied("students", "0001_never_applied")


def lock_timeout() -> str:
    """Return how long a statement of this process waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


def applied() -> bool:
    """Return whether the migration was applied."""
    return ("students", "0001_never_applied") in MigrationRecorder(connection).applied_migrations()


def test_it_gives_up_after_its_patience_and_says_who_is_in_front(busy):
    before = lock_timeout()

    with pytest.raises(CommandError, match=r"A table was busy all the time.* Open transactions: "):
        call_command("migrate", "students", patience=0, verbosity=0)

    assert not applied()
    assert lock_timeout() == before != LOCK_TIMEOUT


def test_it_tries_again_until_the_table_is_free(busy):
    told = StringIO()
    release = threading.Timer(1, busy.set)
    release.start()

    call_command("migrate", "students", verbosity=0, stderr=told)

    assert applied()
    assert "A table is busy; trying again." in told.getvalue()
