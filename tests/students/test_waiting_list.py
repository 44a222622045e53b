"""Full cohorts: who waits gets the seat that becomes free, in order; and transfers free one as well."""

import pytest
from django.core.exceptions import ValidationError

from autopilot.models import Job, OutboxMessage
from autopilot.testing import run_jobs
from students.models import Enrollment, EnrollmentStatus, WaitingPlace
from students.services.enrollments import activate, enroll_and_accept, transfer, withdraw
from students.services.waiting_list import join_waiting_list, leave_waiting_list, promote, waiting_for
from tests.students.samples import active, applied, cohort, coordinator, school, student

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def clerk(harbor):
    return coordinator(harbor)


@pytest.fixture
def full(harbor):
    """A cohort of one seat, which somebody has."""
    made = cohort(harbor, capacity=1)
    active(made)
    return made


def waiting(full, number, clerk=None):
    return join_waiting_list(full, student=student(number), by=clerk)


def refused(code, deed, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        deed(*args, **kwargs)
    assert refusal.value.code == code


def test_who_waits_longest_gets_the_seat(full, clerk):
    first, second = waiting(full, 2), waiting(full, 3)

    withdraw(full.enrollments.get(), reason="Moved away.", by=clerk)
    run_jobs()

    first.refresh_from_db()
    assert first.enrollment.status == EnrollmentStatus.ACCEPTED
    assert list(waiting_for(full)) == [second]
    told = OutboxMessage.objects.filter(topic__in=["students.enrollment.promoted", "students.enrollment.seat_offered"])
    assert told.count() == 2


def test_nobody_is_promoted_without_a_seat(full):
    waiting(full, 2)

    assert promote(full.pk) == []
    assert WaitingPlace.objects.filter(left_at=None).count() == 1


def test_more_seats_are_given_by_the_next_run(full):
    waiting(full, 2)
    type(full).objects.filter(pk=full.pk).update(capacity=3)

    assert len(promote(full.pk)) == 1
    assert promote(full.pk) == []


def test_no_job_is_made_where_nobody_waits(full, clerk):
    withdraw(full.enrollments.get(), reason="Moved away.", by=clerk)

    assert not Job.objects.filter(kind="enrollment.promote").exists()


def test_it_refuses_what_makes_no_sense(full, harbor, clerk):
    waiting(full, 2)

    refused("waiting", waiting, full, 2)
    refused("already_enrolled", waiting, full, 1)
    refused("seats_free", waiting, cohort(harbor, "Fall"), 4)
    refused("no_reason", leave_waiting_list, WaitingPlace.objects.get(), reason=" ", by=clerk)


def test_a_place_is_given_up_once(full, clerk):
    place = waiting(full, 2)
    leave_waiting_list(place, reason="Found work.", by=clerk)

    refused("left", leave_waiting_list, place, reason="Again.", by=clerk)
    assert waiting(full, 2).pk != place.pk


def test_a_transfer_is_one_act(harbor, clerk):
    spring, fall = cohort(harbor), cohort(harbor, "Fall")
    enrollment = active(spring)

    made = transfer(enrollment, fall, reason="Works in the mornings.", by=clerk)

    enrollment.refresh_from_db()
    assert (enrollment.status, made.status, made.transferred_from) == ("transferred", "active", enrollment)
    assert (made.student, made.started_on) == (enrollment.student, enrollment.ended_on)
    refused("illegal_move", transfer, enrollment, cohort(harbor, "Winter"), reason="Again.", by=clerk)


def test_a_transfer_changes_nothing_where_it_is_refused(harbor, clerk, full):
    enrollment = active(cohort(harbor, "Fall"), 5)

    refused("cohort_full", transfer, enrollment, full, reason="x", by=clerk)
    refused("same_cohort", transfer, enrollment, enrollment.cohort, reason="x", by=clerk)
    refused("no_reason", transfer, enrollment, cohort(harbor, "Winter"), reason=" ", by=clerk)

    enrollment.refresh_from_db()
    assert enrollment.status == "active"
    assert Enrollment.objects.filter(student=enrollment.student).count() == 1


def test_training_waits_for_the_signature_where_that_is_asked(harbor, clerk, settings):
    settings.ENROLLMENT_AGREEMENT_REQUIRED = True
    enrollment = enroll_and_accept(cohort(harbor), student=student(1), by=clerk)

    refused("agreement_not_signed", activate, enrollment, by=clerk)


# --- The portal -------------------------------------------------------------------------------------------------------


def test_a_coordinator_puts_somebody_on_the_list(client, harbor, full, clerk):
    client.force_login(clerk)
    facts = {"cohort": full.pk, "first_name": "Rosa", "last_name": "Diaz", "funding": "wioa"}
    page = f"/portal/{harbor.pk}/students/new/"
    assert "Put on the waiting list" in client.post(page, facts).content.decode()

    assert client.post(page, facts | {"wait": "1"})["Location"] == f"/portal/{harbor.pk}/students/waiting/"

    place = WaitingPlace.objects.get()
    listed = f"/portal/{harbor.pk}/students/waiting/"
    assert "Rosa Diaz" in client.get(listed).content.decode()
    for sent in ({}, {"place": "x", "reason": "x"}, {"place": place.pk}):
        client.post(listed, sent)
    assert WaitingPlace.objects.filter(left_at=None).exists()
    client.post(listed, {"place": place.pk, "reason": "Found work."})
    assert not WaitingPlace.objects.filter(left_at=None).exists()


def test_a_coordinator_transfers_a_student(client, harbor, clerk):
    enrollment, fall = active(cohort(harbor)), cohort(harbor, "Fall")
    client.force_login(clerk)
    page = f"/portal/{harbor.pk}/students/{enrollment.pk}/transfer/"
    assert "Fall" in client.get(page).content.decode()

    assert client.post(page, {"cohort": fall.pk}).status_code == 200
    assert client.post(page, {"cohort": fall.pk, "reason": "Mornings."}).status_code == 302

    assert Enrollment.objects.filter(cohort=fall, transferred_from=enrollment).exists()


def test_an_applicant_cannot_be_transferred(harbor, clerk):
    enrollment = applied(cohort(harbor))

    refused("illegal_move", transfer, enrollment, cohort(harbor, "Fall"), reason="x", by=clerk)
