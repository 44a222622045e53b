"""A pump hears of work at once, and never sleeps longer than it was told."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoDbBlocker

from autopilot.cluster import bells
from autopilot.engine import wakeup
from tests.faults.databases import connected_to

LONG = 20.0
SOON = 2.0


@pytest.fixture
def file(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """The SQLite file that this process works on."""
    path = tmp_path / "office.sqlite3"
    with django_db_blocker.unblock(), connected_to(f"sqlite:///{path}"):
        yield path


def commit_into(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE news (id INTEGER)")
    other.close()


@pytest.mark.sqlite_only
def test_it_hears_a_commit_while_it_waits(file):
    bell = bells.bell()
    other = threading.Timer(0.2, commit_into, [file])
    other.start()
    began = time.monotonic()

    bell.wait(LONG)

    assert 0.1 < time.monotonic() - began < SOON
    other.join()
    bell.close()


@pytest.mark.sqlite_only
def test_it_has_not_missed_a_commit_before_it_waited(file):
    bell = bells.bell()
    commit_into(file)
    began = time.monotonic()

    bell.wait(LONG)

    assert time.monotonic() - began < SOON


@pytest.mark.sqlite_only
def test_it_does_not_ring_for_its_own_commits(file):
    bell = bells.bell()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE own (id INTEGER)")
    began = time.monotonic()

    bell.wait(0.3)

    assert time.monotonic() - began >= 0.3


def ring() -> None:
    wakeup.ring()
    connection.close()


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_hears_a_ring_while_it_waits():
    bell = bells.bell()
    other = threading.Timer(0.2, ring)
    other.start()
    began = time.monotonic()

    bell.wait(LONG)

    assert 0.1 < time.monotonic() - began < SOON
    other.join()
    bell.close()


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_has_not_missed_a_ring_before_it_waited():
    bell = bells.bell()
    ring()
    began = time.monotonic()

    bell.wait(LONG)

    assert time.monotonic() - began < SOON
    bell.close()


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_gives_its_connection_back():
    listening = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
    bell = bells.bell()
    with connection.cursor() as cursor:
        cursor.execute(listening)
        during = cursor.fetchone()[0]

        bell.close()

        time.sleep(0.2)
        cursor.execute(listening)
        assert (during, cursor.fetchone()[0]) == (1, 0)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_tells_in_djangos_words_that_the_server_is_gone(monkeypatch):
    bell = bells.bell()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'")

    with pytest.raises(OperationalError):
        bell.wait(LONG)

    bell.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    with pytest.raises(OperationalError):
        bells.bell()


@pytest.mark.django_db
def test_it_waits_no_longer_than_it_was_told():
    bell = bells.bell()
    began = time.monotonic()

    bell.wait(0.2)

    assert 0.15 < time.monotonic() - began < SOON
    bell.close()
