"""Who may see which students; every door asks here. A student belongs to a holder through enrollments alone."""

from django.contrib.auth.models import User
from django.db.models import Exists, Model, OuterRef, QuerySet

from autopilot.models.tokens import ApiToken
from programs.access import holders_for
from programs.models import Cohort, Holder
from students.models import (
    Attendance,
    Certificate,
    CertificateRequest,
    Determination,
    Enrollment,
    Milestone,
    Student,
    WeeklyReport,
)


def may_view(user: User, model: type[Model]) -> bool:
    """Return whether staff may read the rows of a model."""
    name = f"{model._meta.app_label}.view_{model._meta.model_name}"
    return user.is_active and user.is_staff and user.has_perm(name)


def students_of(user: User) -> QuerySet[Student]:
    """Return the students that staff may read: with the permission all of them, else none."""
    return Student.objects.all() if may_view(user, Student) else Student.objects.none()


def enrollments_of(user: User) -> QuerySet[Enrollment]:
    """Return the enrollments that staff may read: with the permission all of them, else none."""
    return Enrollment.objects.all() if may_view(user, Enrollment) else Enrollment.objects.none()


def attendance_of(user: User) -> QuerySet[Attendance]:
    """Return the records of attendance that staff may read: with the permission all of them, else none."""
    return Attendance.objects.all() if may_view(user, Attendance) else Attendance.objects.none()


def weekly_reports_of(user: User) -> QuerySet[WeeklyReport]:
    """Return the weekly reports that staff may read: with the permission all of them, else none."""
    return WeeklyReport.objects.all() if may_view(user, WeeklyReport) else WeeklyReport.objects.none()


def determinations_of(user: User) -> QuerySet[Determination]:
    """Return the determinations that staff may see in outline: with the permission all of them, else none."""
    return Determination.objects.all() if may_view(user, Determination) else Determination.objects.none()


def certificates_of(user: User) -> QuerySet[Certificate]:
    """Return the certificates that staff may read: with the permission all of them, else none."""
    return Certificate.objects.all() if may_view(user, Certificate) else Certificate.objects.none()


def milestones_of(user: User) -> QuerySet[Milestone]:
    """Return the milestones of programs that staff may read: with the permission all of them, else none."""
    return Milestone.objects.all() if may_view(user, Milestone) else Milestone.objects.none()


def certificates_in(holder: Holder) -> QuerySet[Certificate]:
    """Return the certificates of a holder's students, those that are being made as well."""
    return Certificate.objects.filter(holder=holder)


def certificate_requests_in(holder: Holder) -> QuerySet[CertificateRequest]:
    """Return what a holder has asked for, with the students."""
    return CertificateRequest.objects.select_related("enrollment__student", "certificate").filter(holder=holder)


def cohorts_in(holder: Holder) -> QuerySet[Cohort]:
    """Return the cohorts of a holder, with their programs."""
    return Cohort.objects.select_related("program").filter(program__holder=holder)


def enrollments_in(holder: Holder) -> QuerySet[Enrollment]:
    """Return the enrollments of a holder, with students and cohorts; another holder's are not there."""
    return Enrollment.objects.select_related("student", "cohort", "cohort__program").filter(holder=holder)


def enrollments_for(token: ApiToken) -> QuerySet[Enrollment]:
    """Return the enrollments a token may reach: those of the holders it reaches."""
    holders = holders_for(token, "students.view_enrollment").filter(pk=OuterRef("holder_id"))
    return Enrollment.objects.select_related("student").filter(Exists(holders))


def certificates_for(token: ApiToken) -> QuerySet[Certificate]:
    """Return the public certificates a token may reach: those of the holders it reaches."""
    holders = holders_for(token, "students.view_certificate").filter(pk=OuterRef("holder_id"))
    return Certificate.objects.filter(Exists(holders)).exclude(document=None)


def attendance_for(token: ApiToken) -> QuerySet[Attendance]:
    """Return the records of attendance a token may reach: those of the holders it reaches."""
    holders = holders_for(token, "students.view_attendance").filter(pk=OuterRef("enrollment__holder_id"))
    return Attendance.objects.filter(Exists(holders))
