"""What is read of programs: rows that pages and commands show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from autopilot.models import Checkpoint, Job, Submission
from autopilot.tenants import names_tenants
from programs import duplicates
from programs.models import (
    Application,
    ApplicationDocument,
    ApplicationProgram,
    ApplicationSite,
    ApplicationStatusChange,
    Finding,
    Packet,
)
from programs.services.findings import find_duplicates
from programs.services.submissions import SUBJECT

LIKENESS = {
    duplicates.SAME_EIN: "The same EIN",
    duplicates.SAME_ADDRESS: "The same name and address, another EIN",
    duplicates.SIMILAR: "A similar name, or the same e-mail or phone",
}


@dataclass(frozen=True)
class ApplicationStory:
    """All that happened to one application, the newest last."""

    application: Application
    programs: Sequence[ApplicationProgram]
    sites: Sequence[ApplicationSite]
    documents: Sequence[ApplicationDocument]
    findings: Sequence[Finding]
    packets: Sequence[Packet]
    changes: Sequence[ApplicationStatusChange]
    jobs: Sequence[Job]
    checkpoints: Sequence[Checkpoint]
    submissions: Sequence[Submission]
    duplicates: Sequence[tuple[Application, str]]


def application_story(application: Application) -> ApplicationStory:
    """Return what a member of staff wants to know about an application, in one query for each part."""
    changes = list(application.status_changes.all())
    job_ids = _job_ids(application, changes)
    return ApplicationStory(
        application=application,
        programs=list(application.programs.all()),
        sites=list(application.sites.all()),
        documents=list(application.documents.select_related("document")),
        findings=list(application.findings.filter(revision=application.revision)),
        packets=list(application.packets.select_related("document")),
        changes=changes,
        jobs=list(Job.objects.filter(pk__in=job_ids).order_by("created_at", "id")),
        checkpoints=list(Checkpoint.objects.filter(job_id__in=job_ids).order_by("created_at", "id")),
        submissions=list(
            Submission.objects.filter(subject=SUBJECT, subject_id=application.pk)
            .select_related("portal")
            .order_by("created_at", "id")
        ),
        duplicates=[(each, LIKENESS[kind]) for each, kind in find_duplicates(application)],
    )


@names_tenants
def names_of_holders(tenants: Collection[UUID]) -> dict[UUID, str]:
    """Return the legal names of those tenants that applied to become program holders."""
    return dict(Application.objects.filter(tenant_id__in=tenants).values_list("tenant_id", "legal_name"))


def _job_ids(application: Application, changes: Sequence[ApplicationStatusChange]) -> set[UUID]:
    known = {change.job_id for change in changes} | {application.job_id}
    return {job_id for job_id in known if job_id is not None}
