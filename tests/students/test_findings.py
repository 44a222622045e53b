"""Students at risk: streaks, weeks and papers open findings once, which explain and close themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest

from autopilot import clock
from autopilot.engine import enqueue
from autopilot.models import OutboxMessage, Schedule
from autopilot.tenants import NETWORK
from autopilot.testing import run_jobs
from students import risks
from students.models import AskedPaper, Enrollment, Milestone, RiskFinding, RiskNotice
from students.services import findings
from students.services.attendance import Entry, record_attendance
from students.services.enrollments import withdraw
from students.weeks import WEEK, week_ending
from tests.programs.conftest import permissions, staff_member
from tests.students.samples import active, cohort, coordinator, policy_of, school, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def ann(spring):
    return active(spring)


def recorded(enrollment, days_ago, presence, hours=None):
    meeting = session(enrollment.cohort, days_ago)
    record_attendance(meeting, [Entry(enrollment.pk, presence, hours=hours)], by=None)
    return meeting


def absent(enrollment, *days_ago):
    for each in days_ago:
        recorded(enrollment, each, "absent")


def look(enrollment, day=None):
    return findings.look([enrollment.pk], day or clock.today())


def open_ones(kind="missing_attendance"):
    rows = RiskFinding.objects.filter(kind=kind, closed_at=None).order_by("audience")
    return list(rows.values_list("audience", "level"))


# --- The arithmetic ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newest_first", "streak"),
    [("", 0), ("p", 0), ("a", 1), ("aap", 2), ("aea", 2), ("eal", 1), ("aaaa", 4), ("lp", 0)],
)
def test_a_streak_ends_with_who_came(newest_first, streak):
    words = {"p": "present", "a": "absent", "e": "excused", "l": "late"}

    assert risks.streak_of(words[each] for each in newest_first) == streak


@pytest.mark.parametrize(
    ("required", "logged", "least", "told"),
    [(0, 0, 100, "on_track"), (10, 0, 80, "no_activity"), (10, 8, 80, "on_track"), (10, "7.99", 80, "behind"),
     (10, "9.99", 100, "behind")],
)  # fmt: skip
def test_a_week_is_judged_by_the_school_s_rule(required, logged, least, told):
    assert risks.verdict(Decimal(required), Decimal(logged), least) == told


# --- Attendance -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [([1], [("holder", "warn")]), ([1, 2], [("holder", "escalate")]),
     ([1, 2, 3], [("holder", "critical"), ("staff", "critical")])],
)  # fmt: skip
def test_the_third_absence_is_the_staff_s_as_well(ann, days, expected):
    absent(ann, *days)

    look(ann)

    assert open_ones() == expected


def test_it_opens_once_and_writes_once_a_day(ann):
    absent(ann, 1)
    assert look(ann)["opened"] == 1
    assert look(ann)["opened"] == 0

    assert RiskFinding.objects.count() == 1
    assert RiskNotice.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="students.risk.opened").count() == 1


def test_it_grows_with_the_streak(ann):
    absent(ann, 2)
    look(ann, clock.today() - timedelta(days=1))
    absent(ann, 1)
    look(ann)

    finding = RiskFinding.objects.get()
    assert (finding.level, finding.explanation) == ("escalate", "Was absent from the last 2 sessions.")
    assert finding.opened_on < finding.seen_on
    assert RiskNotice.objects.count() == 2


def test_it_closes_when_the_student_comes(ann):
    absent(ann, 2, 3, 4)
    look(ann)
    recorded(ann, 1, "late")
    look(ann)

    assert open_ones() == []
    assert set(RiskFinding.objects.values_list("closed_because", flat=True)) == {"Came to a session again."}
    absent(ann, 0)
    look(ann, clock.today() + timedelta(days=1))
    assert open_ones() == [("holder", "warn")]


def test_it_closes_with_the_training(ann, spring):
    absent(ann, 1)
    look(ann)
    withdraw(ann, reason="Moved.", by=coordinator(spring.program.holder))

    assert findings.close_what_ended() == 1
    assert RiskFinding.objects.get().closed_because == "The training is over."


# --- Weeks and papers -------------------------------------------------------------------------------------------------


def days_into_last_week():
    return (clock.today() - (week_ending(clock.today()) - WEEK)).days + 3


def test_a_week_without_activity_is_critical(ann):
    recorded(ann, days_into_last_week(), "absent")

    look(ann)

    assert open_ones("behind") == [("holder", "critical"), ("staff", "critical")]
    assert "0 of 4 hours" in RiskFinding.objects.filter(kind="behind")[0].explanation


def test_the_school_s_rule_counts(ann):
    policy_of(ann.cohort.program, attendance_percent=75)
    recorded(ann, days_into_last_week(), "present", Decimal("3.00"))
    look(ann)
    assert open_ones("behind") == []

    type(ann.cohort.program.policy).objects.update(attendance_percent=80)
    look(ann)
    assert open_ones("behind") == [("holder", "escalate")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2, []), (3, [("holder", "warn")]), (7, [("holder", "escalate")]),
     (14, [("holder", "critical"), ("staff", "critical")])],
)  # fmt: skip
def test_a_missing_paper_presses_with_the_days(ann, days, expected):
    AskedPaper.objects.create(slug="photo-id", title="Photo ID", instructions="x")
    Enrollment.objects.filter(pk=ann.pk).update(accepted_at=clock.now() - timedelta(days=days))

    look(ann)

    assert open_ones("paper_missing") == expected


@pytest.mark.parametrize(("days", "level"), [(1, "warn"), (7, "escalate"), (14, "critical")])
def test_what_is_required_is_missed_after_the_cohort_has_ended(ann, spring, days, level):
    Milestone.objects.create(program=spring.program, title="Final exam", effective_from=spring.starts_on)
    look(ann)
    assert open_ones("missed_milestone") == []

    type(spring).objects.filter(pk=spring.pk).update(ends_on=clock.today() - timedelta(days=days))
    look(ann)

    assert open_ones("missed_milestone")[0] == ("holder", level)


def test_other_parts_bring_findings(ann, monkeypatch):
    found = findings.Found(ann.pk, "missed_milestone", "warn", "The exam was on Monday.", "exam")
    monkeypatch.setattr(findings, "_detectors", [lambda rows, day: [found]])

    look(ann)

    assert open_ones("missed_milestone") == [("holder", "warn")]


def test_it_asks_no_more_for_more_absences(ann, spring, django_assert_max_num_queries):
    rows = [active(spring, number) for number in range(2, 6)]
    absent(ann, 1, 2)
    findings.look([row.pk for row in rows], clock.today())

    with django_assert_max_num_queries(60):
        findings.look([ann.pk, *(row.pk for row in rows)], clock.today())


# --- The doors --------------------------------------------------------------------------------------------------------


def test_a_schedule_looks_every_morning(ann):
    assert Schedule.objects.get(kind="compliance.at_risk").cron == "0 6 * * *"
    absent(ann, 1, 2, 3)
    job = enqueue("compliance.at_risk", tenant_id=NETWORK)

    run_jobs()

    job.refresh_from_db()
    assert job.status == "completed"
    assert open_ones() == [("holder", "critical"), ("staff", "critical")]


def test_the_holder_sees_its_own(client, ann, spring):
    absent(ann, 1)
    look(ann)
    other = active(cohort(school(ein="35-7654321")), 2)
    absent(other, 1)
    look(other)
    holder = spring.program.holder
    client.force_login(coordinator(holder))

    shown = client.get(f"/portal/{holder.pk}/at-risk/").content.decode()

    assert "Ann1 Lee" in shown
    assert "Call the student" in shown
    assert "Ann2" not in shown


def test_staff_see_all_in_a_list(client, ann):
    absent(ann, 1, 2, 3)
    look(ann)
    clerk = staff_member("clerk")
    clerk.user_permissions.set(permissions("view_riskfinding"))
    client.force_login(clerk)

    assert "Ann1 Lee" in client.get("/admin/students/riskfinding/").content.decode()
    page = client.get(f"/admin/students/riskfinding/{RiskFinding.objects.first().pk}/change/").content.decode()
    assert "Was absent from the last 3 sessions." in page
    exported = client.get("/admin/students/riskfinding/export.csv").content.decode()
    assert "Was absent" in exported
    assert "Lee" not in exported
