"""The papers of an enrollment: the agreement that begins it, and how a student stands in a week; made of what is stored."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from autopilot import clock
from autopilot.document_types import produce
from autopilot.exceptions import Invalid
from autopilot.models import Document
from programs import codes
from programs.models import Cohort, Program, Site
from students.models import Attendance, AttendanceStatus, Enrollment, EnrollmentStatus, Funding, WeeklyReport
from students.weeks import WEEK, first_day, week_ending

AGREEMENT, PROGRESS = "enrollment_agreement", "progress_report"
ENDED = (EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.TRANSFERRED)
CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
ON_TRACK = Decimal("0.9")  # of the hours that could have been taken by now
WEEKS_BETWEEN_REPORTS = 1
PAYERS = {Funding.WIOA: "WIOA", Funding.THIRD_PARTY: "a third party", Funding.SELF_PAY: "others"}
Context = dict[str, Any]


def enrollment_agreement(enrollment_id: UUID) -> Document:
    """Return the enrollment agreement of a student, archived; the same facts give the same document. Not in a transaction.

    It bears the day on which the student was accepted, or else applied. Raises Invalid for an enrollment that has ended,
    and where the program does not say yet what the agreement promises.
    """
    enrollment = _found(enrollment_id)
    if enrollment.status in ENDED:
        raise Invalid(f"The enrollment is {enrollment.status}: no agreement is made for it.")
    _require_terms(enrollment.cohort.program)
    return produce(
        AGREEMENT,
        _agreed(enrollment),
        title="Enrollment agreement",
        tenant_id=enrollment.holder_id,
        created=enrollment.accepted_at or enrollment.applied_at,
    )


def progress_report(enrollment_id: UUID) -> Document:
    """Return how a student stands at the end of the newest week that the holder has reported, archived.

    It bears the time of the newest record it is made of, so what is corrected later makes another. Raises Invalid where
    no report covers the student's training yet.
    """
    enrollment = _found(enrollment_id)
    report = _newest_report(enrollment)
    return produce(
        PROGRESS,
        _progress(enrollment, report),
        title="Progress report",
        tenant_id=enrollment.holder_id,
        created=_known_at(enrollment, report),
    )


def _found(enrollment_id: UUID) -> Enrollment:
    rows = Enrollment.objects.select_related("student", "holder", "cohort__program", "cohort__site")
    found = rows.filter(pk=enrollment_id).first()
    if found is None:
        raise Invalid(f"There is no enrollment {enrollment_id}.")
    return found


def _require_terms(program: Program) -> None:
    lacking = {
        "the least attendance": program.attendance_percent,
        "the days to cancel": program.cancel_days,
        "the refund policy": program.refund_policy.strip() or None,
    }
    if missing := [name for name, value in lacking.items() if value is None]:
        raise Invalid(f"The agreement needs {' and '.join(missing)}. Edit the program, and enter it there.")


def _agreed(enrollment: Enrollment) -> Context:
    cohort, program, holder = enrollment.cohort, enrollment.cohort.program, enrollment.holder
    paid_by_others = enrollment.funding != Funding.SELF_PAY
    return {
        "reference": reference_of(enrollment),
        "network_name": settings.NETWORK_NAME,
        "holder_name": holder.legal_name,
        "holder_address": _address_of(cohort.site or holder.sites.filter(closed_at=None).order_by("name").first()),
        "representative_name": holder.contact_name,
        "student_name": enrollment.student.full_name,
        "program": program.title,
        "program_code": None,
        "credential": program.credential or None,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "schedule": _schedule_of(cohort),
        "clock_hours": program.clock_hours,
        "costs": _costs_of(program),
        "total": program.cost,
        "funding": PAYERS[Funding(enrollment.funding)],
        "funded": program.cost if paid_by_others else Decimal(0),
        "owed": Decimal(0) if paid_by_others else program.cost,
        "payment_plan": None,
        "progress_weeks": WEEKS_BETWEEN_REPORTS,
        "attendance_percent": program.attendance_percent,
        "cancel_days": program.cancel_days,
        "refund_policy": program.refund_policy.strip(),
        "consents": False,  # nobody is recorded as having agreed to anything before it is signed
    }


def reference_of(enrollment: Enrollment) -> str:
    """Return how an enrollment is called on paper: the holder's own reference, or the end of its id."""
    return enrollment.reference or f"ENR-{str(enrollment.pk)[-8:].upper()}"


