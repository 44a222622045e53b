"""Students, cohorts and schools for tests."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.text import slugify

from autopilot import clock
from autopilot.documents import archive
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
from students.models import (
    Agreement,
    AskedPaper,
    Certificate,
    Enrollment,
    Milestone,
    ParticipationChange,
    ParticipationPeriod,
    PerformanceTarget,
    ProgramPolicy,
    RefundRule,
    RiskFinding,
    ServiceReceived,
    StatusList,
    Student,
    StudentPaper,
    WaitingPlace,
)
from students.services.attendance import Entry, record_attendance
from students.services.case_notes import Note, write_case_note
from students.services.costs import enter_support, open_account
from students.services.details import enter_details
from students.services.enrollments import activate, enroll, enroll_and_accept
from students.services.leads import LeadFacts, enter_lead
from students.services.plans import write_plan
from students.services.weekly_reports import ReportFacts, submit_weekly_report
from students.weeks import week_ending
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of

ROSA = StudentFacts("Rosa", "Diaz", "rosa.diaz@example.org", "317-555-0111")
STARTED = timedelta(days=60)
STARTS = date(2020, 1, 1)


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


def policy_of(program: Program, **changes: Any) -> ProgramPolicy:
    """Return the school's rules for a program."""
    facts = {"attendance_percent": 80, "cancel_days": 3, "refund_policy": "half of the tuition until half of the hours.",
             "representative": "Imani Brooks"} | changes  # fmt: skip
    return ProgramPolicy.objects.create(program=program, **facts)


def account_of(student: Student, username: str = "rosa") -> User:
    """Return the account by which a student sees their own record."""
    user = User.objects.create_user(username, f"{username}@example.org")
    Student.objects.filter(pk=student.pk).update(user=user)
    return user


def session(of: Cohort, days_ago: int = 1, **facts: Any) -> Session:
    """Return a meeting of a cohort some days ago, four hours long."""
    day = clock.today() - timedelta(days=days_ago)
    given = {"starts_at": time(9), "ends_at": time(13), "hours": Decimal("4.00")} | facts
    return Session.objects.create(cohort=of, date=day, **given)


def enrollment_at(holder: Holder) -> Enrollment:
    """Return somebody's wish for a seat at a holder, which has an executed MOU from now on."""
    mou_of(holder, MouStatus.EXECUTED)
    return applied(cohort(holder))


def certificate_of(enrollment: Enrollment, **changes: Any) -> Certificate:
    """Return the certificate of an enrollment as it stands before its files are made."""
    status_list, _ = StatusList.objects.get_or_create(number=1)
    given = {
        "holder": enrollment.holder, "number": f"CERT-{str(enrollment.pk)[-12:]}", "code": str(enrollment.pk),
        "student_name": enrollment.student.full_name, "program_title": enrollment.cohort.program.title,
        "clock_hours": 1500, "holder_name": enrollment.holder.legal_name, "issuer": "Example Network",
        "completed_on": clock.today(), "status_list": status_list, "status_index": Certificate.objects.count(),
    }  # fmt: skip
    return Certificate.objects.create(enrollment=enrollment, **(given | changes))


def milestone_of(program: Program, title: str = "Final exam") -> Milestone:
    """Return a required milestone of a program that holds for everybody."""
    return Milestone.objects.create(program=program, title=title, effective_from=clock.today() - 10 * STARTED)


def one_of_each() -> list[Model]:
    """Return a student, its enrollment, attendance and a weekly report, a certificate and a milestone."""
    spring = cohort(school(ein="35-1112223"))
    enrollment, meeting = active(spring), session(spring)
    record_attendance(meeting, [Entry(enrollment.pk, "present")], by=None)
    by = coordinator(spring.program.holder)
    report = submit_weekly_report(spring, ending=week_ending(meeting.date), facts=ReportFacts(meeting.hours), by=by)
    records = [enrollment.student, enrollment, enrollment.attendance.get(), report, *_papers(enrollment)]
    return [*records, certificate_of(enrollment), milestone_of(spring.program)]


def _papers(enrollment: Enrollment) -> list[Model]:
    """Return an agreement, a policy with a refund rule, a place in a waiting list and an uploaded paper."""
    file = archive.store(b"%PDF-1.7", media_type="application/pdf", title="x", tenant_id=enrollment.holder_id)
    policy, asked = (
        policy_of(enrollment.cohort.program),
        AskedPaper.objects.create(slug="photo-id", title="Photo ID", instructions="x"),
    )
    rule = RefundRule.objects.create(
        program=policy.program,
        basis="days",
        up_to=7,
        refund_percent=100,
        effective_from=STARTS,
        source="Catalog, page 4",
    )
    agreement = Agreement.objects.create(enrollment=enrollment, document=file, consents=True, notice_version="2026-11")
    paper = StudentPaper.objects.create(student=enrollment.student, asked=asked, document=file, file_name="id.pdf")
    other = Student.objects.create(first_name="Ann9", last_name="Lee")
    place = WaitingPlace.objects.create(cohort=enrollment.cohort, holder=enrollment.holder, student=other)
    risk = RiskFinding.objects.create(
        enrollment=enrollment, holder=enrollment.holder, kind="behind", audience="staff", level="critical",
        explanation="x", opened_on=STARTS, seen_on=STARTS,
    )  # fmt: skip
    return [policy, rule, asked, agreement, paper, place, risk, *_records(enrollment)]


def _records(enrollment: Enrollment) -> list[Model]:
    """Return a case note, a plan, a training account and a supportive service."""
    student, by = enrollment.student, User.objects.create_superuser("keeper")
    enter_details(student, facts={"sex": "female"}, by=by)
    note = write_case_note(student, Note("Employment", "Employed", STARTS, "Ada Stone"), by=by)
    plan = write_plan(student, goal="Work as a barber", steps="Pass the exam", by=by)
    account = open_account(enrollment, number="ITA-1", by=by)
    help_ = enter_support(student, kind="tools", description="Kit", amount=Decimal(9), provided_on=STARTS,
                          reference="S-1", by=by)  # fmt: skip
    lead = enter_lead(enrollment.cohort.program, LeadFacts("Lea", "Lee", "lea@example.org"), by=by)
    return [note, plan, account, help_, lead]


def participation() -> list[Model]:
    """Return a service that a student received, its period, what changed by it, and a target."""
    today = clock.today()
    student = Student.objects.create(first_name="Ann", last_name="Lee")
    received = ServiceReceived.objects.create(
        student=student, program="adult", service="training", day=today, documented_on=today
    )
    period = ParticipationPeriod.objects.create(
        student=student, programs="adult", entered_on=today, last_service_on=today,
        open_until=today + timedelta(days=90), reckoned_on=today,
    )  # fmt: skip
    change = ParticipationChange.objects.create(student=student, told=f"New: adult, entered {today}, open.")
    target = PerformanceTarget.objects.create(
        program="adult", indicator="employment_rate_q2", year=2026, level=Decimal("70.0")
    )
    return [received, period, change, target]
