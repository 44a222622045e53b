"""Wake jobs whose time has come: timers, and the next time to ask the outside."""

from autopilot import clock
from autopilot.engine import waits
from autopilot.models.jobs import Job, JobStatus

BATCH = 500


def run() -> int:
    """Wake every waiting job whose wake-up time has passed; returns how many."""
    now = clock.now()
    due = Job.objects.filter(status=JobStatus.WAITING, wake_at__lte=now).order_by("wake_at")
    return sum(waits.wake(pk, "timer", wake_at__lte=now) for pk in due.values_list("pk", flat=True)[:BATCH])
