"""Where a holder stands with its students, their attendance and its weekly reports, in words with the next action."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q

from autopilot import clock
from programs.models import Cohort, Holder, Session
from programs.portal import Stage, stage
from programs.services.mous import mou_in_force
from students.models import Attendance, Enrollment, EnrollmentStatus
from students.services.weekly_reports import due_reports

LOOKED_BACK = timedelta(days=30)


@stage(50)
def students_stage(holder: Holder) -> Stage:
    """Tell whether somebody waits to be accepted or started, or nobody is enrolled yet."""
    rows = Enrollment.objects.filter(holder=holder)
    counts = rows.aggregate(
        waiting=Count("pk", filter=Q(status=EnrollmentStatus.APPLIED)),
        accepted=Count("pk", filter=Q(status=EnrollmentStatus.ACCEPTED)),
        active=Count("pk", filter=Q(status=EnrollmentStatus.ACTIVE)),
    )
    title, view = "Students", "portal:students"
    if counts["waiting"]:
        return Stage(title, "due", f"{_students(counts['waiting'])} asking for a seat.", "Accept or decline", view)
    if counts["accepted"]:
        line = f"{_students(counts['accepted'])} accepted and not started yet; {counts['active']} in training."
        return Stage(title, "done" if counts["active"] else "due", line, "See the students", view)
    if counts["active"]:
        return Stage(title, "done", f"{_students(counts['active'])} in training.", "See the students", view)
    if mou_in_force(holder) is None:
        return Stage(title, "pending", "Students are enrolled once the MOU is executed.")
    if not Cohort.objects.filter(program__holder=holder, status__in=["open", "running"]).exists():
        return Stage(title, "pending", "Students are enrolled once a cohort is open for enrollment.")
    return Stage(title, "due", "Nobody is in training.", "Enroll students", view)


@stage(55)
def attendance_stage(holder: Holder) -> Stage:
    """Tell whether the attendance of a past session of the last thirty days is missing."""
    today = clock.today()
    trained = Enrollment.objects.filter(
        cohort=OuterRef("cohort"), started_on__lte=OuterRef("date"), status=EnrollmentStatus.ACTIVE
    )
    recorded = Attendance.objects.filter(session=OuterRef("pk"))
    past = Session.objects.filter(
        cohort__program__holder=holder, cancelled_at=None, date__range=(today - LOOKED_BACK, today - timedelta(days=1))
    )
    missing = past.filter(Exists(trained)).exclude(Exists(recorded)).count()
    if missing:
        line = f"The attendance of {missing} past session{'' if missing == 1 else 's'} is missing."
        return Stage("Attendance", "due", line, "Record attendance", "portal:attendance")
    if Attendance.objects.filter(enrollment__holder=holder).exists():
        return Stage("Attendance", "done", "Every past session of the last 30 days is recorded.")
    return Stage("Attendance", "pending", "Attendance is recorded once students are in training.")


@stage(60)
def reports_stage(holder: Holder) -> Stage:
    """Tell which weekly reports are due."""
    due, title = due_reports(holder), "Weekly reports"
    if due:
        line = f"{len(due)} weekly report{'' if len(due) == 1 else 's'} {'is' if len(due) == 1 else 'are'} due."
        return Stage(title, "due", line, "Write the report", "portal:weekly_reports")
    if holder.weekly_reports.exists():
        return Stage(title, "done", "Every week is reported.")
    return Stage(title, "pending", "Reports are due every Monday, once a cohort has met.")


def _students(count: int) -> str:
    return f"{count} student{' is' if count == 1 else 's are'}"
