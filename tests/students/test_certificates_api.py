"""Certificates over the API: asked for behind the same gate, and nothing of another holder."""

import pytest

from autopilot.testing import run_jobs
from students.badges import keys
from students.models import CertificateRequest
from students.services import certificates
from tests.programs.samples import member_of
from tests.students.samples import cohort, coordinator, milestone_of, school
from tests.students.test_api import caller_for
from tests.students.test_certificates import finished, granted

pytestmark = pytest.mark.django_db
SCOPES = ["enrollments:read", "enrollments:write"]


@pytest.fixture(autouse=True)
def _key():
    keys.make()


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def provider(spring):
    """The integration of a holder."""
    holder = spring.program.holder
    return caller_for(member_of(holder), holder.pk, scopes=SCOPES)


def test_it_is_refused_while_milestones_are_missing_and_names_them(provider, spring, clerk):
    milestone_of(spring.program, "Final exam")
    enrollment = finished(spring, by=clerk)

    response = provider.create(f"enrollments/{enrollment.pk}/certificate", {})

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["code"] == "milestones_incomplete"
    assert "Final exam" in error["detail"]
    assert not CertificateRequest.objects.exists()


def test_it_is_asked_for_and_then_listed(provider, spring, clerk):
    enrollment = finished(spring, by=clerk)

    asked = provider.create(f"enrollments/{enrollment.pk}/certificate", {})
    assert (asked.status_code, asked.json()["status"]) == (202, "waiting")
    assert provider.get("certificates").json()["results"] == []
    run_jobs()

    [listed] = provider.get(f"certificates?enrollment_id={enrollment.pk}").json()["results"]
    assert (listed["student_name"], listed["status"]) == ("Ann1 Lee", "valid")
    assert provider.get(f"certificates/{listed['id']}").json() == listed
    assert listed["url"].rpartition("/")[2] == certificates.read_code(listed["url"].rpartition("/")[2])


def test_a_certificate_of_another_holder_is_not_there(spring, clerk):
    certificate = granted(finished(spring, by=clerk), clerk)
    other = school(ein="35-7654321")
    stranger = caller_for(member_of(other), other.pk, scopes=SCOPES)

    assert stranger.get(f"certificates/{certificate.pk}").status_code == 404
    assert stranger.get("certificates").json()["results"] == []
    assert stranger.create(f"enrollments/{certificate.enrollment_id}/certificate", {}).status_code == 404