def _address_of(site: Site | None) -> str:
    if site is None:
        return "Online"
    return f"{site.street}\n{site.city}, {codes.STATES.get(site.state, site.state)} {site.zip}"


def _schedule_of(cohort: Cohort) -> str:
    rules = cohort.rules.order_by("weekday", "starts_at")
    lines = [f"{rule.day}, {rule.starts_at:%-I:%M %p} to {rule.ends_at:%-I:%M %p}" for rule in rules]
    return "\n".join(lines) or "As announced by the training provider"


def _costs_of(program: Program) -> list[Context]:
    named = {
        "Tuition": program.tuition,
        "Fees": program.fees,
        "Books": program.books,
        "Tools and supplies": program.supplies,
        "Other costs": program.other_costs,
    }
    return [{"what": what, "amount": amount} for what, amount in named.items() if amount]


def _newest_report(enrollment: Enrollment) -> WeeklyReport:
    reports = WeeklyReport.objects.filter(cohort=enrollment.cohort).select_related("submitted_by")
    if enrollment.ended_on:
        reports = reports.filter(week_ending__lt=enrollment.ended_on + WEEK)
    newest = reports.order_by("-week_ending").first()
    if newest is None or enrollment.started_on is None or enrollment.started_on > newest.week_ending:
        raise Invalid("No weekly report covers this student’s training yet. Write the report first.")
    return newest


def _known_at(enrollment: Enrollment, report: WeeklyReport) -> datetime:
    recorded = enrollment.attendance.aggregate(newest=Max("recorded_at"))["newest"]
    return max(report.submitted_at, recorded) if recorded else report.submitted_at


def _progress(enrollment: Enrollment, report: WeeklyReport) -> Context:
    cohort, weeks = enrollment.cohort, _weeks_of(enrollment, report.week_ending)
    last = next((week["hours"] for week in weeks if week["ending"] == report.week_ending), Decimal(0))
    done = sum((week["hours"] for week in weeks), Decimal(0))
    recorded, came = (sum(week[name] for week in weeks) for name in ("sessions", "attended"))
    note = report.progress_notes.filter(enrollment=enrollment).first()
    return {
        "reference": reference_of(enrollment),
        "student_name": enrollment.student.full_name,
        "program": cohort.program.title,
        "holder_name": enrollment.holder.legal_name,
        "cohort": cohort.name,
        "ends_on": enrollment.ended_on or cohort.ends_on,
        "week_ending": report.week_ending,
        "verdict": _verdict(enrollment, last, done, report.week_ending),
        "hours_week": last,
        "hours_done": done,
        "hours_required": cohort.program.clock_hours,
        "attendance_percent": round(100 * came / recorded) if recorded else 0,
        "weeks": weeks,
        "skills": report.skills or None,
        "note": note.text if note else None,
        "challenges": report.challenges or None,
        "author_name": _author_of(report),
        "submitted_on": clock.day_of(report.submitted_at),
    }


def _weeks_of(enrollment: Enrollment, until: date) -> list[Context]:
    """Return sessions, those attended and hours by week, of all that was recorded until a Sunday."""
    weeks: dict[date, Context] = defaultdict(lambda: {"sessions": 0, "attended": 0, "hours": Decimal(0)})
    for record in _recorded(enrollment, until):
        week = weeks[week_ending(record.session.date)]
        week["sessions"] += 1
        week["attended"] += record.presence in CAME
        week["hours"] += record.hours
    return [{"ending": ending, **week} for ending, week in sorted(weeks.items())]


def _recorded(enrollment: Enrollment, until: date) -> list[Attendance]:
    held = enrollment.attendance.filter(session__date__lte=until, session__cancelled_at=None)
    return list(held.select_related("session").order_by("session__date"))


def _verdict(enrollment: Enrollment, last: Decimal, done: Decimal, until: date) -> str:
    """Return on_track, behind for less than nine tenths of the hours that were held for the student, or no_activity."""
    if not last:
        return "no_activity"
    held = enrollment.cohort.sessions.filter(
        cancelled_at=None, date__gte=enrollment.started_on or first_day(until), date__lte=until
    )
    possible = sum(held.values_list("hours", flat=True), Decimal(0))
    return "on_track" if done >= possible * ON_TRACK else "behind"


def _author_of(report: WeeklyReport) -> str:
    by = report.submitted_by
    return (by.get_full_name() or by.get_username()) if by else "The training provider"
