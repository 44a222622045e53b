"""When schedules run: every change of a wall clock, as tables of local times, and what holds for any schedule."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopilot.engine.slots import check_cron, latest_missed, next_slot

pytestmark = pytest.mark.once

NEW_YORK = "America/New_York"
# Each has its own trouble: changes at night, at midnight, before midnight, by half an hour, by two; offsets with minutes.
ZONES = [
    "UTC",
    NEW_YORK,
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "America/Phoenix",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Chatham",
]
MINUTE = timedelta(minutes=1)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
minute_fields = st.one_of(st.integers(0, 59).map(str), st.sampled_from(["*", "*/15", "*/7", "0,30", "10-20/5"]))
hour_fields = st.one_of(st.integers(0, 23).map(str), st.sampled_from(["*", "*/2", "*/5", "0-3", "1,2,3", "22,23"]))
day_fields = st.sampled_from(["* * *", "* * SUN", "1 * *", "L * *", "29 2 *", "LW * *", "* * MON#2", "* 3,11 *"])
crons = st.builds("{} {} {}".format, minute_fields, hour_fields, day_fields)
fixed_crons = st.builds("{} {} * * *".format, st.integers(0, 59), st.integers(0, 23))


def in_zone(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def slots(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    while True:
        after = next_slot(cron, zone, after)
        yield after


def local_slots(cron: str, zone: str, start: str, count: int) -> list[str]:
    """Write the first slots after a local time as their own zone shows them, with the offset."""
    found = islice(slots(cron, zone, in_zone(zone, start)), count)
    return [slot.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %z") for slot in found]


@pytest.mark.parametrize(
    ("cron", "zone", "start", "expected"),
    [
        # Spring: 02:00 to 03:00 does not exist on 8 March 2026. Once, at the end of the gap; then 02:30 again.
        (
            "30 2 * * *",
            NEW_YORK,
            "2026-03-06 12:00",
            ["2026-03-07 02:30 -0500", "2026-03-08 03:00 -0400", "2026-03-09 02:30 -0400", "2026-03-10 02:30 -0400"],
        ),
        # Two skipped times and one at the end of the gap come down to one run.
        (
            "0,30 2,3 * * *",
            NEW_YORK,
            "2026-03-08 00:00",
            ["2026-03-08 03:00 -0400", "2026-03-08 03:30 -0400", "2026-03-09 02:00 -0400"],
        ),
        # Autumn: 01:00 to 02:00 comes twice on 1 November 2026. Once, the first time; then 01:30 again.
        (
            "30 1 * * *",
            NEW_YORK,
            "2026-10-30 12:00",
            ["2026-10-31 01:30 -0400", "2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500", "2026-11-03 01:30 -0500"],
        ),
        # St. John's: the same, half an hour beside everybody else's hours.
        (
            "30 2 * * *",
            "America/St_Johns",
            "2026-03-07 12:00",
            ["2026-03-08 03:00 -0230", "2026-03-09 02:30 -0230"],
        ),
        # Lord Howe moves by half an hour: 02:00 to 02:30 is skipped on 4 October 2026 ...
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03 12:00",
            ["2026-10-04 02:30 +1100", "2026-10-05 02:15 +1100"],
        ),
        # ... and 01:30 to 02:00 comes twice on 5 April 2026.
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04 12:00",
            ["2026-04-05 01:45 +1100", "2026-04-06 01:45 +1030"],
        ),
        # Kathmandu never changes its 5 hours and 45 minutes.
        (
            "0 6 * * *",
            "Asia/Kathmandu",
            "2026-03-28 12:00",
            ["2026-03-29 06:00 +0545", "2026-03-30 06:00 +0545"],
        ),
        # Santiago and Havana skip midnight itself: at 01:00, of the same date.
        (
            "0 0 * * *",
            "America/Santiago",
            "2026-09-05 12:00",
            ["2026-09-06 01:00 -0300", "2026-09-07 00:00 -0300"],
        ),
        (
            "15 0 * * *",
            "America/Havana",
            "2026-03-07 12:00",
            ["2026-03-08 01:00 -0400", "2026-03-09 00:15 -0400"],
        ),
        # Santiago repeats the last hour of 4 April 2026, so that date has 23:30 twice: once.
        (
            "30 23 * * *",
            "America/Santiago",
            "2026-04-03 12:00",
            ["2026-04-03 23:30 -0300", "2026-04-04 23:30 -0300", "2026-04-05 23:30 -0400"],
        ),
        # Nuuk skips the last hour of 28 March 2026: in the last minute before it, or the date would have no run.
        (
            "30 23 * * *",
            "America/Nuuk",
            "2026-03-27 12:00",
            ["2026-03-27 23:30 -0200", "2026-03-28 22:59 -0200", "2026-03-29 23:30 -0100"],
        ),
        # Apia skipped 30 December 2011 as a whole: no such date, no run.
        (
            "30 2 * * *",
            "Pacific/Apia",
            "2011-12-28 12:00",
            ["2011-12-29 02:30 -1000", "2011-12-31 02:30 +1400"],
        ),
        # The last day of the month stays the last day, leap year or not.
        (
            "0 6 L * *",
            NEW_YORK,
            "2027-12-31 12:00",
            ["2028-01-31 06:00 -0500", "2028-02-29 06:00 -0500", "2028-03-31 06:00 -0400", "2028-04-30 06:00 -0400"],
        ),
        ("0 6 L 2 *", NEW_YORK, "2026-01-01 00:00", ["2026-02-28 06:00 -0500", "2027-02-28 06:00 -0500"]),
        # The 31st comes in seven months, and never moves into another.
        (
            "0 6 31 * *",
            NEW_YORK,
            "2026-01-31 12:00",
            ["2026-03-31 06:00 -0400", "2026-05-31 06:00 -0400", "2026-07-31 06:00 -0400"],
        ),
        # 29 February waits for its year, and for eight years around 2100.
        ("0 6 29 2 *", NEW_YORK, "2026-01-01 00:00", ["2028-02-29 06:00 -0500", "2032-02-29 06:00 -0500"]),
        ("0 6 29 2 *", "UTC", "2097-01-01 00:00", ["2104-02-29 06:00 +0000"]),
        # The last working day of the month; the second Monday.
        ("0 6 LW 5 *", NEW_YORK, "2026-01-01 00:00", ["2026-05-29 06:00 -0400"]),
        ("0 6 * * MON#2", NEW_YORK, "2026-03-01 00:00", ["2026-03-09 06:00 -0400", "2026-04-13 06:00 -0400"]),
    ],
)
def test_a_fixed_time_runs_once_on_its_date(cron, zone, start, expected):
    assert local_slots(cron, zone, start, len(expected)) == expected


@pytest.mark.parametrize(
    ("cron", "zone", "start", "expected"),
    [
        # Hourly means every hour that passes: in the repeated hour too ...
        (
            "0 * * * *",
            NEW_YORK,
            "2026-11-01 00:00",
            ["2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500", "2026-11-01 02:00 -0500"],
        ),
        # ... and not in the skipped one.
        (
            "30 * * * *",
            NEW_YORK,
            "2026-03-08 01:00",
            ["2026-03-08 01:30 -0500", "2026-03-08 03:30 -0400"],
        ),
        # Every other hour of the wall clock stays on even hours.
        (
            "0 */2 * * *",
            NEW_YORK,
            "2026-03-08 00:00",
            ["2026-03-08 04:00 -0400", "2026-03-08 06:00 -0400"],
        ),
        # Half an hour is repeated: its half-hour comes twice, its full hour does not.
        (
            "*/30 * * * *",
            "Australia/Lord_Howe",
            "2026-04-05 01:00",
            ["2026-04-05 01:30 +1100", "2026-04-05 01:30 +1030", "2026-04-05 02:00 +1030"],
        ),
        # Half an hour is skipped.
        (
            "*/30 * * * *",
            "Australia/Lord_Howe",
            "2026-10-04 01:00",
            ["2026-10-04 01:30 +1030", "2026-10-04 02:30 +1100", "2026-10-04 03:00 +1100"],
        ),
        # A rare schedule does not overlook the repeated hour that lies before its next year.
        (
            "*/30 1 1 11 *",
            NEW_YORK,
            "2026-11-01 01:00",
            [
                "2026-11-01 01:30 -0400",
                "2026-11-01 01:00 -0500",
                "2026-11-01 01:30 -0500",
                "2027-11-01 01:00 -0400",
            ],
        ),
        # The hour of Chatham's change begins at a quarter to.
        (
            "*/7 3 * * *",
            "Pacific/Chatham",
            "2026-04-05 03:14",
            ["2026-04-05 03:21 +1345", "2026-04-05 03:28 +1345", "2026-04-05 03:35 +1345", "2026-04-05 03:42 +1345"]
            + [f"2026-04-05 03:{minute:02} +1245" for minute in range(0, 60, 7)],
        ),
    ],
)
def test_every_so_often_follows_the_wall_clock(cron, zone, start, expected):
    assert local_slots(cron, zone, start, len(expected)) == expected


def test_a_change_is_found_wherever_between_two_seconds_the_search_begins():
    change = datetime(2026, 3, 8, 7, tzinfo=UTC)
    looked_at = [change - timedelta(hours=6, microseconds=n) for n in range(0, 2_000_000, 99_999)]

    found = {next_slot("*/30 4 * * *", NEW_YORK, after) for after in looked_at}

    assert found == {in_zone(NEW_YORK, "2026-03-08 04:00")}


def changes_of(zone: str, year: int) -> list[datetime]:
    """Return the hours of a year in which the zone's offset changes, found by looking at every one."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 366)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


