"""All rows of all jobs, read at one moment, so that many promises can be checked against few queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from autopilot.models import Attempt, AuditEntry, Checkpoint, CheckpointRevision, Decision, Event, Job, Step
from autopilot.models.outbox import OutboxMessage

Row = TypeVar("Row", bound=Model)


@dataclass
class Rows:
    """What one job has left behind."""

    job: Job
    events: list[Event] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    revisions: list[CheckpointRevision] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    messages: list[OutboxMessage] = field(default_factory=list)

    @property
    def open(self) -> list[Checkpoint]:
        """The checkpoints that wait for a person."""
        return [checkpoint for checkpoint in self.checkpoints if checkpoint.is_pending]

    def stored(self, key: str) -> Step | None:
        """Return the finished step of a key in the job's generation."""
        for step in self.steps:
            if (step.key, step.generation, step.state) == (key, self.job.generation, Step.State.DONE):
                return step
        return None


def read() -> list[Rows]:
    """Read everything."""
    events, attempts = _by_job(Event.objects.order_by("seq")), _by_job(Attempt.objects.order_by("epoch"))
    steps, checkpoints = _by_job(Step.objects.order_by("pk")), _by_job(Checkpoint.objects.all())
    decisions = _by_job(Decision.objects.select_related("checkpoint").order_by("pk"))
    revisions = _by_job(CheckpointRevision.objects.select_related("checkpoint").order_by("pk"))
    entries = _by_job(AuditEntry.objects.filter(name__startswith="histories."))
    messages = _by_job(OutboxMessage.objects.all())
    return [
        Rows(
            job, events[job.pk], attempts[job.pk], steps[job.pk], checkpoints[job.pk], decisions[job.pk],
            revisions[job.pk], entries[job.pk], messages[job.pk],
        )
        for job in Job.objects.all()
    ]  # fmt: skip


def _by_job(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[_job_of(row)].append(row)
    return found


def _job_of(row: Model) -> UUID:
    if isinstance(row, AuditEntry):
        return UUID(row.subject_id)
    if isinstance(row, Decision | CheckpointRevision):
        return row.checkpoint.job_id
    found: UUID = row.job_id  # type: ignore[attr-defined]
    return found
