"""Which enrollments began, for the earnings of holders that are paid for each student."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from programs.models import Holder
from programs.services.earnings import brings_students
from students.models import Enrollment


@brings_students
def starts(holder: Holder, until: date) -> Iterable[tuple[UUID, date]]:
    """Return the enrollments of a holder that began until a day, however they ended, each with its first day."""
    begun = Enrollment.objects.filter(holder=holder, started_on__lte=until).values_list("pk", "started_on")
    return ((enrollment, day) for enrollment, day in begun if day is not None)