@pytest.mark.parametrize("zone", [zone for zone in ZONES if changes_of(zone, 2026)])
@pytest.mark.parametrize(
    ("cron", "hours", "minutes"),
    [
        ("*/15 * * * *", range(24), range(0, 60, 15)),
        ("30 * * * *", range(24), [30]),
        ("0 */2 * * *", range(0, 24, 2), [0]),
        ("0 */24 * * *", [0], [0]),
        ("*/30 0 * * *", [0], [0, 30]),
        ("*/7 1-3 * * *", [1, 2, 3], range(0, 60, 7)),
        ("* 2 * * *", [2], range(60)),
        ("*/10 23 * * *", [23], range(0, 60, 10)),
    ],
)
def test_every_so_often_is_whenever_the_wall_clock_matches(zone, cron, hours, minutes):
    for change in changes_of(zone, 2026):
        around = [change + n * MINUTE for n in range(-26 * 60, 26 * 60)]
        walls = [minute.astimezone(ZoneInfo(zone)) for minute in around]
        expected = [wall.astimezone(UTC) for wall in walls if wall.hour in hours and wall.minute in minutes]

        assert list(islice(slots(cron, zone, around[0] - MINUTE), len(expected))) == expected


@settings(deadline=None)
@given(cron=crons, zone=zones, after=moments)
def test_the_next_slot_is_later_and_nothing_lies_between(cron, zone, after):
    slot = next_slot(cron, zone, after)

    assert slot > after
    assert slot.tzinfo is UTC
    assert slot.second == slot.microsecond == 0
    between = after + (slot - after) / 3
    assert next_slot(cron, zone, between) == next_slot(cron, zone, slot - timedelta(microseconds=1)) == slot


