"""Leads: entered, imported and taken from the catalog once; written to until they answer; enrolled or closed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage, Schedule
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from programs.models import ProgramStatus
from programs.services.enquiries import enquire
from students.models import Enrollment, Lead
from students.services import leads
from students.services.leads import (
    LeadFacts,
    close_lead,
    convert_lead,
    enter_lead,
    find_by_stop_token,
    import_leads,
    mark_contacted,
    stop_token,
    write_follow_ups,
)
from tests.programs.conftest import permissions, staff_member
from tests.students.samples import active, cohort, school

pytestmark = pytest.mark.django_db
LEA = LeadFacts("Lea", "Lee", "Lea.Lee@example.org", "317-555-0100")
HEADING = "First name,Last name,E-mail,Phone,Note\n"


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def program(spring):
    made = spring.program
    type(made).objects.filter(pk=made.pk).update(status=ProgramStatus.APPROVED, approved_at=clock.now())
    return made


@pytest.fixture
def clerk():
    user = staff_member("clerk")
    user.user_permissions.set(permissions("add_lead", "view_lead", "view_enrollment"))
    return user


def refused(code, deed, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        deed(*args, **kwargs)
    assert refusal.value.code == code


def due(lead, days=0):
    Lead.objects.filter(pk=lead.pk).update(follow_up_on=clock.today() - timedelta(days=days))


def test_it_is_known_by_address_or_phone(program, clerk):
    lead = enter_lead(program, LEA, by=clerk)
    assert (lead.email, lead.follow_up_on) == ("lea.lee@example.org", clock.today() + timedelta(days=2))

    for facts in (LeadFacts("L", "L", "LEA.LEE@example.org"), LeadFacts("L", "L", phone="317-555-0100")):
        refused("duplicate", enter_lead, program, facts, by=clerk)
    assert Lead.objects.count() == 1


def test_a_student_of_the_school_is_no_lead(program, spring, clerk):
    active(spring)

    refused("duplicate", enter_lead, program, LeadFacts("Ann", "Lee", "ann1@example.org"), by=clerk)


@pytest.mark.parametrize(
    ("facts", "field"),
    [(LeadFacts("", "Lee", "a@b.org"), "first_name"), (LeadFacts("L", "L", "nobody"), "email"),
     (LeadFacts("L", "L"), "email"), (LeadFacts("L", "L", phone="1" * 25), "phone")],
)  # fmt: skip
def test_it_refuses_what_does_not_fit(program, clerk, facts, field):
    with pytest.raises(ValidationError) as refusal:
        enter_lead(program, facts, by=clerk)

    assert list(refusal.value.message_dict) == [field]


def test_only_who_may_enters(program):
    with pytest.raises(PermissionDenied):
        enter_lead(program, LEA, by=staff_member("reader"))


# --- Mails ------------------------------------------------------------------------------------------------------------


def test_three_mails_go_out_and_then_none(program, clerk):
    lead = enter_lead(program, LEA, by=clerk)
    assert write_follow_ups() == 0

    for number in (1, 2, 3):
        due(lead)
        assert write_follow_ups() == 1
        lead.refresh_from_db()
        assert lead.follow_ups == number
    assert lead.follow_up_on is None
    assert OutboxMessage.objects.filter(topic="students.lead.follow_up").count() == 3


@pytest.mark.parametrize("deed", ["contacted", "closed", "stopped"])
def test_none_goes_out_to_who_answered(client, program, clerk, deed):
    lead = enter_lead(program, LEA, by=clerk)
    if deed == "contacted":
        mark_contacted(lead, by=clerk)
    elif deed == "closed":
        close_lead(lead, reason="Moved away.", by=clerk)
    else:
        page = f"/me/no-more-mails/{stop_token(lead)}/"
        assert "Send me no more mails" in client.get(page).content.decode()
        assert client.post(page).status_code == 200

    lead.refresh_from_db()
    assert (lead.follow_up_on, write_follow_ups()) == (None, 0)


@pytest.mark.parametrize("token", ["x", "0" * 96, ""])
def test_another_link_stops_nothing(client, program, clerk, token):
    enter_lead(program, LEA, by=clerk)

    with pytest.raises(ObjectDoesNotExist):
        find_by_stop_token(token)
    assert client.get(f"/me/no-more-mails/{token or 'y'}/").status_code == 404


def test_the_catalog_brings_leads_and_a_schedule_writes(program):
    assert Schedule.objects.get(kind="lead.follow_up").cron == "0 9 * * *"
    for _ in range(2):
        facts = {"name": "Rosa Maria Diaz", "email": "rosa@example.org", "phone": "", "message": "When?"}
        enquire(program, **facts, form_key=uuid7())
    for _ in range(2):
        enqueue("lead.follow_up", tenant_id=NETWORK)
        run_jobs()

    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name, lead.source) == ("Rosa", "Maria Diaz", "catalog")
    assert lead.enquiry is not None


# --- Conversion and import --------------------------------------------------------------------------------------------


def test_it_becomes_an_enrollment(program, spring, clerk):
    lead = enter_lead(program, LEA, by=clerk)

    enrollment = convert_lead(lead, spring, by=clerk)

    lead.refresh_from_db()
    assert (lead.status, lead.enrollment, enrollment.status) == ("enrolled", enrollment, "applied")
    refused("done", convert_lead, lead, spring, by=clerk)
    refused("done", close_lead, lead, reason="x", by=clerk)


def test_a_refusal_leaves_the_lead(program, clerk):
    lead = enter_lead(program, LEA, by=clerk)

    refused("cohort_closed", convert_lead, lead, cohort(program.holder, "Past", status="completed"), by=clerk)

    lead.refresh_from_db()
    assert lead.status == "new"


def test_a_file_is_taken_in_once(program, clerk):
    content = f"{HEADING}Lea,Lee,lea@example.org,,\nLeo,Lee,leo@example.org,,\nLea,Lee,lea@example.org,,\n".encode()

    first = import_leads(program, content=content, file_name="leads.csv", by=clerk)
    again = import_leads(program, content=content, file_name="leads.csv", by=clerk)

    assert (first.new, first.known, again.new, again.known) == (2, 1, 0, 3)


@pytest.mark.parametrize(
    ("content", "told"),
    [("Name\nLea\n", "must name the columns"), (HEADING, "1 to 2,000 rows"), (f"{HEADING}Lea,,lea@example.org\n", "Line 2"),
     (f"{HEADING}Lea,Lee\nLeo,Lee,nobody\n", "Line 3")],
)  # fmt: skip
def test_a_faulty_file_brings_nothing(program, clerk, content, told):
    with pytest.raises(ValidationError, match=told):
        import_leads(program, content=content.encode(), file_name="leads.csv", by=clerk)

    assert not Lead.objects.exists()


def test_staff_work_in_the_office(client, program, spring, clerk):
    client.force_login(clerk)
    facts = {"program": program.pk, "first_name": "Lea", "last_name": "Lee", "email": "lea@example.org"}
    assert client.post("/admin/students/lead/add/", facts | {"email": ""}).status_code == 422
    page = client.post("/admin/students/lead/add/", facts)["Location"]
    assert client.post("/admin/students/lead/add/", facts).status_code == 422
    file = SimpleUploadedFile("leads.csv", f"{HEADING}Leo,Lee,leo@example.org,,\n".encode())
    assert client.get("/admin/students/lead/import/").status_code == 200
    assert client.post("/admin/students/lead/import/", {"program": program.pk, "file": file}).status_code == 302
    assert "Leo" in client.get("/admin/students/lead/").content.decode()

    lead = Lead.objects.get(first_name="Lea")
    for task, sent in (("contacted", {}), ("convert", {"cohort": spring.pk})):
        assert client.post(f"/admin/students/lead/{lead.pk}/{task}/", sent).status_code == 302

    assert Enrollment.objects.filter(lead=lead).exists()
    assert client.post(f"/admin/students/lead/{lead.pk}/close/", {"reason": "x"}).status_code == 422
    assert "Lea Lee" in client.get(page).content.decode()
    assert leads.OPEN
