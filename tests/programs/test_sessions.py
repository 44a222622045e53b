"""Sessions: made of weekly rules as often as one likes, and never changed where students were recorded."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from autopilot import clock
from programs.models import Session
from programs.services.cohorts import cancel_cohort, edit_cohort
from programs.services.sessions import (
    Slot,
    add_session,
    cancel_session,
    close_day,
    close_holidays,
    generate_sessions,
    move_session,
    reopen_day,
    set_rules,
)
from students.models import Attendance, Enrollment, Student
from tests.programs.offers import active_holder, clerk, cohort_of, draft

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 10, 26), date(2026, 11, 8)  # Monday to Sunday; clocks go back on November 1
MONDAY = Slot(0, time(9), time(12))
SUNDAY = Slot(6, time(0), time(6))


@pytest.fixture
def by(db):
    return clerk()


@pytest.fixture
def cohort(db):
    return cohort_of(draft(active_holder()), starts_on=FIRST, ends_on=LAST)


def days(cohort):
    """Return the days on which a cohort meets."""
    return [each.date.isoformat()[5:] for each in cohort.sessions.filter(cancelled_at=None)]


def test_it_makes_them_of_the_rules(cohort, by):
    made = set_rules(cohort, slots=[MONDAY, SUNDAY], by=by)

    assert made.made == 4
    assert days(cohort) == ["10-26", "11-01", "11-02", "11-08"]


def test_it_counts_the_hours_that_really_pass(cohort, by):
    set_rules(cohort, slots=[SUNDAY], by=by)

    assert [each.hours for each in cohort.sessions.all()] == [Decimal("7.00"), Decimal("6.00")]


def test_to_make_them_again_changes_nothing(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)
    before = list(cohort.sessions.values())

    again = generate_sessions(cohort)

    assert (again.made, again.removed, again.adjusted) == (0, 0, 0)
    assert list(cohort.sessions.values()) == before


def test_other_rules_replace_them(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)

    set_rules(cohort, slots=[Slot(0, time(9), time(11)), Slot(2, time(18), time(20))], by=by)

    assert days(cohort) == ["10-26", "10-28", "11-02", "11-04"]
    assert {each.hours for each in cohort.sessions.all()} == {Decimal("2.00")}


def test_they_follow_the_dates_of_the_cohort(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)

    edit_cohort(cohort, said={"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 9)}, by=by)

    assert days(cohort) == ["11-02", "11-09"]


@pytest.mark.parametrize("slots", [
    [MONDAY, Slot(0, time(11), time(13))],
    [Slot(0, time(9), time(9))],
    [Slot(7, time(9), time(10))],
    [Slot(day, time(hour), time(hour, 30)) for day in range(7) for hour in range(8, 12)],
])  # fmt: skip
def test_it_refuses_rules_that_cannot_be(cohort, by, slots):
    with pytest.raises(ValidationError):
        set_rules(cohort, slots=slots, by=by)

    assert not cohort.sessions.exists()


def test_it_leaves_out_the_days_on_which_the_holder_does_not_teach(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)

    closure = close_day(cohort.program.holder, day=date(2026, 11, 2), name="Staff day", by=by)
    assert days(cohort) == ["10-26"]
    reopen_day(closure, by=by)

    assert days(cohort) == ["10-26", "11-02"]


def test_federal_holidays_are_noted_once(cohort, by):
    assert close_holidays(cohort.program.holder, year=2026, by=by) == 11
    assert close_holidays(cohort.program.holder, year=2026, by=by) == 0


def test_what_was_moved_or_cancelled_is_not_made_again(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)
    first, second = cohort.sessions.all()

    move_session(first, day=date(2026, 10, 27), starts_at=time(9), ends_at=time(10), by=by)
    cancel_session(second, by=by)
    generate_sessions(cohort)

    assert days(cohort) == ["10-27"]
    assert first.hours == Decimal("1.00")


def test_one_is_added_where_there_is_room(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)

    add_session(cohort, day=FIRST, starts_at=time(12), ends_at=time(13), by=by, topic="Safety")
    for starts_at, ends_at in ((time(11), time(14)), (time(9), time(10)), (time(14), time(13))):
        with pytest.raises(ValidationError):
            add_session(cohort, day=FIRST, starts_at=starts_at, ends_at=ends_at, by=by)
    with pytest.raises(ValidationError, match="when the cohort meets"):
        add_session(cohort, day=date(2026, 12, 1), starts_at=time(9), ends_at=time(10), by=by)

    assert cohort.sessions.count() == 3
    assert set_rules(cohort, slots=[], by=by).removed == 2
    assert cohort.sessions.get().topic == "Safety"


def recorded(cohort, session):
    """Record a student at a session."""
    student = Student.objects.create(first_name="Ada", last_name="Ray")
    enrollment = Enrollment.objects.create(student=student, cohort=cohort, holder=cohort.program.holder)
    Attendance.objects.create(enrollment=enrollment, session=session, hours=3)


def test_where_students_were_recorded_nothing_changes(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)
    held, free = cohort.sessions.all()
    recorded(cohort, held)
    Session.objects.filter(pk=free.pk).update(locked_at=clock.now())

    set_rules(cohort, slots=[SUNDAY], by=by)
    close_day(cohort.program.holder, day=held.date, name="Storm", by=by)

    assert days(cohort) == ["10-26", "11-01", "11-02", "11-08"]
    for session in (held, free):
        with pytest.raises(ValidationError, match="Attendance was recorded"):
            cancel_session(session, by=by)
        with pytest.raises(ValidationError, match="Attendance was recorded"):
            move_session(session, day=FIRST + timedelta(days=1), starts_at=time(9), ends_at=time(10), by=by)


def test_a_cohort_that_is_over_keeps_its_sessions(cohort, by):
    set_rules(cohort, slots=[MONDAY], by=by)
    cancel_cohort(cohort, by=by, reason="Nobody came.")

    with pytest.raises(ValidationError, match="over"):
        set_rules(cohort, slots=[], by=by)

    assert cohort.sessions.count() == 2
