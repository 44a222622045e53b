"""Records of the PIRL from what the tables of students hold: one for each period of participation that is reported.

What no table tells is left out: local funds are taken for granted where a program served somebody, everything else
that is unknown is blank. Social Security numbers are never written.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from programs.services.rights import require
from students.models import (
    Answer,
    Enrollment,
    EnrollmentStatus,
    Funding,
    MilestoneCompletion,
    ParticipationPeriod,
    Race,
    ServiceReceived,
    Sex,
)
from students.services.details import REVEAL, Details, read_details
from students.wioa.calendar import Population, Quarter, report_window
from students.wioa.participation import IDLE, Exclusion, Period, Received
from students.wioa.pirl.record import Facts, Gain, Training, is_reported, record
from students.wioa.programs import Program
from students.wioa.services import SERVICES

PURPOSE = "pirl.export"
AT_A_TIME = 500
# What a holder's program is by element 1303: occupational skills training, which has a code of its own for youth.
OCCUPATIONAL, YOUTH_OCCUPATIONAL = "06", "10"
BEGUN = [EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.TRANSFERRED]
SEXES = {Sex.MALE.value: "1", Sex.FEMALE.value: "2", Sex.UNDISCLOSED.value: "9"}
ANSWERS = {Answer.YES.value: "1", Answer.NO.value: "0", Answer.UNDISCLOSED.value: "9"}
RACES = {
    "211": Race.AMERICAN_INDIAN.value,
    "212": Race.ASIAN.value,
    "213": Race.BLACK.value,
    "214": Race.PACIFIC_ISLANDER.value,
    "215": Race.WHITE.value,
}


@dataclass(frozen=True)
class Known:
    """What the tables hold of some students, by student."""

    details: dict[UUID, Details]
    services: dict[UUID, list[Received]]
    enrollments: dict[UUID, list[Enrollment]]
    milestones: dict[UUID, list[MilestoneCompletion]]


def reported_periods(ends: date) -> QuerySet[ParticipationPeriod]:
    """Return the periods that a report whose period ends on a day has a record of."""
    earliest = report_window(Quarter.of(ends), Population.FOURTH_QUARTER).start
    ended = Q(exited_on=None) | Q(exited_on__gte=earliest)
    rows = ParticipationPeriod.objects.filter(ended, entered_on__lte=ends)
    return rows.select_related("student").order_by("entered_on", "pk")


def records(ends: date, *, by: User | None = None) -> Iterator[dict[str, str]]:
    """Yield the records of a report whose period ends on a day, the earliest entry first, some hundred in memory.

    That sensitive details are read for it is recorded, with `by` whom. Raises PermissionDenied for a person who may not
    read them in full; without one, it is the machine's operator.
    """
    require(by, REVEAL)
    rows = reported_periods(ends).iterator(chunk_size=AT_A_TIME)
    while some := list(islice(rows, AT_A_TIME)):
        known = _known({row.student_id for row in some}, ends, by)
        for row in some:
            facts = _facts(row, known)
            if is_reported(facts.period, ends):
                yield record(facts, ends)


def _known(students: set[UUID], ends: date, by: User | None) -> Known:
    services: dict[UUID, list[Received]] = defaultdict(list)
    of_students = ServiceReceived.objects.filter(student__in=students, withdrawn_at=None, planned=False, day__lte=ends)
    for each in of_students.order_by("day", "pk"):
        services[each.student_id].append(Received(each.day, Program(each.program), SERVICES[each.service]))
    enrollments: dict[UUID, list[Enrollment]] = defaultdict(list)
    paid = Enrollment.objects.filter(
        student__in=students, funding=Funding.WIOA, status__in=BEGUN, started_on__lte=ends
    ).select_related("cohort__program__holder")
    for enrollment in paid.order_by("started_on", "pk"):
        enrollments[enrollment.student_id].append(enrollment)
    milestones: dict[UUID, list[MilestoneCompletion]] = defaultdict(list)
    done = MilestoneCompletion.objects.filter(enrollment__in=paid, withdrawn_at=None, completed_on__lte=ends)
    for completion in done.select_related("milestone", "enrollment"):
        milestones[completion.enrollment.student_id].append(completion)
    return Known(read_details(students, purpose=PURPOSE, by=by), services, enrollments, milestones)


def _facts(row: ParticipationPeriod, known: Known) -> Facts:
    programs = frozenset(Program(word) for word in row.programs.split())
    period = Period(
        programs, row.entered_on, row.last_service_on, row.open_until, row.exited_on, Exclusion(row.exclusion), ()
    )
    enrollments = [each for each in known.enrollments[row.student_id] if _within(each.started_on, period)]
    latest = enrollments[-1] if enrollments else None
    details = known.details.get(row.student_id)
    gained = [each for each in known.milestones[row.student_id] if _within(each.completed_on, period) and _ahead(each)]
    return Facts(
        person=row.student.number,
        period=period,
        answers=_answers(details) if details else {},
        services=[each for each in known.services[row.student_id] if _belongs(each, period)],
        trainings=[_training(each, youth=programs == {Program.YOUTH}) for each in enrollments],
        enrolled_on=latest.started_on if latest else None,
        completed_on=latest.ended_on if latest and latest.status == EnrollmentStatus.COMPLETED else None,
        gains={Gain.MILESTONE: max(each.completed_on for each in gained)} if gained else {},
    )


def _within(day: date | None, period: Period) -> bool:
    return day is not None and period.entered_on <= day <= (period.exited_on or date.max)


def _belongs(received: Received, period: Period) -> bool:
    """Return whether a service is of a period: self-service may lie 90 days before it, follow-up after it."""
    if received.program not in period.programs:
        return False
    if received.service.begins or received.service.extends:
        return _within(received.on, period)
    earliest, latest = period.entered_on - IDLE, period.exited_on
    if latest and not received.service.participants_only:
        return earliest <= received.on <= latest + IDLE
    return earliest <= received.on


def _ahead(completion: MilestoneCompletion) -> bool:
    """Return whether a milestone was set before the training began. Source: TEGL 10-16, Change 3, skill gains."""
    begun = completion.enrollment.started_on
    return begun is not None and completion.milestone.created_at.date() <= begun


def _training(enrollment: Enrollment, *, youth: bool) -> Training:
    program = enrollment.cohort.program
    if enrollment.started_on is None:
        raise ValueError("Training that has not begun is none.")
    return Training(
        kind=YOUTH_OCCUPATIONAL if youth else OCCUPATIONAL,
        entered_on=enrollment.started_on,
        ended_on=enrollment.ended_on,
        completed=enrollment.status == EnrollmentStatus.COMPLETED,
        provider=plain(program.holder.legal_name),
        cip=program.cip_code,
    )


def _answers(details: Details) -> dict[str, str]:
    told = {
        "200": f"{details.birth_date:%Y%m%d}" if details.birth_date else "",
        "201": SEXES.get(details.sex, ""),
        "202": ANSWERS.get(details.disability, ""),
        "210": ANSWERS.get(details.ethnicity, ""),
        "801": ANSWERS.get(details.justice, ""),
    }
    return told | _races(details.races)


def _races(races: Sequence[str]) -> dict[str, str]:
    if Race.UNDISCLOSED.value in races:
        return dict.fromkeys(RACES, "9")
    return {element: str(int(race in races)) for element, race in RACES.items()} if races else {}


def plain(text: str) -> str:
    """Return a name as a row can hold it: ASCII, without commas and quotes."""
    letters: Iterable[str] = unicodedata.normalize("NFKD", text)
    return " ".join("".join(" " if each in ',"' else each for each in letters if " " <= each <= "~").split())
