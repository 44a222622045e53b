"""The jobs of students: thin entries that call the services and are safe to run again."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError

from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid
from students.services import certificate_files, certificates, rosters, weekly_reports


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


@handler(certificates.ISSUE_JOB, version=1, max_attempts=5)
def issue_certificate(job: JobContext, request_id: UUID) -> dict[str, str]:
    """Issue a certificate that was asked for: its number first, then its files, and then it is public.

    The job fails for good where something required is missing, and says what.
    """
    outcome = job.tx("issue", lambda: certificates.issue(request_id))
    if "problem" in outcome:
        raise Invalid(outcome["problem"])
    issued = UUID(outcome["certificate"])
    badge, document = job.call("files", lambda key: certificate_files.make_files(issued))
    job.tx("status list", lambda: certificate_files.publish_first_list(issued))
    job.tx("publish", lambda: certificates.publish(issued, badge_id=UUID(badge), document_id=UUID(document)))
    return {"certificate_id": str(issued), "document_id": document}


@handler(certificates.PUBLISH_JOB, version=1)
def publish_status_list(job: JobContext, number: int) -> dict[str, int]:
    """Sign and publish a list of revoked certificates as it stands now."""
    return {"revoked": job.tx("publish", lambda: certificate_files.publish_list(number))}
