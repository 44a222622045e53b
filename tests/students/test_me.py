"""A student's own portal: their record and nobody else's; the agreement is signed on exactly what was shown."""

import hashlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from autopilot import clock
from autopilot.documents import archive
from autopilot.models import OutboxMessage
from students import consents, me
from students.models import (
    Agreement,
    AgreementSignature,
    AskedPaper,
    Determination,
    Enrollment,
    Student,
    StudentInvitation,
    StudentMessage,
    StudentPaper,
)
from students.services import agreements
from students.services.agreements import Pen, prepare_agreement, sign_agreement
from students.services.conversations import send_message
from students.services.enrollments import activate
from students.services.invitations import InvitationClosed, accept_invitation, invitation_token, invite_student, join
from students.services.papers import decide_paper
from tests.programs.conftest import permissions, staff_member
from tests.students.samples import account_of, active, applied, cohort, coordinator, policy_of, school, session

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture
def harbor():
    return school()


@pytest.fixture
def enrollment(harbor):
    made = active(cohort(harbor))
    policy_of(made.cohort.program)
    return made


@pytest.fixture
def rosa(enrollment):
    return account_of(enrollment.student)


@pytest.fixture
def page(client, rosa):
    """Ask for a page of the portal as the student."""
    client.force_login(rosa)

    def ask(view, *arguments, **posted):
        address = reverse(f"me:{view}", args=arguments)
        return client.post(address, posted) if posted else client.get(address)

    return ask


def text_of(answer):
    return answer.content.decode()


def standing(enrollment, **changes):
    """An agreement as if it were printed, which takes a second."""
    document = archive.store(
        f"%PDF-1.7 {changes}".encode(), media_type="application/pdf", title="x", tenant_id=enrollment.holder_id
    )
    facts = {"consents": True, "notice_version": consents.VERSION} | changes
    return Agreement.objects.create(enrollment=enrollment, document=document, **facts)


def pen(agreement, **changes):
    said = {"name": "Ann1 Lee", "document_sha256": agreement.document.sha256, "consents_to": consents.VERSION}
    return Pen(**said | changes)


# --- The way in -------------------------------------------------------------------------------------------------------


def test_a_student_comes_by_the_mailed_link(client, enrollment):
    invitation = invite_student(enrollment.student, by=None)
    address = reverse("me:join", args=[invitation_token(invitation)])
    assert "Open your record" in text_of(client.get(address))

    sent = {"first_name": "Ann", "last_name": "Lee", "password": PASSWORD, "password_again": PASSWORD}
    assert client.post(address, sent | {"password": "x"}).status_code == 200
    assert client.post(address, sent)["Location"] == "/me/"

    assert "Barber training" in text_of(client.get("/me/"))
    assert client.get(address).status_code == 410
    assert invitation.token_digest not in address


def test_an_invitation_is_replaced_and_expires(enrollment):
    first = invite_student(enrollment.student, by=None)
    token = invitation_token(first)
    second = invite_student(enrollment.student, by=None)

    with pytest.raises(InvitationClosed):
        accept_invitation(token, by=account_of(active(enrollment.cohort, 2).student, "other"))
    StudentInvitation.objects.filter(pk=second.pk).update(
        invited_at=clock.now() - 2 * (second.expires_at - second.invited_at), expires_at=clock.now()
    )
    with pytest.raises(InvitationClosed):
        join(invitation_token(StudentInvitation.objects.get(pk=second.pk)), first_name="", last_name="", password="x")


def test_without_an_address_nobody_is_invited(enrollment, rosa):
    other = active(enrollment.cohort, 2, email="").student
    for student, code in ((other, "no_email"), (enrollment.student, "account")):
        with pytest.raises(ValidationError) as refusal:
            invite_student(Student.objects.get(pk=student.pk), by=None)
        assert refusal.value.code == code


def test_two_schools_are_one_person(client, enrollment, rosa):
    elsewhere = active(cohort(school(ein="35-7654321"), "Elsewhere"))

    accept_invitation(invitation_token(invite_student(elsewhere.student, by=None)), by=rosa)

    client.force_login(rosa)
    assert "Elsewhere" in text_of(client.get("/me/"))
    assert Student.objects.values("number").distinct().count() == 1


def test_a_coordinator_invites_on_the_page_of_the_enrollment(client, harbor, enrollment):
    client.force_login(coordinator(harbor))
    address = f"/portal/{harbor.pk}/students/{enrollment.pk}/"
    assert "Invite to the student portal" in text_of(client.get(address))

    client.post(address, {"action": "invite"})

    assert OutboxMessage.objects.filter(topic="students.student.invited").count() == 1


# --- What one sees ----------------------------------------------------------------------------------------------------


def test_it_shows_programs_hours_and_what_is_next(page, enrollment):
    AskedPaper.objects.create(slug="photo-id", title="Photo identification", instructions="Both sides.")
    session(enrollment.cohort)

    shown = text_of(page("overview"))

    assert "Read and sign your agreement" in shown
    assert "Photo identification" in shown
    assert "0 of 1,500 hours" in shown
    assert "Attendance" in text_of(page("program", enrollment.pk))


