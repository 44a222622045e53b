"""The mails about students, to the people of their holder and to the students; none of them names a student."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.engine import message
from autopilot.exceptions import Unwanted
from programs.models import Cohort, Holder, Member
from programs.services.people import add_notice, mail_to
from students.models import (
    Agreement,
    Certificate,
    CertificateStatus,
    Determination,
    Enrollment,
    EnrollmentStatus,
    EnrollmentStatusChange,
    Lead,
    LeadStatus,
    PaperStatus,
    RiskFinding,
    RosterImport,
    Student,
    StudentInvitation,
    StudentMessage,
    StudentPaper,
)
from students.services import certificates, certification, milestones
from students.services.agreements import SIGNED
from students.services.attendance import RECORDED
from students.services.conversations import TO_SCHOOL, TO_STUDENT
from students.services.enrollments import APPLIED, MOVED
from students.services.findings import ESCALATED, OPENED
from students.services.invitations import INVITED, invitation_token
from students.services.leads import FOLLOW_UP, stop_token
from students.services.papers import DECIDED
from students.services.rosters import IMPORTED
from students.services.waiting_list import OFFERED, PROMOTED
from students.services.weekly_reports import DUE, SUBMITTED

CASE_MANAGERS = "Case manager"

add_notice(APPLIED, "A student asks for a seat")
add_notice(MOVED, "The network changes an enrollment")
add_notice(IMPORTED, "A roster is imported")
add_notice(certificates.REVOKED, "The network revokes a certificate")
add_notice(DUE, "A weekly report is due")
add_notice(SIGNED, "A student signs the agreement")
add_notice(TO_SCHOOL, "A student writes a message")
add_notice(OPENED, "A student is at risk")
add_notice(PROMOTED, "A seat goes to who waited for it")


@message(APPLIED, webhook=True)
def applied(enrollment_id: str) -> EmailMultiAlternatives:
    """Tell the holder that a student waits to be accepted, as long as that is so."""
    enrollment = Enrollment.objects.select_related("holder", "cohort").get(pk=enrollment_id)
    if enrollment.status != EnrollmentStatus.APPLIED:
        raise Unwanted
    return mail_to(enrollment.holder, APPLIED, "students/emails/applied", enrollment=enrollment, url=_page(enrollment))


@message(MOVED, webhook=True)
def moved(enrollment_id: str, change_id: int) -> EmailMultiAlternatives:
    """Tell the holder what staff have done with an enrollment; of what its own people did nobody writes to them."""
    enrollment = Enrollment.objects.select_related("holder", "cohort").get(pk=enrollment_id)
    change = EnrollmentStatusChange.objects.get(pk=change_id, enrollment=enrollment)
    if Member.objects.filter(holder=enrollment.holder, user__username=change.actor_label).exists():
        raise Unwanted
    return mail_to(
        enrollment.holder, MOVED, "students/emails/moved", enrollment=enrollment, change=change, url=_page(enrollment)
    )


@message(IMPORTED, webhook=True)
def imported(roster_id: str) -> EmailMultiAlternatives:
    """Tell the holder that a roster is in."""
    roster = RosterImport.objects.select_related("holder", "cohort").get(pk=roster_id)
    url = page_of(roster.holder, "portal:roster_import", roster_id=roster.pk)
    return mail_to(roster.holder, IMPORTED, "students/emails/imported", roster=roster, url=url)


@message(RECORDED, webhook=True)
def recorded(session_id: str) -> EmailMultiAlternatives:
    """Tell webhooks alone: who recorded it knows, and nobody wants a mail for each session."""
    raise Unwanted


@message(milestones.COMPLETED, webhook=True)
@message(milestones.WITHDRAWN, webhook=True)
def milestone_changed(enrollment_id: str, completion_id: str) -> EmailMultiAlternatives:
    """Tell webhooks alone: who recorded it knows, and the student's page shows it."""
    raise Unwanted


