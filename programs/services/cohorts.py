"""Cohorts: planned by their holder, opened for enrollment behind the MOU's gate, run and completed."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from programs.calendars import is_time_zone
from programs.models import Cohort, CohortStatus, HolderStatus, Program, ProgramStatus, Site
from programs.services.mous import require_executed_mou
from programs.services.sessions import generate_sessions

COLUMNS = ("name", "site", "starts_on", "ends_on", "capacity", "time_zone")
LONGEST_DAYS = 3 * 366
OPENED = "programs.cohort.opened"
STARTED = "programs.cohort.started"
COMPLETED = "programs.cohort.completed"
CANCELLED = "programs.cohort.cancelled"
TOPICS: dict[str, str] = {
    CohortStatus.OPEN: OPENED,
    CohortStatus.RUNNING: STARTED,
    CohortStatus.COMPLETED: COMPLETED,
    CohortStatus.CANCELLED: CANCELLED,
}
LEGAL_MOVES: dict[str, frozenset[str]] = {
    CohortStatus.PLANNED: frozenset({CohortStatus.OPEN, CohortStatus.CANCELLED}),
    CohortStatus.OPEN: frozenset({CohortStatus.PLANNED, CohortStatus.RUNNING, CohortStatus.CANCELLED}),
    CohortStatus.RUNNING: frozenset({CohortStatus.COMPLETED, CohortStatus.CANCELLED}),
    CohortStatus.COMPLETED: frozenset(),
    CohortStatus.CANCELLED: frozenset(),
}
OVER = (CohortStatus.COMPLETED, CohortStatus.CANCELLED)
Seated = Callable[[Cohort], int]
_seated: list[Seated] = []


def counts_seated(tell: Seated) -> Seated:
    """Register a function that returns how many students have a seat in a cohort."""
    _seated.append(tell)
    return tell


def seated_in(cohort: Cohort) -> int:
    """Return how many seats of a cohort are taken."""
    return sum(tell(cohort) for tell in _seated)


@transaction.atomic
def plan_cohort(program: Program, *, said: Mapping[str, Any], by: User) -> Cohort:
    """Plan a cohort of a program; `said` holds values of `COLUMNS`.

    Raises ValidationError by field, and with the code `retired` for a program that has ended.
    """
    if program.status == ProgramStatus.RETIRED:
        raise ValidationError("A retired program takes no new cohorts.", code="retired")
    cohort = Cohort(program=program)
    _write(cohort, said)
    audit.record(by, "programs.cohort.planned", cohort)
    return cohort


@transaction.atomic
def edit_cohort(cohort: Cohort, *, said: Mapping[str, Any], by: User) -> None:
    """Change a cohort, and its sessions with its dates; raises ValidationError by field, and for one that is over."""
    # Locked, as whoever takes a seat locks it: nobody sits down while the seats are counted.
    cohort.refresh_from_db(from_queryset=Cohort.objects.select_for_update())
    if cohort.status in OVER:
        raise ValidationError("This cohort is over; it stays as it is.", code="over")
    _write(cohort, said)
    generate_sessions(cohort)
    audit.record(by, "programs.cohort.changed", cohort)


@transaction.atomic
def open_cohort(cohort: Cohort, *, by: User) -> None:
    """Open a cohort for enrollment.

    Raises ValidationError with the code `not_approved` (the program), `not_active` (the holder), `begun` for a cohort
    whose last day is over, and what `require_executed_mou` and `move_cohort` raise.
    """
    program = cohort.program
    if program.status != ProgramStatus.APPROVED:
        raise ValidationError("The program must be approved before students can enroll.", code="not_approved")
    if program.holder.status != HolderStatus.ACTIVE:
        raise ValidationError("Students can enroll once our staff has activated your organization.", code="not_active")
    if cohort.ends_on < clock.today():
        raise ValidationError("The last day of this cohort is over. Change its dates first.", code="begun")
    require_executed_mou(program.holder)
    move_cohort(cohort, CohortStatus.OPEN, by=by)


@transaction.atomic
def cancel_cohort(cohort: Cohort, *, by: User, reason: str) -> None:
    """Cancel a cohort for good; raises ValidationError without a reason, and as `move_cohort` does."""
    if not reason.strip():
        raise ValidationError("Say why; it stands in the history.", code="no_reason")
    move_cohort(cohort, CohortStatus.CANCELLED, by=by, reason=reason)


@transaction.atomic
def move_cohort(cohort: Cohort, to: str, *, by: User | None, reason: str = "") -> None:
    """Move a cohort on from where this object says it stands, with audit; the one place that writes its status.

    Raises ValidationError with the code `illegal_move`, or `moved_meanwhile` when somebody was first.
    """
    origin = cohort.status
    if to not in LEGAL_MOVES[origin]:
        known = CohortStatus(origin).label.lower(), CohortStatus(to).label.lower()
        raise ValidationError("A cohort that is {} cannot become {}.".format(*known), code="illegal_move")
    if not Cohort.objects.filter(pk=cohort.pk, status=origin).update(status=to):
        raise ValidationError("Somebody else has moved this cohort meanwhile.", code="moved_meanwhile")
    cohort.refresh_from_db()
    audit.record(by, f"programs.cohort.moved_to_{to}", cohort, reason=reason.strip())
    if to in TOPICS:
        emit(TOPICS[to], tenant_id=cohort.program.holder_id, cohort_id=cohort.pk)


def start_due_cohorts(today: date) -> int:
    """Move every open cohort whose first day has come to running; returns how many. Safe to run again."""
    due = Cohort.objects.select_related("program").filter(status=CohortStatus.OPEN, starts_on__lte=today)
    moved = 0
    for cohort in due.order_by("starts_on", "id")[:1000]:
        try:
            move_cohort(cohort, CohortStatus.RUNNING, by=None, reason="Its first day has come.")
        except ValidationError as refusal:
            if refusal.code != "moved_meanwhile":
                raise
        else:
            moved += 1
    return moved


def _write(cohort: Cohort, said: Mapping[str, Any]) -> None:
    for name in COLUMNS:
        if name in said:
            setattr(cohort, name, said[name])
    cohort.full_clean()
    _check(cohort)
    cohort.save()


def _check(cohort: Cohort) -> None:
    site: Site | None = cohort.site
    if site is not None and site.holder_id != cohort.program.holder_id:
        raise ValidationError({"site": ValidationError("Choose one of your own sites.", code="site")})
    if not is_time_zone(cohort.time_zone):
        raise ValidationError({"time_zone": ValidationError("Choose a time zone of the list.", code="time_zone")})
    if (cohort.ends_on - cohort.starts_on).days > LONGEST_DAYS:
        raise ValidationError({"ends_on": ValidationError("A cohort lasts three years at most.", code="too_long")})
    _check_seats(cohort)


def _check_seats(cohort: Cohort) -> None:
    seated = seated_in(cohort)
    if cohort.capacity < seated:
        text = f"Seats that are taken: {seated}. Enter at least {seated}, or withdraw students first."
        raise ValidationError({"capacity": ValidationError(text, code="below_seated")})
