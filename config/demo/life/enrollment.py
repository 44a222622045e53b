"""Ten students who train, two who ask for a seat, who was there, and the report of a week."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from programs.models import Cohort
from programs.models import Session as Meeting
from students.facts import StudentFacts
from students.models import AttendanceStatus, Enrollment
from students.services.attendance import Entry, expected_at, record_attendance
from students.services.enrollments import activate, enroll, enroll_and_accept
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import WEEK, first_day, week_ending

STUDENTS = ("Aisha Coleman", "Ben Okoro", "Carmen Ruiz", "Devon Price", "Elena Petrova", "Frank Miles", "Grace Kim",
            "Hector Salas", "Imani Watts", "Joel Abbott")  # fmt: skip
APPLICANTS = ("Keisha Dunn", "Luis Ortega")


@transaction.atomic
def fill(running: Cohort, upcoming: Cohort, *, by: User) -> None:
    """Enroll everybody, and record what has been held; once."""
    if Enrollment.objects.filter(cohort=running).exists():
        return
    for name in STUDENTS:
        activate(enroll_and_accept(running, student=_facts(name), by=by), by=by, on=running.starts_on)
    for name in APPLICANTS:
        enroll(upcoming, student=_facts(name), by=None)
    held = list(running.sessions.filter(date__lt=clock.today(), cancelled_at=None).order_by("date", "starts_at"))
    for number, session in enumerate(held):
        _record(session, number, by)
    _report(running, held, by)


def _record(session: Meeting, number: int, by: User) -> None:
    """Record a session: each time another student is late, and another is away."""
    enrollments = list(expected_at(session))
    odd = {number % 10: AttendanceStatus.LATE, (number * 3 + 4) % 10: AttendanceStatus.ABSENT}
    entries = [
        Entry(enrollment.pk, odd.get(place, AttendanceStatus.PRESENT)) for place, enrollment in enumerate(enrollments)
    ]
    record_attendance(session, entries, by=by)


def _report(cohort: Cohort, held: list[Meeting], by: User) -> None:
    """Report the first week; of the next ones the holder is reminded."""
    ending = week_ending(clock.today()) - 2 * WEEK
    hours = sum((session.hours for session in held if first_day(ending) <= session.date <= ending), Decimal(0))
    facts = ReportFacts(
        hours_taught=hours,
        skills="Sanitation, draping, and the parts of the clipper.",
        challenges="Two chairs wait for repair.",
        notes="The floor opens to guests next week.",
    )
    submit_weekly_report(cohort, ending=ending, facts=facts, by=by)


def _facts(name: str) -> StudentFacts:
    first, last = name.split()
    return StudentFacts(first, last, f"{first}.{last}@mail.example".lower())
