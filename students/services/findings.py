"""Findings about students at risk: each opens once, says why and who acts, and closes itself; a schedule looks every day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from autopilot import clock
from autopilot.engine import emit
from students import risks
from students.models import (
    AskedPaper,
    Attendance,
    AttendanceStatus,
    Enrollment,
    EnrollmentStatus,
    PaperStatus,
    RiskAudience,
    RiskFinding,
    RiskKind,
    RiskLevel,
    RiskNotice,
    StudentPaper,
)
from students.services.milestones import missing_milestones
from students.weeks import WEEK, first_day, week_ending

OPENED, ESCALATED = "students.risk.opened", "students.risk.escalated"
BATCH = 200
CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
LOOKED_BACK = timedelta(days=60)
OVER = "The training is over."
CLOSED = {
    RiskKind.MISSING_ATTENDANCE: "Came to a session again.",
    RiskKind.BEHIND: "The last week is on track.",
    RiskKind.MISSED_MILESTONE: "The milestone is no longer missed.",
    RiskKind.PAPER_MISSING: "The paper is on file, or no longer asked for.",
}
Key = tuple[UUID, str, str, str]


@dataclass(frozen=True)
class Found:
    """What one look found about one enrollment; `about` tells several of a kind apart."""

    enrollment_id: UUID
    kind: str
    level: str
    explanation: str
    about: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """Who acts: the school, and what is critical is the staff's as well, as a finding of their own."""
        everybody = (RiskAudience.HOLDER.value, RiskAudience.STAFF.value)
        return everybody if self.level == RiskLevel.CRITICAL else everybody[:1]


Detector = Callable[[Sequence[Enrollment], date], Iterable[Found]]
_detectors: list[Detector] = []


def detector(look: Detector) -> Detector:
    """Register a function that looks at some enrollments in training on a day; other parts bring their own."""
    _detectors.append(look)
    return look


