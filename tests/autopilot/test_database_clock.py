"""Every host goes by the clock of the database server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from autopilot import clock

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_only]
WRONG = "CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "


@pytest.fixture(autouse=True)
def agreed() -> Iterator[None]:
    """Go by the right clock again after a test."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")
    clock.follow(connection)


def give_the_server_another_clock(by: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA wrong")
        cursor.execute(f"{WRONG} $$ SELECT pg_catalog.clock_timestamp() + interval '{by}' $$")
        cursor.execute("SET LOCAL search_path = wrong, pg_catalog, public")


@pytest.mark.parametrize(("by", "minutes"), [("1 hour", 60), ("-1 hour", -60)])
def test_it_follows_a_server_whose_clock_differs(by, minutes):
    before = clock.now()
    give_the_server_another_clock(by)

    clock.follow(connection)

    assert abs(clock.now() - before - timedelta(minutes=minutes)) < timedelta(seconds=20)


def test_it_leaves_alone_what_differs_by_less_than_a_second():
    give_the_server_another_clock("0.5 seconds")

    clock.follow(connection)

    assert clock._offset == timedelta(0)


def test_it_returns_to_its_own_clock_when_both_agree_again():
    give_the_server_another_clock("1 hour")
    clock.follow(connection)
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")

    clock.follow(connection)

    assert clock._offset == timedelta(0)
