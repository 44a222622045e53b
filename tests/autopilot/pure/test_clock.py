"""The one clock: aware, movable, and the same on both databases."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import DateTimeField, ExpressionWrapper, F

from autopilot import clock
from autopilot.models.workers import Worker

HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=5)


@pytest.mark.once
def test_it_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < SLACK  # noqa: TID251 (compared with the real one)


@pytest.mark.once
def test_it_is_moved_for_the_length_of_a_block():
    before = clock.now()

    with clock.moved(HOUR):
        assert before + HOUR <= clock.now() < before + HOUR + SLACK
        assert clock.shift() == HOUR

    assert clock.shift() == timedelta(0)
    assert clock.now() < before + SLACK


@pytest.mark.once
def test_moves_add_up_and_are_undone_one_by_one():
    with clock.moved(HOUR), clock.moved(HOUR):
        assert clock.shift() == 2 * HOUR

    assert clock.shift() == timedelta(0)


@pytest.mark.once
def test_it_moves_back_when_the_block_fails():
    with pytest.raises(KeyError), clock.moved(HOUR):
        raise KeyError

    assert clock.shift() == timedelta(0)


@pytest.mark.once
@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("America/New_York", datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC), date(2026, 6, 30)),  # still yesterday there
        ("America/New_York", datetime(2026, 7, 1, 4, 0, 0, tzinfo=UTC), date(2026, 7, 1)),
        ("UTC", datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        ("Pacific/Kiritimati", datetime(2026, 6, 30, 10, 0, 0, tzinfo=UTC), date(2026, 7, 1)),  # already tomorrow
    ],
)
def test_today_is_the_date_in_the_networks_own_zone(settings, zone, moment, expected):
    settings.TIME_ZONE = zone

    with clock.moved(moment - clock.now()):
        assert clock.today() == expected == clock.now().astimezone(ZoneInfo(zone)).date()


def database_time(offset=timedelta(0)):
    Worker.objects.get_or_create(name="clockwork")
    return Worker.objects.annotate(time=clock.DatabaseNow(offset)).get(name="clockwork").time


@pytest.mark.django_db
def test_the_database_knows_the_same_time():
    assert database_time().utcoffset() == timedelta(0)
    assert abs(database_time() - clock.now()) < SLACK


@pytest.mark.django_db
@pytest.mark.parametrize("offset", [HOUR, -HOUR, timedelta(microseconds=1), timedelta(days=400)])
def test_the_database_adds_the_offset(offset):
    assert abs(database_time(offset) - clock.now() - offset) < SLACK


@pytest.mark.django_db
def test_the_database_follows_when_the_clock_is_moved():
    with clock.moved(HOUR):
        assert abs(database_time() - clock.now()) < SLACK

    assert abs(database_time() - clock.now()) < SLACK


@pytest.mark.django_db
def test_the_database_time_is_stored_and_compared():
    Worker.objects.create(name="clockwork")

    Worker.objects.update(paused_at=clock.DatabaseNow(HOUR))

    assert Worker.objects.filter(paused_at__gt=clock.DatabaseNow()).exists()
    assert not Worker.objects.filter(paused_at__gt=clock.DatabaseNow(2 * HOUR)).exists()
    with clock.moved(2 * HOUR):
        assert Worker.objects.filter(paused_at__lt=clock.DatabaseNow()).exists()


@pytest.mark.django_db
def test_the_database_time_can_be_part_of_an_expression():
    Worker.objects.create(name="clockwork", paused_at=clock.now() - HOUR)
    later = ExpressionWrapper(F("paused_at") + HOUR + HOUR, output_field=DateTimeField())

    assert Worker.objects.annotate(until=later).filter(until__gt=clock.DatabaseNow()).exists()


@pytest.mark.postgresql_only
@pytest.mark.django_db
def test_on_postgresql_it_is_the_time_of_the_statement_and_not_of_its_transaction():
    first = database_time()

    assert database_time() > first