def to_look_at() -> list[UUID]:
    """Return the enrollments that a daily look is about: in training, or accepted and asked for papers."""
    watched = Enrollment.objects.filter(status__in=[EnrollmentStatus.ACTIVE, EnrollmentStatus.ACCEPTED])
    return list(watched.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def look(ids: Sequence[UUID], day: date) -> dict[str, int]:
    """Look at some enrollments on a day: open what is new, renew what stands, close what is over. Safe to repeat."""
    rows = list(Enrollment.objects.select_related("cohort__program__policy", "holder").filter(pk__in=ids))
    found = [each for detect in _detectors for each in detect(rows, day)]
    return _record(rows, found, day)


@transaction.atomic
def close_what_ended() -> int:
    """Close the findings of enrollments that are over; returns how many."""
    over = RiskFinding.objects.filter(closed_at=None).exclude(
        enrollment__status__in=[EnrollmentStatus.ACTIVE, EnrollmentStatus.ACCEPTED]
    )
    return RiskFinding.objects.filter(pk__in=list(over.values_list("pk", flat=True))).update(
        closed_at=clock.now(), closed_because=OVER
    )


@detector
def missing_attendance(rows: Sequence[Enrollment], day: date) -> Iterable[Found]:
    """Find who has missed the last sessions, up to the day before."""
    seen = Attendance.objects.filter(
        enrollment__in=[row for row in rows if row.status == EnrollmentStatus.ACTIVE],
        session__date__range=(day - LOOKED_BACK, day - timedelta(days=1)), session__cancelled_at=None,
    ).order_by("-session__date", "-session__starts_at")  # fmt: skip
    presences: dict[UUID, list[str]] = defaultdict(list)
    for enrollment, presence in seen.values_list("enrollment", "presence"):
        presences[enrollment].append(presence)
    for enrollment, newest_first in presences.items():
        streak = risks.streak_of(newest_first)
        if streak:
            times = "the last session" if streak == 1 else f"the last {streak} sessions"
            yield Found(
                enrollment, RiskKind.MISSING_ATTENDANCE, risks.level_of_streak(streak), f"Was absent from {times}."
            )


@detector
def behind(rows: Sequence[Enrollment], day: date) -> Iterable[Found]:
    """Find who was there for less than was taught in the last whole week, or than the school's rule asks."""
    ending = week_ending(day) - WEEK
    began = [row for row in rows if row.status == EnrollmentStatus.ACTIVE and row.started_on]
    for row in began:
        required, logged = _hours(row, ending)
        policy = getattr(row.cohort.program, "policy", None)
        least = policy.attendance_percent if policy else 100
        told = risks.verdict(required, logged, least)
        if told != risks.ON_TRACK:
            level = RiskLevel.CRITICAL if told == risks.NO_ACTIVITY else RiskLevel.ESCALATE
            rule = f"; the school asks for {least} percent" if policy else ""
            text = f"Was there for {logged.normalize():f} of {required.normalize():f} hours in the week ending {ending:%B %-d, %Y}{rule}."
            yield Found(row.pk, RiskKind.BEHIND, level, text)


@detector
def paper_missing(rows: Sequence[Enrollment], day: date) -> Iterable[Found]:
    """Find the papers that were due some days after the acceptance and are neither on file nor waiting for review."""
    asked = list(AskedPaper.objects.filter(active=True)) if rows else []
    there = StudentPaper.objects.filter(student__in=[row.student_id for row in rows], replaced_at=None)
    standing = set(there.exclude(status=PaperStatus.REJECTED).values_list("student_id", "asked_id"))
    for row in rows:
        for paper in asked:
            fits = paper.program_id in (None, row.cohort.program_id)
            if not fits or row.accepted_at is None or (row.student_id, paper.pk) in standing:
                continue
            over = (day - clock.day_of(row.accepted_at)).days - paper.due_days
            if over >= 0:
                days = "today" if not over else f"{over} day{'' if over == 1 else 's'} ago"
                text = f"“{paper.title}” was due {days}."
                yield Found(row.pk, RiskKind.PAPER_MISSING, risks.level_of_missing(over), text, paper.pk)


@detector
def missed_milestone(rows: Sequence[Enrollment], day: date) -> Iterable[Found]:
    """Find who still trains after the cohort's last day, and has not done all that is required."""
    late = [row for row in rows if row.status == EnrollmentStatus.ACTIVE and row.cohort.ends_on < day]
    for row in late:
        over = (day - row.cohort.ends_on).days
        for milestone in missing_milestones(row):
            text = f"“{milestone.title}” is not done, and the cohort ended on {row.cohort.ends_on:%B %-d, %Y}."
            yield Found(row.pk, RiskKind.MISSED_MILESTONE, risks.level_of_late(over), text, str(milestone.pk))


def _hours(row: Enrollment, ending: date) -> tuple[Decimal, Decimal]:
    """Return the hours that were taught in a week while somebody trained, and those that they were there."""
    held = row.cohort.sessions.filter(
        cancelled_at=None, date__gte=max(first_day(ending), row.started_on or ending), date__lte=ending
    )
    required = held.aggregate(total=Sum("hours"))["total"] or Decimal(0)
    there = Attendance.objects.filter(presence__in=CAME, enrollment=row, session__in=held)
    return required, there.aggregate(total=Sum("hours"))["total"] or Decimal(0)


def _record(rows: Sequence[Enrollment], found: Sequence[Found], day: date) -> dict[str, int]:
    standing = {_key(each): each for each in RiskFinding.objects.filter(enrollment__in=rows, closed_at=None)}
    holders = {row.pk: row.holder_id for row in rows}
    wanted = {
        (each.enrollment_id, str(each.kind), each.about, audience): each
        for each in found
        for audience in each.audiences
    }
    opened = 0
    for key, each in wanted.items():
        known = standing.get(key)
        if known is None or known.level != each.level:
            opened += known is None
            _tell(_open(key, each, holders[each.enrollment_id], day, known), day)
        elif (known.explanation, known.seen_on) != (each.explanation, day):
            RiskFinding.objects.filter(pk=known.pk).update(explanation=each.explanation, seen_on=day)
    over = [finding for key, finding in standing.items() if key not in wanted]
    for finding in over:
        RiskFinding.objects.filter(pk=finding.pk, closed_at=None).update(
            closed_at=clock.now(), closed_because=CLOSED[RiskKind(finding.kind)]
        )
    return {"opened": opened, "closed": len(over), "critical": sum(each.level == risks.CRITICAL for each in found)}


def _open(key: Key, found: Found, holder_id: UUID, day: date, known: RiskFinding | None) -> RiskFinding:
    if known is not None:
        RiskFinding.objects.filter(pk=known.pk).update(level=found.level, explanation=found.explanation, seen_on=day)
        return known
    return RiskFinding.objects.create(
        enrollment_id=key[0], holder_id=holder_id, kind=key[1], about=key[2], audience=key[3], level=found.level,
        explanation=found.explanation, opened_on=day, seen_on=day,
    )  # fmt: skip


def _tell(finding: RiskFinding, day: date) -> None:
    """Write to those who act, at most once for each enrollment, kind and day."""
    _, is_new = RiskNotice.objects.get_or_create(
        enrollment_id=finding.enrollment_id, kind=finding.kind, audience=finding.audience, day=day
    )
    if is_new:
        topic = OPENED if finding.audience == RiskAudience.HOLDER else ESCALATED
        emit(topic, tenant_id=finding.holder_id, finding_id=finding.pk)


def _key(finding: RiskFinding) -> Key:
    return (finding.enrollment_id, finding.kind, finding.about, finding.audience)
