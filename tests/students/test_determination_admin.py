"""Determinations as staff see them: outcomes, criteria for who may read them, the form of the facts, and the locker."""

from datetime import timedelta

import pytest
from django.urls import reverse

from autopilot import clock
from autopilot.models import AuditEntry, Job
from students.models import Determination, Enrollment
from students.services.determinations import facts_of, move_determination
from tests.autopilot.uploads.files import pdf, upload
from tests.programs.conftest import permissions, staff_member
from tests.students.eligibility import case_manager, gathered, proof, trainee
from tests.students.samples import active

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    """A case manager who is signed in."""
    user = case_manager()
    user.user_permissions.add(*permissions("view_enrollment", "view_student"))
    client.force_login(user)
    return user


def address(name, row, *more):
    return reverse(f"admin:determination_{name}", args=[row.pk, *more])


def page_of(row):
    return reverse("admin:students_determination_change", args=[row.pk])


def text_of(answer):
    return answer.content.decode()


def test_it_shows_every_criterion_with_why_and_by_which_law(client, manager):
    determination = gathered()

    text = text_of(client.get(page_of(determination)))

    assert "Ann1 Lee" in text
    assert "WIOA 3(2); 20 CFR 680.120" in text
    assert "Proof: School status (transcript" in text
    assert "Confirm with your state" in text
    assert AuditEntry.objects.filter(name="students.determination.read", actor=manager).exists()


def test_it_shows_the_outcome_alone_to_who_may_only_view(client):
    viewer = staff_member("viewer")
    viewer.user_permissions.set(permissions("view_determination"))
    client.force_login(viewer)
    determination = gathered(disability=True)

    text = text_of(client.get(page_of(determination)))

    assert "Adult" in text
    assert "Disability" not in text
    assert "20 CFR" not in text
    for name in ("facts", "evidence", "review", "withdraw"):
        assert client.post(address(name, determination), {}).status_code == 403
    row = proof(determination.student, "202")
    assert client.get(address("evidence_file", determination, row.pk)).status_code == 403


def test_its_list_costs_the_same_for_more_rows(client, manager, django_assert_max_num_queries):
    first = gathered()
    for number in range(2, 6):
        row = active(first.enrollment.cohort, number)
        Determination.objects.create(student=row.student, enrollment=row, as_of=clock.today())
    url = reverse("admin:students_determination_changelist")
    client.get(url)

    with django_assert_max_num_queries(12):
        text = text_of(client.get(url))

    assert "Ann5 Lee" in text
    assert first.reference in text


def test_facts_are_entered_and_judged_at_once(client, manager):
    client.post(reverse("admin:determination_begin", args=[trainee().pk]))
    determination = Determination.objects.get()
    assert 'name="date_of_birth"' in text_of(client.get(address("facts", determination)))

    sent = {"date_of_birth": "2010-01-01", "sex": "female", "work_authorized": "no", "family_income": "1200.50"}
    answer = client.post(address("facts", determination), sent)

    determination.refresh_from_db()
    facts = facts_of(determination)
    assert answer.status_code == 302
    assert (facts.work_authorized, str(facts.family_income), facts.homeless) == (False, "1200.50", None)
    assert (determination.verdict, determination.assessed_by) == ("not_met", manager)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"date_of_birth": "2999-01-01"}, "not in the future"),
        ({"date_of_birth": "1799-01-01"}, "Look at the year again"),
        ({"date_of_birth": "yesterday"}, "Enter a valid date"),
        ({"family_size": "0"}, "greater than or equal to 1"),
        ({"family_income": "-5"}, "greater than or equal to 0"),
        ({"family_income": "NaN"}, "Enter a number"),
        ({"sex": "x"}, "Select a valid choice"),
        ({"state": "ZZ"}, "Select a valid choice"),
        ({"income_area": "Nowhere"}, "Select a valid choice"),
        ({"closure_announced_on": "2026-10-02", "workplace_closes_on": "2026-10-01"}, "cannot close before"),
        ({"weeks_unemployed": "9" * 30}, "less than or equal to"),
    ],
)
def test_facts_that_cannot_be_are_refused_with_what_to_do(client, manager, sent, told):
    determination = gathered()
    before = facts_of(determination)

    answer = client.post(address("facts", determination), sent)

    assert answer.status_code == 422
    assert told in text_of(answer)
    determination.refresh_from_db()
    assert facts_of(determination) == before


def test_a_proof_is_put_into_the_locker_and_taken_out(client, manager):
    determination = gathered()
    determination.student.evidence.get(topic="200").delete()
    sent = {"topic": "200", "kind": "document", "obtained_on": clock.today(), "description": "Passport"}

    client.post(address("evidence", determination), sent | {"file": upload("pass.pdf", pdf())})

    row = determination.student.evidence.get(topic="200")
    determination.refresh_from_db()
    assert determination.verdict == "met"
    assert client.get(address("evidence_file", determination, row.pk)).content.startswith(b"%PDF")
    client.post(address("evidence_withdraw", determination, row.pk), {"reason": "Of another person."})
    determination.refresh_from_db()
    assert determination.verdict == "unknown"


def test_a_proof_that_is_none_is_refused_beside_its_field(client, manager):
    determination = gathered()
    sent = {"topic": "200", "kind": "seen", "obtained_on": str(clock.today() + timedelta(days=3))}

    answer = client.post(address("evidence", determination), sent)
    assert answer.status_code == 422
    assert "not in the future" in text_of(answer)
    assert client.post(address("evidence", determination), {}).status_code == 422
    bad = sent | {"kind": "document", "obtained_on": clock.today(), "file": upload("a.txt", b"x")}
    assert "Upload a PDF" in text_of(client.post(address("evidence", determination), bad))


def test_it_is_sent_to_review_once_the_law_decides(client, manager):
    determination = gathered()
    client.post(address("review", determination))
    assert Job.objects.get(kind="certification.evaluate").requested_by == manager

    Job.objects.all().delete()
    determination.student.evidence.all().delete()
    client.post(address("facts", determination), {})
    client.post(address("review", determination))

    assert not Job.objects.filter(kind="certification.evaluate").exists()


def test_the_facts_of_what_is_decided_are_fixed(client, manager):
    determination = gathered()
    move_determination(determination, "in_review")
    move_determination(determination, "eligible", decided_at=clock.now())

    assert client.get(address("facts", determination)).status_code == 302
    text = text_of(client.get(page_of(determination)))
    assert "Determine again" in text
    assert "Enter facts" not in text


def test_another_is_opened_from_the_enrollment_with_a_reason(client, manager):
    determination = gathered()
    enrollment = Enrollment.objects.get()
    page = reverse("admin:students_enrollment_change", args=[enrollment.pk])
    assert determination.reference in text_of(client.get(page))
    begin = reverse("admin:determination_begin", args=[enrollment.pk])
    client.post(begin, {"reason": "x"})
    assert Determination.objects.count() == 1

    client.post(address("withdraw", determination), {"reason": "Entered for another person."})
    client.post(begin, {"reason": ""})

    assert Determination.objects.count() == 2


def test_what_is_not_there_is_not_found(client, manager):
    determination = gathered()

    unknown = "0190b1f2-0000-7000-8000-00000000ffff"
    assert client.get(address("evidence_file", determination, unknown)).status_code == 404
    assert client.post(reverse("admin:determination_begin", args=[unknown])).status_code == 404
    seen = determination.student.evidence.get(topic="work_authorization")
    assert client.get(address("evidence_file", determination, seen.pk)).status_code == 404
