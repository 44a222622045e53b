"""Figures about students, read from the records behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from students.models import Attendance, AttendanceStatus, Enrollment

CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


@dataclass(frozen=True)
class AttendanceTotal:
    """How often a student was recorded and came, and the hours of it."""

    recorded: int
    came: int
    hours: Decimal

    @property
    def rate(self) -> int | None:
        """Sessions attended, in percent of those recorded; None without any."""
        return round(100 * self.came / self.recorded) if self.recorded else None


def attendance_total(enrollment: Enrollment) -> AttendanceTotal:
    """Return what the records of attendance of an enrollment come to."""
    told = enrollment.attendance.aggregate(
        recorded=Count("pk"), came=Count("pk", filter=Q(presence__in=CAME)), hours=Sum("hours")
    )
    return AttendanceTotal(told["recorded"], told["came"], told["hours"] or Decimal(0))


@dataclass(frozen=True)
class Hours:
    """The hours that a student was there, of those that the program has."""

    logged: Decimal
    required: int

    @property
    def percent(self) -> int:
        """How much of it is done, in whole percent and at most 100."""
        return min(100, int(100 * self.logged / self.required)) if self.required else 0


def hours_of(enrollments: Iterable[Enrollment]) -> dict[UUID, Hours]:
    """Return logged and required hours by enrollment, in one query; each with its cohort and program at hand."""
    rows = list(enrollments)
    told = Attendance.objects.filter(enrollment__in=rows, presence__in=CAME)
    logged = dict(told.values_list("enrollment").annotate(Sum("hours")).order_by())
    return {row.pk: Hours(logged.get(row.pk, Decimal(0)), row.cohort.program.clock_hours) for row in rows}