def test_nothing_of_anybody_else_is_there(page, enrollment):
    other = active(enrollment.cohort, 2)
    standing(other)
    AskedPaper.objects.create(slug="photo-id", title="Photo", instructions="x")
    document = archive.store(b"x", media_type="text/plain", title="x", tenant_id=other.student_id)
    paper = StudentPaper.objects.create(student=other.student, asked_id="photo-id", document=document, file_name="x")

    for view in ("program", "agreement", "agreement_file", "conversation"):
        assert page(view, other.pk).status_code == 404, view
        assert page(view, other.pk, text="x", name="x").status_code in (404, 405), view
    assert page("agreement_page", other.pk, 1).status_code == 404
    assert page("paper_file", paper.pk).status_code == 404
    assert "Ann2" not in text_of(page("overview")) + text_of(page("messages"))


def test_who_is_no_student_finds_nothing(client, enrollment):
    assert client.get("/me/")["Location"].startswith("/accounts/login/")
    client.force_login(coordinator(enrollment.holder))
    for view in ("overview", "papers", "messages"):
        assert client.get(reverse(f"me:{view}")).status_code == 404


def test_it_asks_no_more_for_more_enrollments(page, enrollment, harbor, django_assert_max_num_queries):
    for number in range(6):
        other = cohort(harbor, f"Cohort {number}")
        Enrollment.objects.create(student=enrollment.student, cohort=other, holder=harbor)
    page("overview")

    for view in ("overview", "messages"):
        with django_assert_max_num_queries(22):
            page(view)


def test_other_parts_bring_panels_and_sections(page, enrollment, monkeypatch):
    monkeypatch.setattr(me, "_panels", {})
    me.panel(5)(lambda records: me.Panel("Eligibility", ("Approved for WIOA Adult.",)))
    me.panel(6)(lambda records: None)

    assert "Approved for WIOA Adult." in text_of(page("overview"))


def test_it_tells_where_eligibility_stands(page, enrollment):
    assert "Your eligibility" not in text_of(page("overview"))
    letter = archive.store(b"x", media_type="text/plain", title="x", tenant_id=enrollment.student_id)
    facts = {
        "as_of": clock.today(),
        "status": "eligible",
        "verdict": "met",
        "adult": True,
        "decided_at": clock.now(),
        "letter": letter,
    }
    own = Determination.objects.create(student=enrollment.student, enrollment=enrollment, **facts)
    other = active(enrollment.cohort, 2)
    foreign = Determination.objects.create(student=other.student, enrollment=other, **facts)

    shown = text_of(page("overview"))

    assert "You are eligible." in shown
    assert "Programs: Adult." in shown
    assert page("letter", own.pk).content == b"x"
    assert page("letter", foreign.pk).status_code == 404


# --- The agreement ----------------------------------------------------------------------------------------------------


def test_it_is_printed_after_the_notice_and_signed(page, enrollment, rosa):
    assert "Equal Opportunity Is the Law" in text_of(page("agreement", enrollment.pk))
    assert "Read the notice above" in text_of(page("agreement", enrollment.pk, ferpa="yes"))
    page("agreement", enrollment.pk, ferpa="no", notice="on", notice_version=consents.VERSION)
    agreement = Agreement.objects.get()
    content = archive.read(agreement.document)
    assert hashlib.sha256(content).hexdigest() == agreement.document.sha256
    assert agreement.document.snapshot["context"]["consents"] is False
    shown = text_of(page("agreement", enrollment.pk))
    assert "do not consent" in shown
    assert agreement.document.sha256 in shown

    said = {"name": "Ann Lee", "document_sha256": agreement.document.sha256, "consent_version": consents.VERSION}
    assert "tick the box" in text_of(page("agreement", enrollment.pk, **said))
    assert page("agreement", enrollment.pk, consent="on", **said).status_code == 302

    signature = AgreementSignature.objects.get()
    assert (signature.signer, signature.name, signature.ferpa_consents) == (rosa, "Ann Lee", False)
    assert agreements.is_unaltered(signature)
    assert "You did not consent" in text_of(page("agreement", enrollment.pk))
    assert page("agreement_file", enrollment.pk).content == content
    assert OutboxMessage.objects.filter(topic="students.agreement.signed").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"document_sha256": "0" * 64}, "document_changed"), ({"consents_to": ""}, "no_consent"), ({"name": " "}, "name")],
)
def test_it_is_not_signed_otherwise(enrollment, rosa, changes, code):
    agreement = standing(enrollment)

    with pytest.raises(ValidationError) as refusal:
        sign_agreement(agreement, pen(agreement, **changes), by=rosa)

    codes = [each.code for each in getattr(refusal.value, "error_list", [])]
    codes += [each.code for errors in getattr(refusal.value, "error_dict", {}).values() for each in errors]
    assert codes == [code]
    assert not AgreementSignature.objects.exists()


