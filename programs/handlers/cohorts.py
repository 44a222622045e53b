"""The daily job of cohorts."""

from datetime import timedelta

from autopilot import clock
from autopilot.engine import JobContext, handler
from programs.services.cohorts import start_due_cohorts


@handler("cohort.start_due", version=1, max_attempts=5, timeout=timedelta(minutes=30))
def start_due(job: JobContext) -> dict[str, int]:
    """Let open cohorts run whose first day has come; a schedule runs it daily."""
    return {"started": start_due_cohorts(clock.today())}
