"""Figures about students, read from the records behind them."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from students.models import AttendanceStatus, Enrollment

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