@settings(max_examples=20, deadline=None)
@given(cron=fixed_crons, zone=zones)
def test_a_daily_time_runs_once_on_each_date_of_ten_years(cron, zone):
    start, end = in_zone(zone, "2020-01-01 12:00"), in_zone(zone, "2030-01-01 12:00")
    dates = [date(2020, 1, 2) + timedelta(days=n) for n in range((end.date() - start.date()).days - 1)]

    found = [slot.astimezone(ZoneInfo(zone)).date() for slot in islice(slots(cron, zone, start), len(dates) + 2)]

    assert found[0] in (start.date(), dates[0])
    assert [each for each in found if dates[0] <= each <= dates[-1]] == dates


@settings(max_examples=40, deadline=None)
@given(cron=fixed_crons, zone=zones, year=st.integers(2020, 2029))
def test_a_daily_time_never_drifts(cron, zone, year):
    minute, hour = map(int, cron.split()[:2])
    found = islice(slots(cron, zone, in_zone(zone, f"{year}-01-01 00:00")), 365)

    shown = [slot.astimezone(ZoneInfo(zone)) for slot in found]

    moved = [each for each in shown if (each.hour, each.minute) != (hour, minute)]
    assert len(moved) <= 2  # Casablanca changes twice within a year, around Ramadan
    assert (shown[-1].hour, shown[-1].minute) == (hour, minute)


@settings(max_examples=40, deadline=None)
@given(cron=crons, zone=zones, after=moments)
def test_slots_only_ever_grow(cron, zone, after):
    found = list(islice(slots(cron, zone, after), 50))

    assert all(earlier < later for earlier, later in pairwise(found))


