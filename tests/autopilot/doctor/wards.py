"""Faults, each planted past the engine, as no code of ours would."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from autopilot import clock, doctor
from autopilot.doctor.findings import Finding
from autopilot.documents import archive, vault
from autopilot.engine import emit, handler, message
from autopilot.engine.context import JobContext
from autopilot.identifiers import uuid7
from autopilot.models import Checkpoint, Document, Event, Job, OutboxMessage, Schedule, WaitReason, Worker
from tests.autopilot.engine.runs import run
from tests.autopilot.engine.standing import new, nothing, standing
from tests.autopilot.sweep.asking import asked

LONG_AGO = timedelta(minutes=10)


def force(job: Job, **fields: Any) -> Job:
    """Write a job's row past the engine."""
    Job.objects.filter(pk=job.pk).update(**fields)
    return Job.objects.get(pk=job.pk)


def sound(handle: Any = None) -> Job:
    """Return a job that waits for a person, in a sound state."""

    def ask(job: JobContext) -> None:
        job.approval("review", title="Fine?", payload={})

    return run(handle or ask)[0]


def expired_lease() -> Job:
    """A job whose process is long gone."""
    return force(standing("running"), lease_until=clock.now() - LONG_AGO)


def lost_decision() -> Job:
    """A job whose checkpoint was decided without anybody telling it."""
    checkpoint = asked()
    outcome = {"verdict": "approve"}
    Checkpoint.objects.filter(pk=checkpoint.pk).update(status="approved", decided_at=clock.now(), outcome=outcome)
    return checkpoint.job


def lost_timer() -> Job:
    """A job that waits for a time that was never written down."""
    return force(standing("waiting"), wake_at=None)


def overdue_timer() -> Job:
    """A job that should have woken long ago."""
    return force(standing("waiting"), wake_at=clock.now() - LONG_AGO)


def asleep_parent() -> Job:
    """A job whose parts have all ended."""
    parent = standing("waiting", wait_reason=WaitReason.CHILDREN, wake_at=None)
    standing("completed", parent=parent)
    return parent


def orphan(status: str = "cancelled") -> Job:
    """A part of a job that has ended."""
    return standing("pending", parent=standing(status))


def pending_checkpoint_of_an_ended_job() -> Job:
    """A job that has ended past its checkpoint."""
    job = sound()
    ended = {"wait_reason": "", "wake_at": None, "waiting_since": None, "finished_at": clock.now()}
    return force(job, status="cancelled", **ended)


def unknown_kind() -> Job:
    """A job of code that is gone."""
    return force(new(), kind="gone.away")


def forgotten_message() -> OutboxMessage:
    """A message that nobody sends."""
    message("tests.doctor")(lambda **references: EmailMessage("Hello", "You.", to=["a@example.org"]))
    left = emit("tests.doctor", tenant_id=uuid7(), job_id=None)
    early = clock.now() - LONG_AGO
    OutboxMessage.objects.filter(pk=left.pk).update(created_at=early, next_attempt_at=early)
    return left


def late_schedule() -> Schedule:
    """A schedule whose time has come and gone."""
    handler("test.nothing")(nothing)
    worker, _ = Worker.objects.get_or_create(name="test")
    early = clock.now() - timedelta(days=2)
    return Schedule.objects.create(
        name="Late", worker=worker, kind="test.nothing", cron="0 3 * * *", created_at=early, next_run_at=early
    )


def paused_worker() -> Worker:
    """A paused worker with due work."""
    new()
    pause = {"enabled": False, "pause": "drain", "pause_reason": "Stocktaking.", "paused_at": clock.now()}
    return Worker.objects.create(name="test", **pause)


def altered_event(**change: Any) -> Job:
    """A job in whose history somebody wrote."""
    job = sound()
    rewrite(job.events.get(seq=2), **(change or {"why": "done"}))
    return job


def rewrite(event: Event, **change: Any) -> None:
    """Put another row in the place of one; a history may be deleted whole, so its rows can be, and written anew."""
    kept = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    Event.objects.filter(pk=event.pk).delete()
    Event.objects.create(**{**kept, **change})


def damaged_document() -> Document:
    """An archived file in which a byte was changed."""
    document = archive.store(uuid7().bytes, media_type="text/plain", title="A thing", tenant_id=uuid7())
    path = Path(settings.ARCHIVE_ROOT) / document.sha256[:2] / document.sha256[2:4] / document.sha256
    path.chmod(0o600)
    path.write_bytes(b"altered")
    return document


def forgotten_document() -> Document:
    """An archived file that never came into the ledger."""
    content = uuid7().bytes
    return Document.objects.create(
        tenant_id=uuid7(), fingerprint=uuid7().hex, sha256=vault.keep(content), size=len(content), title="A thing",
        media_type="text/plain", created_at=clock.now() - timedelta(hours=2),
    )  # fmt: skip


def found(name: str, **options: Any) -> list[Finding]:
    """Run one check."""
    return doctor.examine([name], **options)


def subject(row: Any) -> UUID | str:
    """Return the id by which a finding names its subject."""
    return f"{row._meta.model_name} {row.pk}"