@message(certificates.ISSUED, webhook=True)
def certificate_issued(certificate_id: str) -> EmailMultiAlternatives:
    """Tell the student where the certificate is to be had, as long as it counts."""
    certificate = Certificate.objects.select_related("enrollment__student").get(pk=certificate_id)
    to = certificate.enrollment.student.email
    if not to or certificate.status != CertificateStatus.VALID:
        raise Unwanted
    context = {"certificate": certificate, "url": certificates.address_of(certificate)}
    subject, text, html = (
        render_to_string(f"students/emails/certificate_issued.{part}", context)
        for part in ("subject.txt", "txt", "html")
    )
    made = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
    made.attach_alternative(html, "text/html")
    return made


@message(certificates.REVOKED, webhook=True)
def certificate_revoked(certificate_id: str) -> EmailMultiAlternatives:
    """Tell the holder that a certificate of one of its students counts no more."""
    certificate = Certificate.objects.select_related("holder").get(pk=certificate_id)
    url = page_of(certificate.holder, "portal:certificate", certificate_id=certificate.pk)
    name = "students/emails/certificate_revoked"
    return mail_to(certificate.holder, certificates.REVOKED, name, certificate=certificate, url=url)


@message(SUBMITTED, webhook=True)
def submitted(weekly_report_id: str) -> EmailMultiAlternatives:
    """Tell webhooks alone: who sent it knows, and staff see it in their list."""
    raise Unwanted


@message(DUE, webhook=True)
def due(cohort_id: str, week_ending: str) -> EmailMultiAlternatives:
    """Ask the holder for a weekly report, as long as it is missing."""
    cohort = Cohort.objects.select_related("program__holder").get(pk=cohort_id)
    if cohort.weekly_reports.filter(week_ending=week_ending).exists():
        raise Unwanted
    holder = cohort.program.holder
    url = page_of(holder, "portal:weekly_report", cohort_id=cohort.pk, week=week_ending)
    ending = date.fromisoformat(week_ending)
    return mail_to(holder, DUE, "students/emails/due", cohort=cohort, ending=ending, url=url)


@message(PROMOTED, webhook=True)
def promoted(enrollment_id: str) -> EmailMultiAlternatives:
    """Tell the holder who got the seat that became free."""
    enrollment = Enrollment.objects.select_related("holder", "cohort").get(pk=enrollment_id)
    url = _page(enrollment)
    return mail_to(enrollment.holder, PROMOTED, "students/emails/promoted", enrollment=enrollment, url=url)


@message(SIGNED, webhook=True)
def agreement_signed(agreement_id: str) -> EmailMultiAlternatives:
    """Tell the holder that a student has signed."""
    agreement = Agreement.objects.select_related("enrollment__holder", "enrollment__cohort").get(pk=agreement_id)
    row = agreement.enrollment
    return mail_to(row.holder, SIGNED, "students/emails/agreement_signed", enrollment=row, url=_page(row))


@message(TO_SCHOOL)
def message_to_school(message_id: str) -> EmailMultiAlternatives:
    """Tell the holder that a student has written, as long as nobody has read it."""
    row = StudentMessage.objects.select_related("enrollment__holder", "enrollment__cohort").get(pk=message_id)
    if row.read_at is not None:
        raise Unwanted
    holder = row.enrollment.holder
    url = page_of(holder, "portal:conversation", enrollment_id=row.enrollment_id)
    return mail_to(holder, TO_SCHOOL, "students/emails/message_to_school", enrollment=row.enrollment, url=url)


@message(OPENED, webhook=True)
def risk_opened(finding_id: str) -> EmailMultiAlternatives:
    """Tell the school of a student at risk, as long as that is so; the mail names nobody."""
    finding = _risk(finding_id)
    url = page_of(finding.holder, "portal:at_risk")
    return mail_to(finding.holder, OPENED, "students/emails/risk", finding=finding, url=url)


@message(ESCALATED)
def risk_escalated(finding_id: str) -> EmailMultiAlternatives:
    """Tell the network's case managers of what is critical, as long as it is."""
    finding = _risk(finding_id)
    people = User.objects.filter(groups__name=CASE_MANAGERS, is_active=True, is_staff=True).exclude(email="")
    addresses = sorted(set(people.values_list("email", flat=True)))
    if not addresses:
        raise Unwanted("There is no case manager with an address.")
    url = settings.BASE_URL + reverse("admin:students_riskfinding_change", args=[finding.pk])
    return _mail("risk", "", bcc=addresses, finding=finding, url=url)


