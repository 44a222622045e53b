"""Documents about students, asked for by staff and by the holder, for one and for a whole cohort."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from autopilot.document_types import batches
from autopilot.models import Document, Job
from autopilot.testing import run_jobs
from programs.models import Program
from tests.programs.samples import holder, member_of
from tests.students.samples import active, cohort, coordinator, school
from tests.students.test_documents import TERMS

pytestmark = pytest.mark.django_db
LIST = "admin:students_enrollment_changelist"


@pytest.fixture
def spring():
    spring = cohort(school())
    Program.objects.filter(pk=spring.program_id).update(**TERMS)
    return spring


def staff_with(*names: str) -> User:
    """Return somebody in the office who may see students, and what else is named."""
    user = User.objects.create_user("clerk", is_staff=True)
    named = ["view_enrollment", *names]
    user.user_permissions.set(Permission.objects.filter(codename__in=named))
    return user


@pytest.fixture
def clerk(client):
    user = staff_with("add_document", "view_document", "view_job", "view_cohort")
    client.force_login(user)
    return user


def asked(client, chosen, slug="enrollment_agreement", across="0", query=""):
    """Send the action of the list for some enrollments."""
    return client.post(
        reverse(LIST) + query,
        {"action": "make_documents", "_selected_action": [row.pk for row in chosen], "select_across": across,
         "document_type": slug},
    )  # fmt: skip


def test_it_asks_which_documents(client, clerk, spring):
    rows = [active(spring, number) for number in range(2)]

    page = asked(client, rows, slug="").content.decode()

    assert "about each of 2 enrollments" in page
    assert 'value="progress_report"' in page
    assert not Job.objects.filter(kind=batches.KIND).exists()


def test_staff_have_documents_of_a_whole_cohort_made(client, clerk, spring):
    rows = [active(spring, number) for number in range(3)]
    active(cohort(spring.program.holder, name="Autumn"), 9)

    answer = asked(client, rows[:1], across="1", query=f"?cohort={spring.pk}")
    run_jobs()
    page = client.get(answer["Location"]).content.decode()

    job = Job.objects.get(kind=batches.KIND)
    assert job.tenant_id == spring.program.holder_id
    assert job.requested_by == clerk
    assert "3 of 3 documents" in page
    assert page.count("Enrollment agreement</a>, ") == 3


def test_one_row_has_a_button_for_each_type(client, clerk, spring):
    enrollment = active(spring)

    page = client.get(reverse("admin:students_enrollment_change", args=[enrollment.pk])).content.decode()

    assert 'name="document_type" value="enrollment_agreement"' in page


def test_what_cannot_be_made_is_told_with_the_reason(client, clerk, spring):
    answer = asked(client, [active(spring)], slug="progress_report")
    run_jobs()

    page = client.get(answer["Location"]).content.decode()

    assert "Write the report first." in page


def test_organizations_have_jobs_of_their_own(client, clerk, spring):
    other = cohort(school(ein="35-7654321"))

    answer = asked(client, [active(spring, 1), active(other, 2)])

    assert set(Job.objects.filter(kind=batches.KIND).values_list("tenant_id", flat=True)) == {
        spring.program.holder_id,
        other.program.holder_id,
    }
    assert answer["Location"].endswith(f"?kind={batches.KIND}")


def test_who_may_not_ask_is_offered_nothing(client, spring):
    client.force_login(staff_with())
    enrollment = active(spring)

    page = client.get(reverse("admin:students_enrollment_change", args=[enrollment.pk])).content.decode()
    asked(client, [enrollment])

    assert "Make a document" not in page
    assert not Job.objects.filter(kind=batches.KIND).exists()


def test_who_may_see_no_students_downloads_nothing_about_them(client, spring):
    user = User.objects.create_user("finance", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_document"))
    client.force_login(user)
    batches.request("enrollment_agreement", [active(spring).pk], tenant_id=spring.program.holder_id)
    run_jobs()
    document = Document.objects.get(template="documents/enrollment_agreement.html")

    assert client.get(reverse("admin:document_file", args=[document.pk])).status_code == 403
    assert client.get(reverse("admin:autopilot_document_change", args=[document.pk])).status_code == 403


def test_a_cohort_leads_to_its_students(client, clerk, spring):
    page = client.get(reverse("admin:programs_cohort_change", args=[spring.pk])).content.decode()

    assert f"{reverse(LIST)}?cohort={spring.pk}" in page


def test_a_holder_has_documents_of_its_list_made(client, spring):
    made = spring.program.holder
    for number in range(2):
        active(spring, number)
    client.force_login(coordinator(made))

    answer = client.post(
        f"/portal/{made.pk}/students/documents/?cohort={spring.pk}", {"document_type": "enrollment_agreement"}
    )
    before = client.get(answer["Location"]).content.decode()
    run_jobs()
    after = client.get(answer["Location"]).content.decode()
    listed = client.get(f"/portal/{made.pk}/documents/").content.decode()

    assert "0 of 2 documents" in before
    assert "Look again" in before
    assert "2 of 2 documents" in after
    assert "Look again" not in after
    assert listed.count('<td data-label="Kind">Enrollment agreement') == 2
    file = client.get(f"/portal/{made.pk}/documents/{Document.objects.latest('created_at').pk}/")
    assert file.content.startswith(b"%PDF")
    assert "attachment" in file["Content-Disposition"]


def test_a_holder_asks_about_one_student(client, spring):
    made, enrollment = spring.program.holder, active(spring)
    client.force_login(coordinator(made))

    answer = client.post(
        f"/portal/{made.pk}/students/{enrollment.pk}/documents/", {"document_type": "enrollment_agreement"}
    )

    assert f"/portal/{made.pk}/documents/requests/" in answer["Location"]
    assert Job.objects.get(kind=batches.KIND).payload["subjects"] == [str(enrollment.pk)]


def test_nothing_chosen_leads_back(client, spring):
    made = spring.program.holder
    client.force_login(coordinator(made))

    answer = client.post(f"/portal/{made.pk}/students/documents/", {"document_type": "invoice"}, follow=True)

    assert "Choose which documents" in answer.content.decode()


def test_another_holder_is_not_told(client, spring):
    job = batches.request("enrollment_agreement", [active(spring).pk], tenant_id=spring.program.holder_id)
    other = holder(ein="35-7654321")
    client.force_login(member_of(other))

    assert client.get(f"/portal/{other.pk}/documents/requests/{job.pk}/").status_code == 404
    assert client.post(f"/portal/{other.pk}/students/{active(spring, 3).pk}/documents/").status_code == 404


def test_readers_ask_for_nothing(client, spring):
    made = spring.program.holder
    client.force_login(member_of(made, "read_only"))

    answer = client.post(f"/portal/{made.pk}/students/documents/", {"document_type": "enrollment_agreement"})

    assert answer.status_code == 403
