"""Enrollments and attendance over the API: the services' own refusals, and nothing of another holder."""

import pytest
from django.contrib.auth.models import User

from autopilot.identifiers import uuid7
from autopilot.tokens import create_token
from programs.models import Mou
from students.models import Attendance, Enrollment
from tests.autopilot.api.conftest import Caller
from tests.programs.samples import member_of
from tests.students.samples import active, applied, cohort, school, session

pytestmark = pytest.mark.django_db
SCOPES = ["enrollments:read", "enrollments:write", "attendance:read", "attendance:write"]


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def spring(harbor):
    return cohort(harbor)


def caller_for(user, tenant_id=None, scopes=SCOPES):
    return Caller(create_token(name="test", user=user, scopes=scopes, by=None, tenant_id=tenant_id)[1])


@pytest.fixture
def provider(harbor):
    """The integration of a holder."""
    return caller_for(member_of(harbor), harbor.pk)


def wish(spring, **changes):
    person = {"first_name": "Rosa", "last_name": "Diaz", "email": "rosa@example.org"}
    return {"cohort_id": str(spring.pk), "student": person, "reference": "R-1"} | changes


def codes(response):
    assert response.status_code == 400, response.content
    return [row["code"] for row in response.json()["errors"]]


def test_it_enters_a_wish_once(provider, spring):
    key = str(uuid7())
    first, again = (provider.post("enrollments", wish(spring), key=key) for _ in range(2))

    enrollment = Enrollment.objects.get()
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first["Location"].endswith(f"/enrollments/{enrollment.pk}")
    assert (enrollment.status, enrollment.reference, enrollment.student.email) == ("applied", "R-1", "rosa@example.org")
    assert provider.get(f"enrollments/{enrollment.pk}").json()["student"]["last_name"] == "Diaz"


def test_it_is_refused_by_the_same_codes(provider, spring):
    provider.create("enrollments", wish(spring))
    assert codes(provider.create("enrollments", wish(spring))) == ["already_enrolled"]
    type(spring).objects.update(status="completed")
    assert codes(provider.create("enrollments", wish(spring))) == ["cohort_closed"]
    Mou.objects.update(status="terminated")
    assert codes(provider.create("enrollments", wish(spring))) == ["mou_not_executed"]


@pytest.mark.parametrize(
    "changes", [{"student": {"first_name": "x"}}, {"funding": "gold"}, {"cohort_id": "x"}, {"ssn": "1"}]
)
def test_it_says_what_does_not_fit(provider, spring, changes):
    assert codes(provider.create("enrollments", wish(spring, **changes)))
    assert not Enrollment.objects.exists()


def test_it_lists_its_own_alone(provider, spring):
    mine = active(spring)
    other = active(cohort(school(ein="35-7654321")), 2)

    assert [row["id"] for row in provider.get("enrollments").json()["results"]] == [str(mine.pk)]
    assert provider.get("enrollments?status=applied").json()["results"] == []
    assert provider.get(f"enrollments/{other.pk}").status_code == 404
    assert codes(provider.create("enrollments", wish(other.cohort))) == ["unknown"]


def test_who_belongs_to_no_holder_reaches_nothing(spring):
    applied(spring)
    stranger = caller_for(User.objects.create_user("stranger"))

    assert stranger.get("enrollments").json()["results"] == []
    assert codes(stranger.create("enrollments", wish(spring))) == ["unknown"]
    assert caller_for(User.objects.create_user("other"), scopes=["jobs:read"]).get("enrollments").status_code == 403


def test_it_records_attendance(provider, spring):
    ann, meeting = active(spring), session(spring)
    sent = {
        "session_id": str(meeting.pk),
        "entries": [{"enrollment_id": str(ann.pk), "presence": "late", "hours": "3.5"}],
    }

    assert provider.create("attendance", sent).json() == {"changed": 1}
    assert provider.create("attendance", sent).json() == {"changed": 0}

    [row] = provider.get(f"attendance?session_id={meeting.pk}").json()["results"]
    assert (row["presence"], row["hours"], row["enrollment_id"]) == ("late", "3.50", str(ann.pk))


def test_attendance_is_refused_by_the_same_codes(provider, spring):
    ann = active(spring)
    other = active(cohort(school(ein="35-7654321")), 2)
    mine, theirs, later = session(spring), session(other.cohort), session(spring, -3)

    def record(meeting, enrollment, **said):
        entry = {"enrollment_id": str(enrollment.pk), "presence": "absent"} | said
        return codes(provider.create("attendance", {"session_id": str(meeting.pk), "entries": [entry]}))

    assert record(theirs, other) == ["unknown"]
    assert record(mine, other) == ["not_expected"]
    assert record(later, ann) == ["future_session"]
    assert record(mine, ann, hours="1") == ["hours"]
    assert not Attendance.objects.exists()


def test_a_holder_accepts_and_declines(provider, spring):
    first, second = applied(spring, 1), applied(spring, 2)

    accepted = provider.post(f"enrollments/{first.pk}/accept")
    declined = provider.post(f"enrollments/{second.pk}/decline", {"reason": "The cohort is for beginners."})

    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    assert accepted.json()["accepted_at"]
    assert (declined.json()["status"], declined.json()["reason"]) == ("declined", "The cohort is for beginners.")
    assert codes(provider.post(f"enrollments/{first.pk}/accept")) == ["illegal_move"]
    assert codes(provider.post(f"enrollments/{second.pk}/decline", {"reason": " "})) == ["blank"]


def test_nobody_decides_without_the_right(harbor, spring):
    enrollment = applied(spring)
    others = [
        caller_for(member_of(harbor, "read_only")),
        caller_for(User.objects.create_user("outsider")),
        caller_for(member_of(harbor), harbor.pk, ["enrollments:read"]),
    ]

    answers = [each.post(f"enrollments/{enrollment.pk}/accept").status_code for each in others]

    assert answers == [404, 404, 403]
    enrollment.refresh_from_db()
    assert enrollment.status == "applied"


def test_the_mou_is_asked_for_when_accepting(provider, harbor, spring):
    enrollment = applied(spring)
    Mou.objects.update(status="terminated")

    assert codes(provider.post(f"enrollments/{enrollment.pk}/accept")) == ["mou_not_executed"]