def test_only_the_student_signs_and_once(enrollment, rosa):
    agreement = standing(enrollment)
    with pytest.raises(PermissionDenied):
        sign_agreement(agreement, pen(agreement), by=coordinator(enrollment.holder))

    signature = sign_agreement(agreement, pen(agreement), by=rosa)

    with pytest.raises(ValidationError, match="is signed"):
        sign_agreement(agreement, pen(agreement), by=rosa)
    with pytest.raises(DatabaseError, match=r"never (changed|deleted)"), transaction.atomic():
        AgreementSignature.objects.filter(pk=signature.pk).update(name="x")
    signature.name = "Somebody else"
    assert not agreements.is_unaltered(signature)


def test_nothing_is_printed_without_the_school_s_rules(enrollment):
    enrollment.cohort.program.policy.delete()

    for version, code in (("", "no_notice"), (consents.VERSION, "no_policy")):
        with pytest.raises(ValidationError) as refusal:
            prepare_agreement(enrollment, consents_to_disclosure=True, notice_version=version)
        assert refusal.value.code == code


def test_training_begins_with_the_signature(harbor, rosa, enrollment, settings):
    settings.ENROLLMENT_AGREEMENT_REQUIRED = True
    waiting = Enrollment.objects.create(
        student=enrollment.student, cohort=cohort(harbor, "Fall"), holder=harbor, status="accepted"
    )
    agreement = standing(waiting)
    with pytest.raises(ValidationError, match="has not signed"):
        activate(waiting, by=rosa)

    sign_agreement(agreement, pen(agreement), by=rosa)
    activate(waiting, by=rosa)

    assert waiting.status == "active"


# --- Papers and messages ----------------------------------------------------------------------------------------------


def test_a_paper_is_uploaded_rejected_and_uploaded_again(page, enrollment):
    AskedPaper.objects.create(slug="photo-id", title="Photo identification", instructions="Both sides.")
    reviewer = staff_member("reviewer")
    reviewer.user_permissions.set(permissions("review_studentpaper"))
    assert "Missing" in text_of(page("papers"))

    assert "file" in text_of(page("paper", "photo-id", file=SimpleUploadedFile("x.exe", b"MZ")))
    page("paper", "photo-id", file=SimpleUploadedFile("id.png", PNG))
    first = StudentPaper.objects.get()
    decide_paper(first, accept=False, remark="The picture is blurred.", by=reviewer)
    assert "The picture is blurred." in text_of(page("papers"))
    page("paper", "photo-id", file=SimpleUploadedFile("again.png", PNG))

    second = StudentPaper.objects.get(replaced_at=None)
    assert StudentPaper.objects.count() == 2
    decide_paper(second, accept=True, by=reviewer)
    with pytest.raises(ValidationError, match="decided or replaced"):
        decide_paper(second, accept=True, by=reviewer)
    assert page("paper_file", second.pk).status_code == 200
    assert "We need a document" not in text_of(page("overview"))
    assert page("paper", "other").status_code == 404


def test_only_who_may_decides_a_paper(enrollment, rosa):
    document = archive.store(b"x", media_type="text/plain", title="x", tenant_id=enrollment.student_id)
    asked = AskedPaper.objects.create(slug="photo-id", title="Photo", instructions="x")
    paper = StudentPaper.objects.create(student=enrollment.student, asked=asked, document=document, file_name="x")

    with pytest.raises(PermissionDenied):
        decide_paper(paper, accept=True, by=rosa)


def test_both_sides_write_and_read(page, client, enrollment, harbor, rosa):
    send_message(enrollment, text="Please bring your kit.", by=coordinator(harbor), by_student=False)
    assert "1 new message" in text_of(page("overview"))
    assert "Please bring your kit." in text_of(page("conversation", enrollment.pk))

    page("conversation", enrollment.pk, read="1")
    assert "new message" not in text_of(page("overview"))
    assert page("conversation", enrollment.pk, text=" ").status_code == 200
    page("conversation", enrollment.pk, text="<b>I will.")

    client.force_login(harbor.members.get(role="coordinator").user)
    shown = text_of(client.get(f"/portal/{harbor.pk}/students/{enrollment.pk}/messages/"))
    assert "&lt;b&gt;I will." in shown
    client.post(f"/portal/{harbor.pk}/students/{enrollment.pk}/messages/", {"text": "Good."})
    assert StudentMessage.objects.filter(by_student=True, read_at__isnull=False).exists()


def test_nobody_floods_the_other_side(enrollment, rosa):
    for _ in range(20):
        send_message(enrollment, text="Hello?", by=rosa, by_student=True)

    with pytest.raises(ValidationError, match="many messages"):
        send_message(enrollment, text="Hello?", by=rosa, by_student=True)


def test_an_applicant_has_a_portal_too(client, enrollment, rosa):
    applied(enrollment.cohort, 7)
    Enrollment.objects.filter(pk=enrollment.pk).update(status="applied", started_on=None)
    client.force_login(rosa)

    assert client.get("/me/").status_code == 200
