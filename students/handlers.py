"""The jobs of students: thin entries that call the services and are safe to run again."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError

from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid
from students.services import rosters, weekly_reports


@handler("roster.import", version=1, max_attempts=3, timeout=timedelta(minutes=10))
def import_roster(job: JobContext, roster_id: UUID) -> dict[str, int]:
    """Compare a roster with its cohort, batch by batch, then import it in one transaction."""
    total = job.tx("find", lambda: rosters.find_roster(roster_id))
    for start in range(0, total, rosters.BATCH):
        job.tx(f"check {start}", partial(rosters.check_batch, roster_id, start))
    try:
        imported: dict[str, int] = job.tx("import", lambda: rosters.import_roster(roster_id))
    except ValidationError as refusal:
        problem = " ".join(refusal.messages)
        job.tx("fail", lambda: rosters.fail_roster(roster_id, problem=problem))
        raise Invalid(problem) from refusal
    return imported


@handler("report.remind", version=1)
def remind(job: JobContext) -> dict[str, int]:
    """Ask holders for the weekly reports that are missing; a schedule runs it every Monday."""
    return {"reminded": job.tx("remind", weekly_reports.remind_of_due_reports)}
