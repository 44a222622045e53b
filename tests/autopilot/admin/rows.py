"""One row of everything that the staff's pages show."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model

from autopilot import audit, clock
from autopilot.document_types import versions
from autopilot.documents import archive
from autopilot.engine import enqueue
from autopilot.identifiers import uuid7
from autopilot.models import (
    Attempt,
    AuditEntry,
    ClusterHeartbeat,
    ClusterRestart,
    Document,
    FormEdition,
    Job,
    JobStatus,
    OutboxMessage,
    Portal,
    Schedule,
    Submission,
    TemplateVersion,
    WebhookDelivery,
    WebhookEndpoint,
    Worker,
)
from autopilot.submissions import await_manual, prepare
from tests.autopilot.admin.packets import waiting
from tests.autopilot.admin.people import member
from tests.autopilot.engine.packets import lent
from tests.autopilot.fillable_forms.shelves import uploaded

TENANT = UUID("0190b1f2-0000-7000-8000-00000000aaaa")


@dataclass(frozen=True)
class Rows:
    """A row of each kind, by the name of its model."""

    by_model: dict[str, Any]

    def __getitem__(self, model: str) -> Any:
        """Return the row of a model."""
        return self.by_model[model]


def one_of_each() -> Rows:
    """Return a row of every kind that has a page."""
    checkpoint = waiting()
    submission = submitted_by_hand()
    rows: list[Model] = [
        checkpoint,
        checkpoint.job,
        submission,
        submission.portal,
        submission.document,
        schedule(),
        Worker.objects.get_or_create(name="sample")[0],
        OutboxMessage.objects.all()[0],
        heartbeat(),
        ClusterRestart.objects.create(cluster="here", reason="No claim for a minute."),
        audit.record(None, "autopilot.job.held", checkpoint.job, reason="x"),
        delivery := webhook_delivery(),
        delivery.endpoint,
        lent(member("lender"), member("borrower")),
        form_edition(),
        template_version(),
    ]
    return Rows({str(row._meta.model_name): row for row in rows})


def form_edition() -> FormEdition:
    """Return an agency's form that can be mapped."""
    return uploaded(member("archivist", is_superuser=True))


def template_version() -> TemplateVersion:
    """Return a draft of a template."""
    source = "<h1>{{ title }}</h1><p>{{ total|money }}</p>"
    return versions.draft("invoice", source, note="Shorter", by=member("writer", is_superuser=True))


def document(text: str = "a packet") -> Document:
    """Archive something."""
    return archive.store(text.encode(), media_type="application/pdf", title=f"Packet of {text}", tenant_id=TENANT)


def submitted_by_hand(text: str = "a packet", portal: Portal | None = None) -> Submission:
    """Return a submission that waits for a person to upload it."""
    file = document(text)
    submission = prepare(
        portal=portal or manual_portal(),
        document=file,
        approved_digest=file.sha256,
        packet_id=uuid7(),
        subject="application",
        subject_id=uuid7(),
        tenant_id=TENANT,
    )
    await_manual(submission.pk)
    return submission


def manual_portal() -> Portal:
    """Return a portal that takes no requests."""
    portal, _ = Portal.objects.get_or_create(
        slug="in", defaults={"name": "INTraining", "delivery": "manual", "instructions": "Sign in and upload."}
    )
    return portal


def schedule(name: str = "Say hello") -> Schedule:
    """Return a schedule that can run."""
    worker, _ = Worker.objects.get_or_create(name="sample")
    return Schedule.objects.create(
        name=name, worker=worker, kind="sample.simple", payload={"subject": "monthly"}, cron="0 6 1 * *"
    )


def heartbeat(process: str = "here:1") -> ClusterHeartbeat:
    """Return a process that is alive."""
    return ClusterHeartbeat.objects.create(process=process, cluster="here", role="pump")


def webhook_delivery(url: str = "https://hooks.example.org/in") -> WebhookDelivery:
    """Return an event for an endpoint of its own."""
    endpoint, _ = WebhookEndpoint.objects.get_or_create(tenant_id=TENANT, url=url, defaults={"secret": "whsec_x"})
    return WebhookDelivery.objects.create(
        endpoint=endpoint, message=OutboxMessage.objects.create(tenant_id=TENANT, topic="x"), give_up_at=clock.now()
    )


def job(**fields: Any) -> Job:
    """Return a job that is due."""
    return enqueue("sample.simple", tenant_id=TENANT, subject="x", **fields)


def failed_job(reason: str = "attempts_exhausted", error: str = "OSError: unreachable") -> Job:
    """Return a job that failed, with the attempt in which it did."""
    made, now = job(), clock.now()
    Job.objects.filter(pk=made.pk).update(
        status=JobStatus.FAILED, reason=reason, error=error, finished_at=now, attempt=3, epoch=1
    )
    Attempt.objects.create(
        job=made, epoch=1, number=1, process="here:1", started_at=now, finished_at=now, outcome="failed", error=error
    )
    return Job.objects.get(pk=made.pk)


def entries(count: int) -> None:
    """Record deeds."""
    of = job()
    for _ in range(count):
        audit.record(None, "autopilot.job.held", of, reason="x")
    assert AuditEntry.objects.count() >= count
