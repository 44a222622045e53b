"""Sessions in which students were recorded: nobody moves or removes them."""

from collections.abc import Collection
from uuid import UUID

from programs.services.sessions import keep_held
from students.models import Attendance


@keep_held
def recorded(ids: Collection[UUID]) -> set[UUID]:
    """Return those of some sessions for which anybody's attendance was recorded."""
    return set(Attendance.objects.filter(session_id__in=ids).values_list("session_id", flat=True).distinct())
