"""Attendance in the portal: a week at a glance, a grid for each session, and nothing lost between two who write."""

from datetime import timedelta
from decimal import Decimal

import pytest

from autopilot import clock
from programs.models import Session
from students.models import Attendance, AttendanceChange
from students.services.attendance import Entry, record_attendance
from tests.programs.samples import member_of
from tests.students.samples import active, cohort, coordinator, school, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def spring(harbor):
    return cohort(harbor)


@pytest.fixture
def meeting(spring):
    return session(spring)


@pytest.fixture
def page(client, harbor):
    client.force_login(coordinator(harbor))

    def ask(path="", **posted):
        address = f"/portal/{harbor.pk}/attendance/{path}"
        return client.post(address, posted) if posted else client.get(address)

    return ask


def grid(action, *rows):
    """Return what a browser sends of a grid: enrollment, presence, hours, note and the version that was seen."""
    sent = {"action": action}
    for enrollment, presence, hours, note, seen in rows:
        said = {"presence": presence, "hours": hours, "note": note, "seen": seen}
        sent |= {f"{name}-{enrollment.pk}": value for name, value in said.items()}
    return sent


def recorded():
    rows = Attendance.objects.order_by("enrollment__student__first_name")
    return list(rows.values_list("presence", "hours", "note"))


def test_everybody_is_present_until_something_else_is_said(page, spring, meeting):
    ann, ben = active(spring), active(spring, 2)
    text = page(f"{meeting.pk}/").content.decode()
    assert text.count('value="present" selected') == 2

    page(f"{meeting.pk}/", **grid("save", (ann, "present", "", "", ""), (ben, "late", "3,5", "Bus.", "")))

    assert recorded() == [("present", Decimal(4), ""), ("late", Decimal("3.5"), "Bus.")]
    assert 'value="3.5"' in page(f"{meeting.pk}/").content.decode()


def test_it_marks_all_and_saves_nothing_by_that(page, spring, meeting):
    ann = active(spring)

    text = page(f"{meeting.pk}/", **grid("all-absent", (ann, "present", "", "Kept.", ""))).content.decode()

    assert 'value="absent" selected' in text
    assert 'value="Kept."' in text
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("presence", "hours", "note"),
    [("absent", "2", ""), ("late", "x", ""), ("late", "NaN", ""), ("late", "1e9", ""), ("late", "-1", ""), ("gone", "", ""),
     ("present", "", "x" * 301)],
)  # fmt: skip
def test_it_keeps_what_was_entered_and_says_what_is_wrong(page, spring, meeting, presence, hours, note):
    ann, ben = active(spring), active(spring, 2)

    answer = page(f"{meeting.pk}/", **grid("save", (ann, presence, hours, note, ""), (ben, "late", "1", "", "")))

    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()
    assert 'value="late" selected' in answer.content.decode()
    assert not Attendance.objects.exists()


def test_two_who_write_see_each_other(page, spring, meeting, harbor):
    ann = active(spring)
    record_attendance(meeting, [Entry(ann.pk, "absent", note="No call.")], by=member_of(harbor))

    text = page(f"{meeting.pk}/", **grid("save", (ann, "present", "", "", ""))).content.decode()

    assert "Recorded meanwhile: Absent, 0 hours, “No call.”" in text
    assert recorded()[0][0] == "absent"
    seen = Attendance.objects.get().recorded_at.isoformat()
    assert f'value="{seen}"' in text
    page(f"{meeting.pk}/", **grid("save", (ann, "present", "", "", seen)))
    assert recorded()[0][0] == "present"
    assert AttendanceChange.objects.get().note == "No call."


def test_it_is_locked_by_a_coordinator_and_opened_by_an_owner(page, client, spring, meeting, harbor):
    ann = active(spring)
    page(f"{meeting.pk}/", **grid("lock", (ann, "present", "", "", "")))
    assert Session.objects.get().locked_at is not None
    assert "<select" not in page(f"{meeting.pk}/").content.decode()
    assert page(f"{meeting.pk}/", action="unlock", reason="x").status_code == 403
    refused = page(f"{meeting.pk}/", **grid("save", (ann, "absent", "", "", "")))
    assert "is locked" in refused.content.decode()

    client.force_login(member_of(harbor))
    page(f"{meeting.pk}/", action="unlock", reason="A mistake.")

    assert Session.objects.get().locked_at is None


def test_the_future_takes_nothing(page, spring):
    ann, later = active(spring), session(spring, -3)

    text = page(f"{later.pk}/", **grid("save", (ann, "present", "", "", ""))).content.decode()

    assert "in the future" in text
    assert not Attendance.objects.exists()


def test_the_week_shows_what_is_recorded(page, spring, meeting):
    ann = active(spring)
    record_attendance(meeting, [Entry(ann.pk, "late", Decimal(3))], by=None)

    text = page(f"?cohort={spring.pk}&week={meeting.date}").content.decode()

    assert "Late" in text
    assert "3 h" in text
    assert f"/attendance/{meeting.pk}/" in text


@pytest.mark.parametrize("query", ["", "?week=x", "?week=9999-12-31", "?week=0001-01-01", "?cohort=x", "?page=x"])
def test_any_week_can_be_asked_for(page, spring, query):
    active(spring)

    assert page(query).status_code == 200


def test_it_says_what_to_do_without_cohorts(page):
    assert "No cohorts yet" in page().content.decode()


def test_the_week_asks_no_more_for_more_students(page, spring, django_assert_max_num_queries):
    for number in range(8):
        active(spring, number)
    for days in (0, 1, 2):
        session(spring, days)
    page()

    with django_assert_max_num_queries(14):
        page()


def test_the_session_of_another_holder_is_not_there(page):
    other = session(cohort(school(ein="35-7654321")))

    assert page(f"{other.pk}/").status_code == page(f"{other.pk}/", action="save").status_code == 404


def test_who_may_only_read_records_nothing(client, harbor, spring, meeting):
    active(spring)
    client.force_login(member_of(harbor, "read_only"))
    address = f"/portal/{harbor.pk}/attendance/{meeting.pk}/"

    assert "<select" not in client.get(address).content.decode()
    assert client.post(address, {"action": "save"}).status_code == 403


def test_the_grid_of_a_large_cohort_has_pages(page, spring, meeting):
    type(spring).objects.update(capacity=100)
    everybody = [active(spring, number, since=clock.today() - timedelta(days=9)) for number in range(62)]

    text = page(f"{meeting.pk}/?page=2").content.decode()

    assert text.count('name="seen-') == 2
    last = max(everybody, key=lambda each: each.student.first_name)
    answer = page(f"{meeting.pk}/?page=2", **grid("save", (last, "absent", "", "", "")))
    assert answer["Location"].endswith("?page=2")
    assert Attendance.objects.get(presence="absent").enrollment == last
