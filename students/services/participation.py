"""Record the services that students received, and reckon from them who participates, since when and until when."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from autopilot import audit, clock
from students.models import (
    Determination,
    ExitHindrance,
    ParticipationChange,
    ParticipationPeriod,
    ProgramReadiness,
    ServiceReceived,
    Student,
)
from students.wioa.participation import (
    Exclusion,
    Explanation,
    Hindrance,
    Period,
    Planned,
    Readiness,
    Received,
    build,
    changes,
)
from students.wioa.programs import Program
from students.wioa.services import SERVICES

RECORD = "students.record_servicereceived"
NO_COMMON_EXIT = "none"
LONGEST_REASON = 300
BATCH = 200
SOON = timedelta(days=30)


def common_exit() -> frozenset[Program]:
    """Return the programs that end together by the state's policy.

    Raises ValidationError with the code `common_exit_unset` where WIOA_COMMON_EXIT does not say, and
    `common_exit_unknown` where it names no program: nobody guesses what a state decides.
    """
    words = [word for word in settings.WIOA_COMMON_EXIT if word != NO_COMMON_EXIT]
    if not settings.WIOA_COMMON_EXIT:
        raise ValidationError(
            "Set WIOA_COMMON_EXIT to the programs that your state lets end together, or to none. Confirm with your state.",
            code="common_exit_unset",
        )
    try:
        return frozenset(Program(word) for word in words)
    except ValueError:
        known = ", ".join(program.value for program in Program)
        raise ValidationError(
            f"WIOA_COMMON_EXIT names a program that is none of {known}.", code="common_exit_unknown"
        ) from None


@transaction.atomic
def make_ready(
    student: Student,
    *,
    program: str,
    eligible_on: date,
    assessed_on: date | None = None,
    planned_on: date | None = None,
    by: User | None,
) -> ProgramReadiness:
    """Record since when a student can become a participant of a program, and reckon anew; what is known already stays.

    Youth also needs the days of the objective assessment and of the plan, which may be recorded later. Raises
    ValidationError by field, or with the code `future`.
    """
    _lock(student)
    days = {"eligible_on": eligible_on, "assessed_on": assessed_on, "planned_on": planned_on}
    given = {name: day for name, day in days.items() if day is not None}
    _require_past(*given.values())
    row, _ = ProgramReadiness.objects.select_for_update(of=("self",)).get_or_create(
        student=student, program=Program(program).value, defaults={**given, "recorded_by": by}
    )
    for name, day in given.items():
        if getattr(row, name) is None:
            setattr(row, name, day)
    row.full_clean()
    row.save()
    audit.record(by, "students.readiness.recorded", row, student_id=student.pk)
    _reckon_if_decided(student)
    return row


def admit(determination: Determination, *, by: User | None) -> None:
    """Let services make a participant of who was found eligible, from today on; of youth, once assessed and with a plan."""
    youth = determination.in_school_youth or determination.out_of_school_youth
    eligible = {
        Program.ADULT: determination.adult,
        Program.DISLOCATED_WORKER: determination.dislocated_worker,
        Program.YOUTH: youth,
    }
    for program in (each for each, yes in eligible.items() if yes):
        make_ready(determination.student, program=program.value, eligible_on=clock.today(), by=by)


def check_service(student: Student, *, program: str, service: str, day: date, planned: bool = False) -> None:
    """Raise ValidationError where a service cannot be recorded.

    Codes: `service_unknown`, `service_of_other_program`, `future` for one that was received, `past` for one that is
    planned, `recorded_already`.
    """
    kind = SERVICES.get(service)
    if kind is None:
        raise ValidationError({"service": ValidationError("Choose one of the services.", code="service_unknown")})
    if Program(program) not in kind.programs:
        told = "This program does not offer the service. Choose another of either."
        raise ValidationError({"service": ValidationError(told, code="service_of_other_program")})
    if planned and day <= clock.today():
        told = "A planned service lies ahead. If it was received, record it as received."
        raise ValidationError({"day": ValidationError(told, code="past")})
    if not planned:
        _require_past(day)
    same = ServiceReceived.objects.filter(
        student=student, program=program, service=service, day=day, planned=planned, withdrawn_at=None
    )
    if same.exists():
        raise ValidationError("This service is recorded for this day already.", code="recorded_already")


@transaction.atomic
def record_service(
    student: Student, *, program: str, service: str, day: date, planned: bool = False, by: User
) -> ServiceReceived:
    """Record a service that a student received, or that is planned, and reckon the student's periods anew.

    Raises PermissionDenied for who may not, and ValidationError as `check_service` does.
    """
    require_recorder(by)
    _lock(student)
    check_service(student, program=program, service=service, day=day, planned=planned)
    row = ServiceReceived(
        student=student, program=program, service=service, day=day, planned=planned, documented_on=clock.today(),
        recorded_by=by,
    )  # fmt: skip
    row.clean_fields()
    row.save(force_insert=True)
    audit.record(by, "students.service.recorded", row, student_id=student.pk, service=service, day=day)
    _reckon_if_decided(student)
    return row


@transaction.atomic
def withdraw_service(received: ServiceReceived, *, reason: str, by: User) -> None:
    """Take back a service that was recorded by mistake, with the reason, and reckon anew.

    Raises PermissionDenied for who may not, and ValidationError with the code `no_reason`, `reason` for one that is too
    long, or `withdrawn` for one that was taken back already.
    """
    require_recorder(by)
    reason = reason.strip()
    if not reason:
        raise ValidationError("Say why it was a mistake.", code="no_reason")
    if len(reason) > LONGEST_REASON:
        raise ValidationError(f"Shorten the reason to {LONGEST_REASON} characters.", code="reason")
    _lock(received.student)
    given = {"withdrawn_at": clock.now(), "withdrawn_because": reason}
    if not ServiceReceived.objects.filter(pk=received.pk, withdrawn_at=None).update(**given):
        raise ValidationError("This service was taken back already.", code="withdrawn")
    audit.record(by, "students.service.withdrawn", received, student_id=received.student_id)
    _reckon_if_decided(received.student)


@transaction.atomic
def record_hindrance(student: Student, *, since: date, code: str, by: User) -> ExitHindrance:
    """Record since when and why a student could not go on, and reckon anew.

    Raises PermissionDenied for who may not, and ValidationError by field or with the code `future`.
    """
    require_recorder(by)
    _lock(student)
    _require_past(since)
    row = ExitHindrance(student=student, since=since, code=code, recorded_by=by)
    row.full_clean()
    row.save(force_insert=True)
    audit.record(by, "students.hindrance.recorded", row, student_id=student.pk)
    _reckon_if_decided(student)
    return row


def require_recorder(by: User) -> None:
    """Raise PermissionDenied for who may not record services."""
    if not (by.is_active and by.has_perm(RECORD)):
        raise PermissionDenied("You may not record services that students received.")


@transaction.atomic
def reckon(student: Student) -> list[str]:
    """Reckon the periods of the person a student is as they are known today, store them, and return what changed.

    Records of one person share an identifier; what they received makes periods together, which stand with the first of
    the records. Nothing is written where nothing changed but the days that pass. Raises ValidationError as `common_exit`.
    """
    _lock(student)
    person, today = person_of(student), clock.today()
    rows = list(ParticipationPeriod.objects.filter(student__in=person))
    before, after = [_period(row) for row in rows], periods_of(student, on=today)
    stored = {_place(_period(row)): row for row in rows if row.student_id == person[0].pk}
    kept = {_place(period) for period in after}
    for row in rows:
        if row.student_id != person[0].pk or _place(_period(row)) not in kept:
            row.delete()
    for period in after:
        _store(person[0], period, stored.get(_place(period)), today)
    told = [str(change) for change in changes(before, after)]
    ParticipationChange.objects.bulk_create(ParticipationChange(student=person[0], told=each) for each in told)
    return told


def person_of(student: Student) -> list[Student]:
    """Return the records of the same person, the first one first."""
    same = Student.objects.filter(number=student.number) if student.number else Student.objects.filter(pk=student.pk)
    return list(same.order_by("created_at", "pk"))


def periods_of(student: Student, *, on: date) -> list[Period]:
    """Return the periods of the person a student is as they are known on a day; raises ValidationError as `common_exit`."""
    person = person_of(student)
    services = list(ServiceReceived.objects.filter(student__in=person, withdrawn_at=None))
    return build(
        [Received(row.day, Program(row.program), SERVICES[row.service]) for row in services if not row.planned],
        [
            Readiness(Program(row.program), row.eligible_on, row.assessed_on, row.planned_on)
            for row in ProgramReadiness.objects.filter(student__in=person)
        ],
        on=on,
        common_exit=common_exit(),
        planned=[
            Planned(row.day, Program(row.program), SERVICES[row.service], row.documented_on)
            for row in services
            if row.planned
        ],
        hindrances=[
            Hindrance(row.since, Exclusion(row.code)) for row in ExitHindrance.objects.filter(student__in=person)
        ],
    )


def batches() -> Iterator[UUID]:
    """Yield the first student of each batch that has any services, by their ids."""
    served = Student.objects.filter(services__isnull=False).distinct().order_by("pk").values_list("pk", flat=True)
    for number, pk in enumerate(served.iterator(chunk_size=2_000)):
        if number % BATCH == 0:
            yield pk


def reckon_batch(first: UUID) -> dict[str, int]:
    """Reckon a batch of students from one of them on; returns how many, and how many changes there were."""
    served = Student.objects.filter(services__isnull=False, pk__gte=first).distinct().order_by("pk")[:BATCH]
    told = [reckon(student) for student in served]
    return {"students": len(told), "changes": sum(map(len, told))}


def periods_shown(student: Student) -> QuerySet[ParticipationPeriod]:
    """Return the stored periods of the person a student is, the latest first."""
    return ParticipationPeriod.objects.filter(student__in=person_of(student))


def ending_soon(rows: QuerySet[ParticipationPeriod]) -> QuerySet[ParticipationPeriod]:
    """Return the open periods that end within 30 days unless a qualifying service is received or planned."""
    today = clock.today()
    return rows.filter(exited_on=None, open_until__range=(today, today + SOON))


def days_left(row: ParticipationPeriod) -> int | None:
    """Return for how many days a qualifying service still keeps a period open; None once it has ended."""
    return None if row.exited_on else max(0, (row.open_until - clock.today()).days)


def _require_past(*days: date) -> None:
    if any(day > clock.today() for day in days):
        raise ValidationError("The day is in the future. Enter it when it has come.", code="future")


def _lock(student: Student) -> None:
    Student.objects.select_for_update(of=("self",)).get(pk=student.pk)


def _reckon_if_decided(student: Student) -> None:
    """Reckon at once where the state's policy is known; the nightly job says so where it is not."""
    if settings.WIOA_COMMON_EXIT:
        reckon(student)


def _place(period: Period) -> tuple[date, frozenset[Program]]:
    return period.entered_on, period.programs


def _columns(period: Period) -> dict[str, Any]:
    return {
        "programs": " ".join(sorted(program.value for program in period.programs)),
        "entered_on": period.entered_on,
        "last_service_on": period.last_service_on,
        "open_until": period.open_until,
        "exited_on": period.exited_on,
        "exclusion": period.exclusion.value,
        "because": [asdict(each) for each in period.because],
    }


def _store(student: Student, period: Period, row: ParticipationPeriod | None, today: date) -> None:
    columns = _columns(period)
    if row is None:
        ParticipationPeriod.objects.create(student=student, reckoned_on=today, **columns)
    elif any(getattr(row, name) != value for name, value in columns.items()):
        ParticipationPeriod.objects.filter(pk=row.pk).update(reckoned_on=today, **columns)


def _period(row: ParticipationPeriod) -> Period:
    return Period(
        frozenset(Program(word) for word in row.programs.split()),
        row.entered_on,
        row.last_service_on,
        row.open_until,
        row.exited_on,
        Exclusion(row.exclusion),
        tuple(Explanation(**each) for each in row.because),
    )
