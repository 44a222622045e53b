"""What the overview says of students, attendance and weekly reports, and what to do next."""

import pytest

from programs.models import Mou
from programs.portal import stages
from students.services.attendance import Entry, record_attendance
from students.services.enrollments import accept
from tests.programs.samples import member_of
from tests.students.samples import active, applied, cohort, school, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbor():
    return school()


def told(harbor, title):
    [stage] = [each for each in stages(harbor) if each.title == title]
    return stage.state, stage.line, stage.view


def test_students_wait_for_mou_and_cohort(harbor):
    assert told(harbor, "Students")[1] == "Students are enrolled once a cohort is open for enrollment."
    Mou.objects.update(status="terminated")
    assert told(harbor, "Students")[:2] == ("pending", "Students are enrolled once the MOU is executed.")


def test_students_come_step_by_step(harbor):
    spring, owner = cohort(harbor), member_of(harbor)
    assert told(harbor, "Students")[:2] == ("due", "Nobody is in training.")
    waiting = applied(spring)
    assert told(harbor, "Students") == ("due", "1 student is asking for a seat.", "portal:students")
    accept(waiting, by=owner)
    assert told(harbor, "Students")[:2] == ("due", "1 student is accepted and not started yet; 0 in training.")
    active(cohort(harbor, "Fall"), 2)
    assert told(harbor, "Students")[0] == "done"


def test_attendance_is_due_for_past_sessions(harbor):
    spring = cohort(harbor)
    assert told(harbor, "Attendance")[0] == "pending"
    ann, meeting = active(spring), session(spring)
    session(spring, 0)
    assert told(harbor, "Attendance") == (
        "due", "The attendance of 1 past session is missing.", "portal:attendance",
    )  # fmt: skip
    record_attendance(meeting, [Entry(ann.pk, "present")], by=None)
    assert told(harbor, "Attendance")[0] == "done"


def test_reports_are_due_for_past_weeks(harbor):
    assert told(harbor, "Weekly reports")[0] == "pending"
    session(cohort(harbor), 9)
    assert told(harbor, "Weekly reports") == ("due", "1 weekly report is due.", "portal:weekly_reports")


def test_the_overview_shows_them(client, harbor):
    applied(cohort(harbor))
    client.force_login(member_of(harbor))

    text = client.get(f"/portal/{harbor.pk}/").content.decode()

    assert "1 student is asking for a seat." in text
    assert f"/portal/{harbor.pk}/students/" in text
