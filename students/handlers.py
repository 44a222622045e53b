"""The jobs of students: thin entries that call the services and are safe to run again."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError

from autopilot import clock
from autopilot.engine import JobContext, handler
from autopilot.exceptions import Invalid
from students import certification_handlers as certification_handlers
from students.services import (
    certificate_files,
    certificates,
    findings,
    leads,
    participation,
    rosters,
    waiting_list,
    weekly_reports,
)
from students.services.enrollments import PROMOTE


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


@handler(PROMOTE, version=1)
def promote(job: JobContext, cohort_id: UUID) -> dict[str, int]:
    """Give the free seats of a cohort to who has waited longest."""
    seated: int = job.tx("promote", lambda: len(waiting_list.promote(cohort_id)))
    return {"seated": seated}


@handler("compliance.at_risk", version=1, timeout=timedelta(minutes=30))
def at_risk(job: JobContext) -> dict[str, int]:
    """Look for students at risk, some hundred at a time; a schedule runs it every morning."""
    day = date.fromisoformat(job.tx("day", lambda: clock.today().isoformat()))
    ids: list[str] = job.tx("find", lambda: [str(pk) for pk in findings.to_look_at()])
    told = {"looked_at": len(ids), "opened": 0, "critical": 0, "closed": job.tx("ended", findings.close_what_ended)}
    for start in range(0, len(ids), findings.BATCH):
        some = [UUID(pk) for pk in ids[start : start + findings.BATCH]]
        seen: dict[str, int] = job.tx(f"look {start}", partial(findings.look, some, day))
        told |= {name: told[name] + count for name, count in seen.items()}
    return told


@handler("lead.follow_up", version=1)
def follow_up(job: JobContext) -> dict[str, int]:
    """Make leads of what was asked in the catalog, and write to those who have not answered; a schedule runs it daily."""
    new: int = job.tx("take in", leads.take_in_enquiries)
    return {"new": new, "written": job.tx("write", leads.write_follow_ups)}


@handler("participation.reckon", version=1, timeout=timedelta(minutes=30))
def reckon_participation(job: JobContext) -> dict[str, int]:
    """Reckon everybody's periods of participation, batch by batch; a schedule runs it every night."""
    batches = job.tx("find", lambda: [str(each) for each in participation.batches()])
    try:
        job.tx("policy", lambda: sorted(program.value for program in participation.common_exit()) if batches else [])
    except ValidationError as refusal:
        raise Invalid(" ".join(refusal.messages)) from refusal
    total = {"students": 0, "changes": 0}
    for first in batches:
        told = job.tx(f"reckon {first}", partial(participation.reckon_batch, UUID(first)))
        total = {name: total[name] + told[name] for name in total}
    return total
