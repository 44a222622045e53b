"""Local hours across the change of clocks, and the holidays of a year."""

from datetime import date, time
from decimal import Decimal

import pytest

from programs.calendars import TIME_ZONES, days_between, federal_holidays, hours_between, is_time_zone

EASTERN = "America/New_York"


@pytest.mark.parametrize(("day", "starts", "ends", "zone", "hours"), [
    (date(2026, 11, 2), time(9), time(12, 30), EASTERN, "3.50"),
    (date(2026, 11, 1), time(0), time(6), EASTERN, "7.00"),  # the clocks go back
    (date(2026, 3, 8), time(0), time(6), EASTERN, "5.00"),  # and forward
    (date(2026, 3, 8), time(0), time(6), "America/Phoenix", "6.00"),  # but not there
    (date(2026, 3, 8), time(2, 30), time(3, 10), EASTERN, "0.67"),  # in the hour that is left out
])  # fmt: skip
def test_it_counts_the_hours_that_pass(day, starts, ends, zone, hours):
    assert hours_between(day, starts, ends, zone) == Decimal(hours)


def test_it_knows_its_time_zones():
    assert all(is_time_zone(name) for name in TIME_ZONES)
    assert not is_time_zone("Mars/Olympus")


def test_it_gives_every_day():
    assert days_between(date(2026, 2, 27), date(2026, 3, 1)) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


def test_it_knows_the_federal_holidays_of_2026():
    # As the Office of Personnel Management has published them.
    assert list(federal_holidays(2026)) == [
        date(2026, 1, 1), date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3),
        date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 12, 25),
    ]  # fmt: skip
