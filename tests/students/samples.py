"""Students, cohorts and schools for tests."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.text import slugify

from autopilot import clock
from autopilot.models import Job
from programs.models import (
    Cohort,
    CohortStatus,
    Holder,
    MouStatus,
    Program,
    Session,
)
from students.facts import StudentFacts
from students.models import Enrollment
from students.services.attendance import Entry, record_attendance
from students.services.enrollments import activate, enroll, enroll_and_accept
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import week_ending
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of

ROSA = StudentFacts("Rosa", "Diaz", "rosa.diaz@example.org", "317-555-0111")
STARTED = timedelta(days=60)


def school(**changes: Any) -> Holder:
    """Return a holder with an executed MOU."""
    made = holder(**changes)
    Job.objects.all().delete()  # those of its application, which is decided
    mou_of(made, MouStatus.EXECUTED)
    return made


def coordinator(of: Holder) -> User:
    """Return somebody who does the daily work of a holder."""
    return member_of(of, "coordinator")


def cohort(of: Holder, name: str = "Spring", **facts: Any) -> Cohort:
    """Return a cohort that runs since two months and takes students."""
    program, _ = Program.objects.get_or_create(
        holder=of, title="Barber training",
        defaults={"slug": slugify(f"barber {of.pk}"), "cip_code": "12.0402", "credential": "License", "clock_hours": 1500},
    )  # fmt: skip
    today = clock.today()
    given = {"status": CohortStatus.RUNNING, "capacity": 20} | facts
    dates = {"starts_on": today - STARTED, "ends_on": today + STARTED}
    return Cohort.objects.create(program=program, name=name, **(dates | given))


def student(number: int = 1, **changes: Any) -> StudentFacts:
    """Return facts of a student, another for each number."""
    facts = {"first_name": f"Ann{number}", "last_name": "Lee", "email": f"ann{number}@example.org"} | changes
    return StudentFacts(**facts)


def applied(to: Cohort, number: int = 1) -> Enrollment:
    """Return the enrollment of somebody who asks for a seat."""
    return enroll(to, student=student(number), by=None)


def active(in_: Cohort, number: int = 1, since: date | None = None, **changes: Any) -> Enrollment:
    """Return the enrollment of somebody who trains, since the cohort began unless given."""
    by, _ = User.objects.get_or_create(username="registrar")
    enrollment = enroll_and_accept(in_, student=student(number, **changes), by=by)
    activate(enrollment, by=by, on=since or in_.starts_on)
    return enrollment


def session(of: Cohort, days_ago: int = 1, **facts: Any) -> Session:
    """Return a meeting of a cohort some days ago, four hours long."""
    day = clock.today() - timedelta(days=days_ago)
    given = {"starts_at": time(9), "ends_at": time(13), "hours": Decimal("4.00")} | facts
    return Session.objects.create(cohort=of, date=day, **given)


def enrollment_at(holder: Holder) -> Enrollment:
    """Return somebody's wish for a seat at a holder, which has an executed MOU from now on."""
    mou_of(holder, MouStatus.EXECUTED)
    return applied(cohort(holder))


def one_of_each() -> list[Model]:
    """Return a student, its enrollment, a record of its attendance and a weekly report."""
    spring = cohort(school(ein="35-1112223"))
    enrollment, meeting = active(spring), session(spring)
    record_attendance(meeting, [Entry(enrollment.pk, "present")], by=None)
    by = coordinator(spring.program.holder)
    report = submit_weekly_report(spring, ending=week_ending(meeting.date), facts=ReportFacts(meeting.hours), by=by)
    return [enrollment.student, enrollment, enrollment.attendance.get(), report]
