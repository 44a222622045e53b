"""The mails about students: each has its link, none tells of a person what others must not read, and none is stale."""

import re

import pytest
from django.contrib.auth.models import Group

from autopilot import clock
from autopilot.documents import archive
from autopilot.exceptions import Unwanted
from students import messages
from students.models import Agreement, AskedPaper, Enrollment, RiskFinding, StudentMessage, StudentPaper
from students.services.conversations import send_message
from students.services.invitations import invite_student
from students.services.leads import LeadFacts, enter_lead
from tests.programs.conftest import staff_member
from tests.students.samples import STARTS, active, cohort, coordinator, school

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    made = active(cohort(school()))
    coordinator(made.holder)
    return made


def risk(ann, audience):
    return RiskFinding.objects.create(
        enrollment=ann, holder=ann.holder, kind="behind", audience=audience, level="critical",
        explanation="Was there for 0 of 4 hours.", opened_on=STARTS, seen_on=STARTS,
    )  # fmt: skip


def told(mail):
    assert mail.subject
    assert mail.to or mail.bcc
    html = mail.alternatives[0][0]
    text = f"{mail.subject} {mail.body} {html}"
    assert not re.search(r"Lee\b|ann1@", text)
    assert "{{" not in text
    return mail.body


def file(ann):
    return archive.store(b"x", media_type="text/plain", title="x", tenant_id=ann.holder_id)


def test_the_school_is_told_of_its_students(ann):
    agreement = Agreement.objects.create(enrollment=ann, document=file(ann), consents=True, notice_version="x")
    message = send_message(ann, text="A secret.", by=None, by_student=True)
    page = f"/portal/{ann.holder_id}"

    assert f"{page}/students/{ann.pk}/" in told(messages.promoted(str(ann.pk)))
    assert f"{page}/students/{ann.pk}/" in told(messages.agreement_signed(str(agreement.pk)))
    body = told(messages.message_to_school(str(message.pk)))
    assert f"{page}/students/{ann.pk}/messages/" in body
    assert "secret" not in body
    assert f"{page}/at-risk/" in told(messages.risk_opened(str(risk(ann, "holder").pk)))


def test_the_student_is_told_of_what_is_theirs(ann):
    asked = AskedPaper.objects.create(slug="photo-id", title="Photo ID", instructions="x")
    paper = StudentPaper.objects.create(
        student=ann.student, asked=asked, document=file(ann), file_name="x", status="rejected", remark="Blurred."
    )
    message = send_message(ann, text="A secret.", by=None, by_student=False)
    Enrollment.objects.filter(pk=ann.pk).update(status="accepted")

    assert "/me/join/" in told(messages.invited(str(invite_student(ann.student, by=None).pk)))
    assert "could not accept" in told(messages.paper_decided(str(paper.pk)))
    assert f"/me/messages/{ann.pk}/" in told(messages.message_to_student(str(message.pk)))
    assert "/me/" in told(messages.seat_offered(str(ann.pk)))


def test_case_managers_are_told_of_what_is_critical(ann):
    finding = risk(ann, "staff")
    with pytest.raises(Unwanted):
        messages.risk_escalated(str(finding.pk))

    manager = staff_member("manager")
    manager.groups.add(Group.objects.get_or_create(name="Case manager")[0])
    type(manager).objects.filter(pk=manager.pk).update(email="manager@example.org")

    mail = messages.risk_escalated(str(finding.pk))
    assert (mail.bcc, mail.to) == (["manager@example.org"], [])
    assert f"/admin/students/riskfinding/{finding.pk}/" in told(mail)


def test_a_lead_can_say_no(ann):
    lead = enter_lead(ann.cohort.program, LeadFacts("Lea", "Diaz", "lea@example.org"), by=None)

    mail = messages.lead_follow_up(str(lead.pk), step=1)

    assert mail.to == ["lea@example.org"]
    assert "/me/no-more-mails/" in told(mail)


def test_nothing_stale_is_sent(ann):
    finding = risk(ann, "holder")
    RiskFinding.objects.update(closed_at=clock.now(), closed_because="Over.")
    message = send_message(ann, text="Hello.", by=None, by_student=True)
    StudentMessage.objects.update(read_at=clock.now())

    for tell, key in ((messages.risk_opened, finding), (messages.message_to_school, message),
                      (messages.message_to_student, message), (messages.seat_offered, ann)):  # fmt: skip
        with pytest.raises(Unwanted):
            tell(str(key.pk))