@settings(deadline=None)
@given(cron=crons, zone=zones, since=moments, passed=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_the_slot_to_catch_up_with_is_the_last_of_those_that_came(cron, zone, since, passed):
    came = []
    for slot in slots(cron, zone, since):
        if slot > since + passed:
            break
        came.append(slot)

    assert latest_missed(cron, zone, since=since, until=since + passed) == (came[-1] if came else None)


@pytest.mark.parametrize(
    ("cron", "since", "until", "expected"),
    [
        ("0 2 * * *", "2026-01-05 02:00", "2026-01-05 12:00", None),  # since itself has run
        ("0 2 * * *", "2026-01-05 12:00", "2026-01-06 02:00", "2026-01-06 02:00"),  # due this very moment
        ("0 2 * * *", "2026-01-05 12:00", "2026-01-06 01:59", None),  # not yet
        ("0 2 * * *", "2026-01-05 12:00", "2026-01-09 01:00", "2026-01-08 02:00"),  # three were missed: one
        ("* * * * *", "2006-01-01 00:00", "2026-01-01 00:00", "2026-01-01 00:00"),  # ten million were missed: one
        ("* * * 1 *", "2006-01-01 00:00", "2026-07-01 00:00", "2026-01-31 23:59"),  # long ago, and many at once
        ("0 0 29 2 *", "2006-01-01 00:00", "2027-07-01 00:00", "2024-02-29 00:00"),
        ("0 2 * * *", "2026-01-06 12:00", "2026-01-05 12:00", None),  # a clock that went back
    ],
)
def test_it_catches_up_once(cron, since, until, expected):
    found = latest_missed(cron, NEW_YORK, since=in_zone(NEW_YORK, since), until=in_zone(NEW_YORK, until))

    assert found == (in_zone(NEW_YORK, expected) if expected else None)


def test_it_catches_up_with_the_moved_slot_of_a_spring_night():
    found = latest_missed(
        "30 2 * * *",
        NEW_YORK,
        since=in_zone(NEW_YORK, "2026-03-07 02:30"),
        until=in_zone(NEW_YORK, "2026-03-08 09:00"),
    )

    assert found == in_zone(NEW_YORK, "2026-03-08 03:00")


def test_it_does_not_run_again_in_the_repeated_hour():
    ran = in_zone(NEW_YORK, "2026-11-01 01:30")
    repeated = ran.replace(fold=1)

    assert latest_missed("30 1 * * *", NEW_YORK, since=ran, until=repeated) is None
    assert next_slot("30 1 * * *", NEW_YORK, repeated) == in_zone(NEW_YORK, "2026-11-02 01:30")


@pytest.mark.parametrize(
    "cron",
    [
        "30 2 * * *",
        "*/5 8-18 * * MON-FRI",
        "0 6 L * *",
        "0 6 LW * *",
        "0 6 1 JAN,JUL *",
        "0 6 * * 5L",
        "0 6 * * TUE#3",
        "0 0 29 2 *",
        "  0   6 * * *  ",
    ],
)
def test_it_accepts_what_cron_accepts(cron):
    check_cron(cron, NEW_YORK)

    assert next_slot(cron, NEW_YORK, datetime(2026, 1, 1, tzinfo=UTC)) > datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "no schedule of five fields"),
        ("@daily", "no schedule of five fields"),
        ("0 2 * *", "no schedule of five fields"),
        ("0 0 2 * * *", "no schedule of five fields"),  # no seconds: a sweep comes once a minute
        ("60 2 * * *", "Bad minute"),
        ("0 24 * * *", "Bad hour"),
        ("0 2 32 * *", "Bad day-of-month"),
        ("0 2 30 2 *", "Bad day-of-month"),  # February never has thirty days
        ("0 2 * 13 *", "Bad month"),
        ("0 2 * * 8", "Bad day-of-week"),
        ("0 2 * * MOON", "Bad day-of-week"),
        ("0/0 2 * * *", "Bad minute"),
        ("5-1 2 * * *", "Bad minute"),
        ("1,,2 2 * * *", "Bad minute"),
        ("²/5 2 * * *", "Bad minute"),
        ("1" * 5000 + " 2 * * *", "cannot be read"),
        ("0 2 */31 2 MON#5", "never comes"),  # 1 February is never a fifth Monday
        ("*/5 * */31 2 MON#5", "never comes"),
    ],
)
def test_it_says_what_to_write_instead_of_a_schedule_that_cannot_run(cron, said):
    with pytest.raises(ValueError, match=said) as refusal:
        check_cron(cron, NEW_YORK)

    assert 'as "30 2 * * *" (02:30 every day)' in str(refusal.value)


@pytest.mark.parametrize(
    "zone", ["", "EDT5", "New York", "America", "../../etc/passwd", "/etc/localtime", "a\0b", "\ud800"]
)
def test_it_says_what_to_write_instead_of_a_zone_that_does_not_exist(zone):
    with pytest.raises(ValueError, match='Write an IANA name, as "America/New_York"'):
        check_cron("30 2 * * *", zone)


@given(st.text(alphabet="0123456789*/-,#LWSUNMOJA ", max_size=25))
def test_it_raises_nothing_but_a_clear_error(text):
    try:
        check_cron(text, NEW_YORK)
        said = ""
    except ValueError as refusal:
        said = str(refusal)

    assert "Write minute, hour" in said if said else len(text.split()) == 5


def test_it_refuses_times_without_a_zone():
    with pytest.raises(ValueError, match="aware"):
        next_slot("30 2 * * *", NEW_YORK, datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="aware"):
        latest_missed("30 2 * * *", NEW_YORK, since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 1))
