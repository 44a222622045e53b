"""The portal's pages of cohorts and sessions."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Cohort, MemberRole, MouStatus
from programs.services.cohorts import cancel_cohort
from tests.programs.mous.samples import mou_of
from tests.programs.offers import approved, clerk, cohort_of, draft
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
PLAN = {"name": "Fall", "starts_on": "2026-10-26", "ends_on": "2026-11-08", "capacity": "9",
        "time_zone": "America/New_York", "site": ""}  # fmt: skip
MONDAYS = {"starts_0_0": "09:00", "ends_0_0": "12:00"}


@pytest.fixture
def program(db):
    return approved()


@pytest.fixture
def own(client, program):
    client.force_login(member_of(program.holder, MemberRole.COORDINATOR))
    return client


@pytest.fixture
def cohort(program):
    return cohort_of(program, starts_on=date(2026, 10, 26), ends_on=date(2026, 11, 8))


def address(owner, rest):
    return f"/portal/{owner.pk}/programs/{rest}"


def test_it_is_planned_and_told_when_it_meets(own, program):
    answer = own.post(address(program.holder, f"{program.pk}/cohorts/new/"), PLAN)
    cohort = Cohort.objects.get(name="Fall")
    assert answer["Location"] == address(program.holder, f"cohorts/{cohort.pk}/rules/")

    answer = own.post(answer["Location"], MONDAYS, follow=True)

    assert "2 sessions made" in answer.content.decode()
    page = own.get(address(program.holder, f"cohorts/{cohort.pk}/?month=2026-11")).content.decode()
    assert "November 2026" in page
    assert "Monday, 9 a.m. to noon" in page


@pytest.mark.parametrize("change", [
    {"name": ""}, {"starts_on": "soon"}, {"ends_on": "2026-10-25"}, {"capacity": "0"}, {"time_zone": "Mars"},
    {"site": "0190b1f2-0000-7000-8000-00000000ffff"},
])  # fmt: skip
def test_it_says_what_is_wrong_with_a_plan(own, program, change):
    answer = own.post(address(program.holder, f"{program.pk}/cohorts/new/"), PLAN | change)

    assert "error-summary" in answer.content.decode()
    assert not Cohort.objects.exists()


@pytest.mark.parametrize("sent", [
    {"starts_0_0": "09:00"}, {"starts_0_0": "9", "ends_0_0": "x"}, {"starts_0_0": "12:00", "ends_0_0": "09:00"},
    MONDAYS | {"starts_0_1": "11:00", "ends_0_1": "13:00"},
])  # fmt: skip
def test_it_says_what_is_wrong_with_a_week(own, cohort, sent):
    answer = own.post(address(cohort.program.holder, f"cohorts/{cohort.pk}/rules/"), sent)

    assert "error-summary" in answer.content.decode()
    assert not cohort.sessions.exists()


def test_the_week_is_shown_as_it_was_stored(own, cohort):
    where = address(cohort.program.holder, f"cohorts/{cohort.pk}/rules/")
    own.post(where, MONDAYS)

    assert 'value="09:00"' in own.get(where).content.decode()


def test_a_session_is_added_moved_and_cancelled(own, cohort):
    of = cohort.program.holder
    said = {"date": "2026-10-27", "starts_at": "09:00", "ends_at": "10:00", "topic": "Safety"}

    own.post(address(of, f"cohorts/{cohort.pk}/sessions/new/"), said)
    session = cohort.sessions.get()
    own.post(address(of, f"sessions/{session.pk}/"), said | {"date": "2026-10-28"})
    session.refresh_from_db()
    assert session.date == date(2026, 10, 28)
    refused = own.post(address(of, f"sessions/{session.pk}/"), said | {"date": "2027-10-28"})
    own.post(address(of, f"sessions/{session.pk}/"), {"action": "cancel"})

    assert "when the cohort meets" in refused.content.decode()
    session.refresh_from_db()
    assert session.cancelled_at is not None
    assert "This session is not held." in own.get(address(of, f"sessions/{session.pk}/")).content.decode()


def test_it_opens_only_with_an_mou(own, program):
    cohort = cohort_of(program)
    where = address(cohort.program.holder, f"cohorts/{cohort.pk}/")

    refused = own.post(where, {"action": "open"}, follow=True).content.decode()
    mou_of(cohort.program.holder, MouStatus.EXECUTED)
    own.post(where, {"action": "open"})

    assert "No student can be enrolled without an executed MOU." in refused
    cohort.refresh_from_db()
    assert cohort.status == "open"


@pytest.mark.parametrize(
    ("action", "reason"), [("", ""), ("fly", ""), ("start", ""), ("complete", ""), ("cancel", " ")]
)
def test_what_cannot_be_done_is_said(own, cohort, action, reason):
    where = address(cohort.program.holder, f"cohorts/{cohort.pk}/")

    answer = own.post(where, {"action": action, "reason": reason}, follow=True)

    assert "is-error" in answer.content.decode()
    cohort.refresh_from_db()
    assert cohort.status == "planned"


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0000-00", "2026-11-01"])
def test_any_month_may_be_asked_for(own, cohort, month):
    page = own.get(address(cohort.program.holder, f"cohorts/{cohort.pk}/?month={month}"))

    assert page.status_code == 200


def test_days_off_are_noted_and_taken_back(own, cohort):
    of = cohort.program.holder
    own.post(address(of, f"cohorts/{cohort.pk}/rules/"), MONDAYS)

    own.post(address(of, "closures/"), {"date": "2026-11-02", "name": "Staff day"})
    assert cohort.sessions.count() == 1
    again = own.post(address(of, "closures/"), {"date": "2026-11-02", "name": "Staff day"})
    own.post(address(of, "closures/"), {"action": "holidays", "year": "2027"})
    own.post(address(of, "closures/"), {"action": "holidays", "year": "1900"})
    own.post(address(of, f"closures/{of.closures.get(name='Staff day').pk}/"))

    assert "error-summary" in again.content.decode()
    assert of.closures.count() == 11
    assert cohort.sessions.count() == 2


def test_what_is_another_holders_is_not_there(own, program):
    strange = cohort_of(draft(holder(ein="35-7654321")))
    for rest in (f"cohorts/{strange.pk}/", f"cohorts/{strange.pk}/edit/", f"cohorts/{strange.pk}/rules/",
                 f"cohorts/{strange.pk}/sessions/new/", f"{strange.program_id}/cohorts/new/"):  # fmt: skip
        assert own.get(address(program.holder, rest)).status_code == 404
        assert own.post(address(program.holder, rest), PLAN | {"action": "open"}).status_code == 404


def test_a_reader_reads(client, cohort):
    of = cohort.program.holder
    client.force_login(member_of(of, MemberRole.READ_ONLY))

    assert client.get(address(of, f"cohorts/{cohort.pk}/")).status_code == 200
    for rest in (f"cohorts/{cohort.pk}/", f"cohorts/{cohort.pk}/rules/", "closures/"):
        assert client.post(address(of, rest), MONDAYS).status_code == 403


def test_it_is_edited_until_it_is_over(own, cohort):
    where = address(cohort.program.holder, f"cohorts/{cohort.pk}/edit/")

    own.post(where, PLAN)
    cohort.refresh_from_db()
    assert cohort.capacity == 9
    cancel_cohort(cohort, by=clerk(), reason="Nobody came.")

    assert "stays as it is" in own.post(where, PLAN).content.decode()


def test_a_full_calendar_costs_what_an_empty_one_does(own, cohort):
    of = cohort.program.holder
    with CaptureQueriesContext(connection) as empty:
        own.get(address(of, f"cohorts/{cohort.pk}/"))
    own.post(address(of, f"cohorts/{cohort.pk}/rules/"), {
        f"{end}_{day}_0": hour for day in range(7) for end, hour in (("starts", "09:00"), ("ends", "12:00"))
    })  # fmt: skip

    own.get(address(of, f"cohorts/{cohort.pk}/"))
    with CaptureQueriesContext(connection) as full:
        own.get(address(of, f"cohorts/{cohort.pk}/"))

    assert cohort.sessions.count() == 14
    assert len(full) == len(empty)
