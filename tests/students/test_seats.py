"""Seats: one student each, however many ask at once, and never fewer than are taken."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from programs.models import Cohort, Member
from programs.services.cohorts import edit_cohort, seated_in
from students.models import Enrollment, EnrollmentStatus
from students.services.enrollments import accept, enroll, enroll_and_accept, withdraw
from tests.autopilot.engine.concurrency import at_once
from tests.students.samples import active, applied, cohort, coordinator, school, student

pytestmark = pytest.mark.django_db
AT_ONCE = 2


def outcome(deed):
    """Return the status of the enrollment that a deed made, or the code of its refusal."""
    try:
        return deed().status
    except ValidationError as refusal:
        return refusal.code


def seat(place, by, number):
    """Ask for a seat and get it, as one of many who read the cohort for themselves."""
    return enroll_and_accept(Cohort.objects.get(pk=place), student=student(number), by=User.objects.get(pk=by))


def test_the_last_seat_is_given_once_however_many_ask(shared_database):
    small = cohort(school(), capacity=3)
    by = coordinator(small.program.holder)
    for number in (1, 2):
        active(small, number)

    answers = at_once(*(partial(outcome, partial(seat, small.pk, by.pk, 10 + number)) for number in range(AT_ONCE)))

    assert sorted(map(str, answers)) == ["accepted", "cohort_full"]
    assert seated_in(small) == small.capacity
    assert Enrollment.objects.count() == small.capacity


def test_the_last_seat_is_given_once_however_many_are_accepted(shared_database):
    small = cohort(school(), capacity=1)
    by = coordinator(small.program.holder)
    waiting = [applied(small, number) for number in range(AT_ONCE)]

    def accepted(number):
        accept(waiting[number], by=by)
        return waiting[number]

    answers = at_once(*(partial(outcome, partial(accepted, number)) for number in range(AT_ONCE)))

    assert sorted(map(str, answers)) == ["accepted", "cohort_full"]
    assert list(Enrollment.objects.order_by("status").values_list("status", flat=True)) == ["accepted", "applied"]


def test_seats_are_not_taken_away_while_somebody_sits_down(shared_database):
    small = cohort(school(), capacity=2)
    by = coordinator(small.program.holder)
    active(small)

    def lowered():
        try:
            edit_cohort(Cohort.objects.get(pk=small.pk), said={"capacity": 1}, by=by)
        except ValidationError as refusal:
            return next(error.code for error in refusal.error_dict["capacity"])
        return "lowered"

    answers = at_once(lowered, partial(outcome, partial(seat, small.pk, by.pk, 9)))

    small.refresh_from_db()
    assert seated_in(small) <= small.capacity
    assert list(map(str, answers)) in (["below_seated", "accepted"], ["lowered", "cohort_full"])


def test_it_keeps_as_many_seats_as_are_taken():
    spring = cohort(school(), capacity=4)
    by = coordinator(spring.program.holder)
    seated = [active(spring, 1), enroll_and_accept(spring, student=student(2), by=by)]
    enroll(spring, student=student(3), by=by)  # who has no seat yet

    with pytest.raises(ValidationError) as refusal:
        edit_cohort(spring, said={"capacity": 1, "name": "Late spring"}, by=by)

    assert refusal.value.message_dict == {
        "capacity": ["Seats that are taken: 2. Enter at least 2, or withdraw students first."]
    }
    stored = Cohort.objects.get()
    assert (stored.capacity, stored.name) == (4, "Spring")
    edit_cohort(stored, said={"capacity": 2}, by=by)
    withdraw(seated[1], reason="Moved away.", by=by)
    edit_cohort(stored, said={"capacity": 1}, by=by)
    assert Cohort.objects.get().capacity == 1


def test_the_page_says_so_at_the_field(client):
    spring = cohort(school(), capacity=4)
    holder_id = spring.program.holder_id
    enroll_and_accept(spring, student=student(1), by=coordinator(spring.program.holder))
    active(spring, 2)
    client.force_login(Member.objects.get().user)
    said = {"name": "Spring", "starts_on": spring.starts_on, "ends_on": spring.ends_on, "time_zone": spring.time_zone}

    answer = client.post(f"/portal/{holder_id}/programs/cohorts/{spring.pk}/edit/", {**said, "capacity": "1"})

    assert answer.status_code == 200
    assert answer.context["form"].errors == {
        "capacity": ["Seats that are taken: 2. Enter at least 2, or withdraw students first."]
    }
    assert Cohort.objects.get().capacity == 4


def test_who_sits_no_more_takes_no_seat():
    spring = cohort(school())
    rows = [applied(spring, number) for number in range(len(EnrollmentStatus.values))]
    for row, status in zip(rows, EnrollmentStatus.values, strict=True):
        Enrollment.objects.filter(pk=row.pk).update(status=status, reason="So it is.")

    assert seated_in(spring) == len({"accepted", "active", "completed"})


def test_what_was_moved_meanwhile_is_not_moved_back_by_an_edit():
    spring = cohort(school())
    stale = Cohort.objects.get()
    Cohort.objects.update(status="completed")

    with pytest.raises(ValidationError, match="over"):
        edit_cohort(stale, said={"name": "Summer"}, by=coordinator(spring.program.holder))

    assert Cohort.objects.get().status == "completed"
