"""Certificates and milestones as staff see them: added, ended and revoked with a reason, by whoever may."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from autopilot import clock
from students.badges import keys
from students.models import CertificateRequest, Milestone
from tests.autopilot.admin.people import ensure_groups
from tests.students.samples import cohort, coordinator, milestone_of, school
from tests.students.test_certificates import finished, granted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key():
    keys.make()


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def certificate(spring):
    clerk = coordinator(spring.program.holder)
    return granted(finished(spring, by=clerk), clerk)


@pytest.fixture
def as_(client):
    """Sign somebody of a group in."""

    def sign_in(group):
        ensure_groups()
        user, _ = User.objects.get_or_create(username=group.lower().replace(" ", "-"), is_staff=True)
        user.groups.set([Group.objects.get(name=group)])
        client.force_login(user)
        return client

    return sign_in


def test_staff_find_a_certificate_and_read_its_history(as_, certificate):
    client = as_("Case manager")

    listed = client.get(reverse("admin:students_certificate_changelist"), {"q": certificate.number}).content.decode()
    shown = client.get(reverse("admin:students_certificate_change", args=[certificate.pk])).content.decode()

    assert certificate.number in listed
    assert f"/verify/{certificate.code}" in shown
    assert "Revoke…" not in shown


def test_it_is_revoked_after_a_second_look_with_a_reason(as_, certificate):
    client, address = as_("Compliance officer"), reverse("admin:students_certificate_changelist")
    chosen = {"action": "revoke_certificates", "_selected_action": str(certificate.pk), "from_page": "1"}

    asked = client.post(address, chosen).content.decode()
    assert "cannot be brought back" in asked
    certificate.refresh_from_db()
    assert certificate.status == "valid"
    client.post(address, chosen | {"confirmed": "1", "reason": "The exam was not hers."})

    certificate.refresh_from_db()
    assert certificate.status == "revoked"
    assert certificate.status_changes.latest("id").actor_label == "compliance-officer"


def test_staff_issue_for_whom_is_ready_and_read_what_is_missing(as_, spring):
    client, clerk = as_("Case manager"), coordinator(spring.program.holder)
    exam = milestone_of(spring.program, "Final exam")
    ready, lacking = finished(spring, 1, by=clerk, passed=exam), finished(spring, 2, by=clerk)
    chosen = {"action": "issue_certificates", "_selected_action": [str(ready.pk), str(lacking.pk)]}

    told = client.post(reverse("admin:students_enrollment_changelist"), chosen, follow=True).content.decode()

    assert "These milestones are not completed yet: Final exam." in told
    assert CertificateRequest.objects.get().enrollment == ready
    shown = client.get(reverse("admin:students_enrollment_change", args=[lacking.pk])).content.decode()
    assert "Final exam" in shown
    assert "Issue the certificate" in shown


def test_nobody_revokes_without_the_right(as_, certificate):
    chosen = {"action": "revoke_certificates", "_selected_action": str(certificate.pk), "confirmed": "1", "reason": "x"}

    as_("Case manager").post(reverse("admin:students_certificate_changelist"), chosen)

    certificate.refresh_from_db()
    assert certificate.status == "valid"


def test_staff_add_a_milestone_and_end_it(as_, spring):
    client, address = as_("Case manager"), reverse("admin:students_milestone_changelist")
    said = {"program": str(spring.program_id), "title": "Final exam", "effective_from": "2026-01-01", "position": "1"}

    assert client.get(reverse("admin:students_milestone_add")).status_code == 200
    client.post(reverse("admin:students_milestone_add"), said | {"required": "on"})
    milestone = Milestone.objects.get()
    again = client.post(reverse("admin:students_milestone_add"), said)
    chosen = {"action": "end_milestones", "_selected_action": str(milestone.pk), "from_page": "1"}
    assert "Whoever began before owes it on" in client.post(address, chosen).content.decode()
    client.post(address, chosen | {"confirmed": "1", "reason": "A new exam.", "on": clock.today().isoformat()})

    assert again.status_code == 422
    assert "End it first" in again.content.decode()
    milestone.refresh_from_db()
    assert (milestone.required, milestone.effective_to) == (True, clock.today())


def test_the_lists_ask_as_often_for_many_as_for_one(as_, spring, certificate, django_assert_max_num_queries):
    client, clerk = as_("Administrator"), User.objects.get(username="administrator")
    for number in range(2, 6):
        granted(finished(spring, number, by=clerk), clerk)
    for number in range(4):
        milestone_of(spring.program, f"Exam {number}")

    with django_assert_max_num_queries(14):
        assert client.get(reverse("admin:students_certificate_changelist")).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get(reverse("admin:students_milestone_changelist")).status_code == 200
