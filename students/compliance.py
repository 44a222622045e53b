"""The parts of a holder's compliance score that its students tell: weekly reports, and whether it has any."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Count

from autopilot import clock
from programs.compliance import Action, Holders, Line, Part, part
from students.models import Enrollment, EnrollmentStatus, WeeklyReport

DAYS, EXPECTED = 30, 4
WITHOUT_STUDENTS = 80


@part(20)
def reporting(holders: Holders) -> dict[UUID, Part]:
    """Tell how many of four weekly reports came in the last 30 days."""
    since = clock.now() - timedelta(days=DAYS)
    rows = WeeklyReport.objects.filter(holder__in=holders, submitted_at__gte=since)
    counted = dict(rows.values_list("holder").annotate(Count("pk")).order_by())
    return {holder: _reporting(counted.get(holder, 0)) for holder in holders}


@part(30)
def enrollment(holders: Holders) -> dict[UUID, Part]:
    """Tell whether any student is active."""
    rows = Enrollment.objects.filter(holder__in=holders, status=EnrollmentStatus.ACTIVE)
    counted = dict(rows.values_list("holder").annotate(Count("pk")).order_by())
    return {holder: _enrollment(counted.get(holder, 0)) for holder in holders}


def _reporting(count: int) -> Part:
    points = min(100, 100 * count // EXPECTED)
    missing = EXPECTED - count
    text = f"Send {missing} more weekly report{'' if missing == 1 else 's'} within {DAYS} days."
    return Part(
        "Reporting",
        points,
        f"Weekly reports of the last {DAYS} days; {EXPECTED} or more count as 100.",
        (Line(f"Weekly reports in {DAYS} days", f"{count} of {EXPECTED}", missing <= 0),),
        (Action(text, "portal:weekly_reports"),) if missing > 0 else (),
    )


def _enrollment(count: int) -> Part:
    return Part(
        "Students",
        100 if count else WITHOUT_STUDENTS,
        f"100 with at least one active student, and {WITHOUT_STUDENTS} without any.",
        (Line("Active students", str(count), count > 0),),
        () if count else (Action("Have at least one active student."),),
    )
