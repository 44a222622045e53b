"""What holders report week by week: sent, sent again, and asked for while it is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Cohort, CohortStatus, Holder, Session
from students.models import Enrollment, ProgressNote, ReportReminder, WeeklyReport
from students.services.enrollments import today_at
from students.weeks import WEEK, first_day, week_ending

SUBMITTED = "students.weekly_report.submitted"
DUE = "students.weekly_report.due"
LOOKED_BACK = 8  # weeks
LONGEST_NOTE = 2000
HALF = Decimal("0.5")


@dataclass(frozen=True)
class ReportFacts:
    """What a report says of a cohort's week; `progress` is what it says of students, by enrollment."""

    hours_taught: Decimal
    skills: str = ""
    challenges: str = ""
    notes: str = ""
    progress: Mapping[UUID, str] | None = None


@dataclass(frozen=True)
class DueReport:
    """A report that is missing: its week is over, and the cohort met in it."""

    cohort: Cohort
    week_ending: date


@transaction.atomic
def submit_weekly_report(cohort: Cohort, *, ending: date, facts: ReportFacts, by: User) -> WeeklyReport:
    """Keep the report of a cohort for the week that ends on a Sunday; one that is sent again takes its place.

    Raises ValidationError with fields that do not fit, or with a code: `week` for a day that is no Sunday, a week that
    has not begun, or one outside the cohort's time; `not_expected` for progress of somebody who did not train in it.
    """
    _require_week(cohort, ending)
    report = WeeklyReport.objects.select_for_update().filter(cohort=cohort, week_ending=ending).first()
    is_new = report is None
    report = report or WeeklyReport(holder=cohort.program.holder, cohort=cohort, week_ending=ending)
    _write(report, facts, by)
    _write_progress(report, facts.progress or {})
    if is_new:
        emit(SUBMITTED, tenant_id=report.holder_id, weekly_report_id=report.pk)
    audit.record(by, f"students.weekly_report.{'submitted' if is_new else 'revised'}", report)
    return report


def due_reports(holder: Holder) -> list[DueReport]:
    """Return the reports that a holder owes for the last eight weeks, the oldest first."""
    cohorts = {
        cohort.pk: cohort
        for cohort in Cohort.objects.select_related("program").filter(
            program__holder=holder, status__in=[CohortStatus.RUNNING, CohortStatus.COMPLETED]
        )
    }
    met = _weeks_met(list(cohorts))
    sent = set(
        WeeklyReport.objects.filter(cohort__in=cohorts, week_ending__gte=_oldest()).values_list(
            "cohort_id", "week_ending"
        )
    )
    missing = sorted(met - sent, key=lambda each: (each[1], cohorts[each[0]].name))
    return [DueReport(cohorts[cohort], ending) for cohort, ending in missing]


def trained_in(cohort: Cohort, ending: date) -> list[Enrollment]:
    """Return the enrollments whose training covers some day of a week, by the names of their students."""
    began = Enrollment.objects.filter(cohort=cohort, started_on__lte=ending)
    there = began.exclude(ended_on__lt=first_day(ending))
    return list(there.select_related("student").order_by("student__last_name", "student__first_name", "id"))


@transaction.atomic
def remind_of_due_reports() -> int:
    """Ask every holder once for each report that is missing; returns how many were asked for."""
    cohorts = Cohort.objects.select_related("program").filter(status=CohortStatus.RUNNING)
    found = {cohort.pk: cohort for cohort in cohorts}
    met = _weeks_met(list(found))
    done = set(WeeklyReport.objects.filter(week_ending__gte=_oldest()).values_list("cohort_id", "week_ending"))
    done |= set(ReportReminder.objects.filter(week_ending__gte=_oldest()).values_list("cohort_id", "week_ending"))
    missing = sorted(met - done, key=lambda each: (each[1], str(each[0])))
    ReportReminder.objects.bulk_create(
        ReportReminder(cohort_id=cohort, week_ending=ending) for cohort, ending in missing
    )
    for cohort, ending in missing:
        emit(DUE, tenant_id=found[cohort].program.holder_id, cohort_id=cohort, week_ending=ending.isoformat())
    return len(missing)


def _weeks_met(cohorts: list[UUID]) -> set[tuple[UUID, date]]:
    """Return cohort and Sunday of every week that is over and in which a cohort met."""
    last = week_ending(clock.today()) - WEEK
    days = Session.objects.filter(cohort__in=cohorts, cancelled_at=None, date__range=(first_day(_oldest()), last))
    return {(cohort, week_ending(day)) for cohort, day in days.order_by().values_list("cohort_id", "date").distinct()}


def _oldest() -> date:
    return week_ending(clock.today()) - LOOKED_BACK * WEEK


def _require_week(cohort: Cohort, ending: date) -> None:
    if ending.isoweekday() != 7:
        raise ValidationError("A week ends on a Sunday.", code="week")
    if first_day(ending) > today_at(cohort):
        raise ValidationError("This week has not begun. Report it when it has.", code="week")
    if ending < cohort.starts_on or first_day(ending) > cohort.ends_on + timedelta(days=60):
        raise ValidationError("The cohort does not meet in this week.", code="week")


def _write(report: WeeklyReport, facts: ReportFacts, by: User) -> None:
    if facts.hours_taught % HALF or not 0 <= facts.hours_taught <= 168:
        raise ValidationError({"hours_taught": "Enter 0 to 168 hours, in steps of a half."}, code="hours")
    for name in ("skills", "challenges", "notes"):
        if len(getattr(facts, name)) > LONGEST_NOTE:
            raise ValidationError({name: f"Shorten it to {LONGEST_NOTE:,} characters."}, code="note")
    report.hours_taught, report.skills = facts.hours_taught, facts.skills.strip()
    report.challenges, report.notes = facts.challenges.strip(), facts.notes.strip()
    report.submitted_by, report.submitted_at = by, clock.now()
    report.clean_fields(exclude=["holder", "cohort", "submitted_by"])
    report.save()


def _write_progress(report: WeeklyReport, progress: Mapping[UUID, str]) -> None:
    said = {enrollment: text.strip() for enrollment, text in progress.items() if text.strip()}
    expected = {enrollment.pk for enrollment in trained_in(report.cohort, report.week_ending)}
    if not said.keys() <= expected:
        raise ValidationError("Some of these students did not train in this week.", code="not_expected")
    if any(len(text) > LONGEST_NOTE for text in said.values()):
        raise ValidationError(f"Shorten each progress note to {LONGEST_NOTE} characters.", code="note")
    report.progress_notes.all().delete()
    ProgressNote.objects.bulk_create(
        ProgressNote(report=report, enrollment_id=enrollment, text=text) for enrollment, text in said.items()
    )
