"""The mails about students, to the people of their holder; none of them names a student."""

from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.engine import message
from autopilot.exceptions import Unwanted
from programs.models import Cohort, Holder, Member
from programs.services.people import add_notice, mail_to
from students.models import (
    Certificate,
    CertificateStatus,
    Enrollment,
    EnrollmentStatus,
    EnrollmentStatusChange,
    RosterImport,
)
from students.services import certificates, milestones
from students.services.attendance import RECORDED
from students.services.enrollments import APPLIED, MOVED
from students.services.rosters import IMPORTED
from students.services.weekly_reports import DUE, SUBMITTED

add_notice(APPLIED, "A student asks for a seat")
add_notice(MOVED, "The network changes an enrollment")
add_notice(IMPORTED, "A roster is imported")
add_notice(certificates.REVOKED, "The network revokes a certificate")
add_notice(DUE, "A weekly report is due")


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


def page_of(holder: Holder, view: str, **parameters: object) -> str:
    """Return the full address of a page of the portal."""
    return settings.BASE_URL + reverse(view, kwargs={"holder_id": holder.pk, **parameters})


def _page(enrollment: Enrollment) -> str:
    return page_of(enrollment.holder, "portal:enrollment", enrollment_id=enrollment.pk)