def _risk(finding_id: str) -> RiskFinding:
    finding = RiskFinding.objects.select_related("holder", "enrollment__cohort").get(pk=finding_id)
    if finding.closed_at is not None:
        raise Unwanted
    return finding


# --- To the student ---------------------------------------------------------------------------------------------------


@message(INVITED)
def invited(invitation_id: str) -> EmailMultiAlternatives:
    """Send a student the link to their own record."""
    invitation = StudentInvitation.objects.get(pk=invitation_id)
    url = settings.BASE_URL + reverse("me:join", args=[invitation_token(invitation)])
    return _mail("student_invited", invitation.email, url=url)


@message(OFFERED)
def seat_offered(enrollment_id: str) -> EmailMultiAlternatives:
    """Tell who waited that the seat is theirs, as long as it is."""
    enrollment = Enrollment.objects.select_related("student").get(pk=enrollment_id)
    if enrollment.status != EnrollmentStatus.ACCEPTED:
        raise Unwanted
    return _to_student(enrollment.student, "seat_offered", "me:overview")


@message(TO_STUDENT)
def message_to_student(message_id: str) -> EmailMultiAlternatives:
    """Tell a student that the school has written, as long as they have not read it."""
    row = StudentMessage.objects.select_related("enrollment__student").get(pk=message_id)
    if row.read_at is not None:
        raise Unwanted
    return _to_student(row.enrollment.student, "message_to_student", "me:conversation", row.enrollment_id)


@message(DECIDED)
def paper_decided(paper_id: str) -> EmailMultiAlternatives:
    """Tell a student what became of a document."""
    paper = StudentPaper.objects.select_related("student").get(pk=paper_id)
    return _to_student(paper.student, "paper_decided", "me:papers", accepted=paper.status == PaperStatus.ACCEPTED)


@message(FOLLOW_UP)
def lead_follow_up(lead_id: str, step: int) -> EmailMultiAlternatives:
    """Write to a lead that has not answered, as long as that is so."""
    lead = Lead.objects.select_related("program__holder").get(pk=lead_id)
    if lead.status != LeadStatus.NEW or not lead.email:
        raise Unwanted
    stop_url = settings.BASE_URL + reverse("me:stop_mails", args=[stop_token(lead)])
    url = settings.BASE_URL + reverse("programs:catalog_program", args=[lead.program.slug])
    return _mail("lead_follow_up", lead.email, lead=lead, url=url, stop_url=stop_url)


@message(certification.DECIDED)
def eligibility_decided(determination_id: str) -> EmailMultiAlternatives:
    """Tell a student that eligibility is decided; what was decided stands in the letter alone."""
    determination = Determination.objects.select_related("student").get(pk=determination_id)
    return _to_student(determination.student, "eligibility_decided", "me:overview", determination=determination)


def _to_student(student: Student, name: str, view: str, *arguments: object, **context: Any) -> EmailMultiAlternatives:
    if not student.email:
        raise Unwanted(f"There is no address of {student.pk}.")
    return _mail(name, student.email, url=settings.BASE_URL + reverse(view, args=arguments), **context)


def _mail(name: str, to: str, *, bcc: Sequence[str] = (), **context: Any) -> EmailMultiAlternatives:
    parts = [render_to_string(f"students/emails/{name}.{part}", context) for part in ("subject.txt", "txt", "html")]
    made = EmailMultiAlternatives(" ".join(parts[0].split()), parts[1], to=[to] if to else [], bcc=bcc)
    made.attach_alternative(parts[2], "text/html")
    return made


def page_of(holder: Holder, view: str, **parameters: object) -> str:
    """Return the full address of a page of the portal."""
    return settings.BASE_URL + reverse(view, kwargs={"holder_id": holder.pk, **parameters})


def _page(enrollment: Enrollment) -> str:
    return page_of(enrollment.holder, "portal:enrollment", enrollment_id=enrollment.pk)
