"""The engine's one truth: jobs, and what each attempt, step and event of theirs left behind."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Q, TextField
from django.db.models.sql.compiler import SQLCompiler

from autopilot import clock
from autopilot.identifiers import uuid7

AGEING = timedelta(minutes=1)
LEAST_PRIORITY, GREATEST_PRIORITY, ORDINARY_PRIORITY = 1, 10, 5


class JobStatus(models.TextChoices):
    """Where a job stands; the four last ones are final."""

    BLOCKED = "blocked", "Blocked"
    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    SKIPPED = "skipped", "Skipped"


FINAL = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SKIPPED)


class WaitReason(models.TextChoices):
    """What a waiting job waits for."""

    CHECKPOINT = "checkpoint", "a person's decision"
    TIMER = "timer", "a time"
    CHILDREN = "children", "its parts"
    ANSWER = "answer", "an answer from outside"


class ShortId(Func):
    """The last eight digits of an id, by which people tell jobs apart: an id begins with its time.

    The number stands in the statement itself: with a parameter in its place, SQLite would not see its index.
    """

    template = "RIGHT(CAST(%(expressions)s AS text), 8)"
    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """Write it for SQLite, which keeps ids as text."""
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, -8)", **context)


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, by what they are."""

    def live(self) -> Self:
        """Jobs that are not final."""
        return self.exclude(status__in=FINAL)

    def due(self, at: datetime) -> Self:
        """Pending jobs that could be claimed at a time, if their worker is enabled."""
        return self.filter(status=JobStatus.PENDING, held_at=None, scheduled_for__lte=at)


class Job(models.Model):
    """One unit of work. Its status is written by `engine.transitions` alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(help_text="The organization this job works for.")
    project_id = models.UUIDField(null=True, blank=True)

    worker = models.CharField(max_length=40, help_text="The family of kinds it belongs to.")
    kind = models.CharField(max_length=100, help_text="What it does: worker.verb.")
    handler_version = models.PositiveIntegerField(default=1)
    generation = models.PositiveIntegerField(default=1, help_text="Grows when a person starts it over.")

    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.PENDING)
    wait_reason = models.CharField(max_length=10, choices=WaitReason, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True, help_text="When a waiting job wakes by itself.")
    waiting_since = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    hold_reason = models.CharField(max_length=200, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    priority = models.PositiveSmallIntegerField(default=ORDINARY_PRIORITY, help_text="1 to 10; 10 is most urgent.")
    rank = models.DateTimeField(help_text="Orders claims: due time less a minute per priority, so nothing starves.")
    scheduled_for = models.DateTimeField(help_text="Not before.")
    start_by = models.DateTimeField(null=True, blank=True, help_text="Not after: unstarted by then, it fails.")

    payload = models.JSONField(default=dict)
    payload_digest = models.CharField(max_length=64)
    result = models.JSONField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it ended.")
    error = models.TextField(blank=True)
    error_fingerprint = models.CharField(max_length=16, blank=True)

    attempt = models.PositiveIntegerField(default=0, help_text="Executions that count, this one included.")
    max_attempts = models.PositiveIntegerField(default=3)
    crashes = models.PositiveIntegerField(default=0)
    max_crashes = models.PositiveIntegerField(default=3)
    snoozes = models.PositiveIntegerField(default=0)

    epoch = models.PositiveBigIntegerField(default=0, help_text="Fencing token: grows with every claim.")
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    timeout_seconds = models.PositiveIntegerField(default=600, help_text="How long one attempt may take.")
    deadline = models.DateTimeField(null=True, blank=True, help_text="When this attempt has taken too long.")
    answers = models.PositiveIntegerField(default=0, help_text="Answers from outside so far; none is overlooked.")

    unique_key = models.CharField(max_length=200, blank=True)
    concurrency_key = models.CharField(max_length=200, blank=True)
    concurrency_limit = models.PositiveSmallIntegerField(default=1, help_text="How many with its key may run at once.")
    concurrency_slot = models.PositiveSmallIntegerField(null=True, blank=True)
    worker_slot = models.PositiveSmallIntegerField(null=True, blank=True)

    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children", db_index=False)
    parent_key = models.CharField(max_length=120, blank=True)
    root_id = models.UUIDField(null=True, blank=True)

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    requester_label = models.CharField(max_length=150, blank=True)
    dry_run = models.BooleanField(default=False)

    event_seq = models.PositiveIntegerField(default=0, help_text="Number of the last event.")
    event_hash = models.CharField(max_length=64, blank=True, help_text="Hash of the last event.")

    created_at = models.DateTimeField(default=clock.now)
    first_started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    purge_after = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [("control_job", "Can cancel, hold, release and requeue jobs")]
        constraints = [
            models.CheckConstraint(name="job_status_known", condition=Q(status__in=JobStatus.values)),
            models.CheckConstraint(
                name="job_leased_while_running",
                condition=Q(status="running", lease_until__isnull=False) & ~Q(lease_owner="")
                | ~Q(status="running") & Q(lease_until__isnull=True, lease_owner="", deadline__isnull=True),
            ),
            models.CheckConstraint(
                name="job_slots_only_while_running",
                condition=Q(status="running") | Q(concurrency_slot__isnull=True, worker_slot__isnull=True),
            ),
            models.CheckConstraint(
                name="job_finished_when_final",
                condition=Q(status__in=FINAL, finished_at__isnull=False)
                | ~Q(status__in=FINAL) & Q(finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="job_waiting_has_reason",
                condition=Q(status="waiting", wait_reason__in=WaitReason.values) & Q(waiting_since__isnull=False)
                | ~Q(status="waiting") & Q(wait_reason="", wake_at__isnull=True, waiting_since__isnull=True),
            ),
            models.CheckConstraint(name="job_priority_1_to_10", condition=Q(priority__gte=1, priority__lte=10)),
            models.UniqueConstraint(
                name="job_unique_key_while_live",
                fields=["tenant_id", "kind", "unique_key"],
                condition=~Q(unique_key="") & ~Q(status__in=FINAL),
            ),
            models.UniqueConstraint(
                name="job_one_per_concurrency_slot",
                fields=["concurrency_key", "concurrency_slot"],
                condition=Q(status="running", concurrency_slot__isnull=False),
            ),
            models.UniqueConstraint(
                name="job_one_per_worker_slot",
                fields=["worker", "worker_slot"],
                condition=Q(status="running", worker_slot__isnull=False),
            ),
            models.UniqueConstraint(
                name="job_one_child_per_key",
                fields=["parent", "parent_key"],
                condition=Q(parent__isnull=False) & ~Q(parent_key=""),
            ),
        ]
        indexes = [
            models.Index(name="job_claim", fields=["rank", "id"], condition=Q(status="pending", held_at__isnull=True)),
            models.Index(name="job_reap", fields=["lease_until"], condition=Q(status="running")),
            models.Index(name="job_wake", fields=["wake_at"], condition=Q(status="waiting", wake_at__isnull=False)),
            models.Index(
                name="job_start_by", fields=["start_by"], condition=Q(status="pending", start_by__isnull=False)
            ),
            models.Index(name="job_purge", fields=["purge_after"], condition=Q(purge_after__isnull=False)),
            models.Index(name="job_children", fields=["parent"], condition=Q(parent__isnull=False)),
            # Worker first: PostgreSQL would else take it, and a sort, for the queue's own index when it has last counted
            # the jobs while none was pending.
            models.Index(name="job_live", fields=["worker", "status"], condition=~Q(status__in=FINAL)),
            models.Index(name="job_list", fields=["-created_at", "-id"]),
            models.Index(name="job_status_list", fields=["status", "-created_at"]),
            models.Index(name="job_failures", fields=["kind", "error_fingerprint"], condition=Q(status="failed")),
            models.Index(name="job_kind_list", fields=["worker", "kind", "-created_at"]),
            models.Index(name="job_tenant_list", fields=["tenant_id", "-created_at"]),
            models.Index(name="job_held", fields=["-created_at"], condition=Q(held_at__isnull=False)),
            models.Index(name="job_key", fields=["unique_key"], condition=~Q(unique_key="")),
            models.Index(ShortId("id"), name="job_short_id"),
            models.Index(name="job_text", fields=["-created_at"], condition=~Q(error="") | ~Q(hold_reason="")),
            models.Index(name="job_failed_at", fields=["finished_at"], condition=Q(status="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_final(self) -> bool:
        """Whether nothing but a person's requeue moves it again."""
        return self.status in FINAL


class Attempt(models.Model):
    """One claim of a job, from start to outcome."""

    class Outcome(models.TextChoices):
        """How an attempt ended."""

        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        SUSPENDED = "suspended", "Suspended"
        RETRIED = "retried", "To be retried"
        SNOOZED = "snoozed", "Snoozed"
        RELEASED = "released", "Given back"
        LOST = "lost", "Lost with its process"
        TIMED_OUT = "timed_out", "Took too long"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts", db_index=False)
    epoch = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField()
    process = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["job", "epoch"]
        constraints = [
            models.UniqueConstraint(name="attempt_one_per_epoch", fields=["job", "epoch"]),
            models.CheckConstraint(
                name="attempt_finished_unless_running",
                condition=Q(outcome="running", finished_at__isnull=True)
                | ~Q(outcome="running") & Q(finished_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="attempt_started", fields=["started_at"])]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"


class Step(models.Model):
    """A named part of a handler, whose result is stored once and reused by every later run."""

    class Effect(models.TextChoices):
        """What a step does to the world, and so what a crash in it means."""

        TRANSACTION = "tx", "local transaction, exactly once"
        CALL = "call", "outside call with an idempotency key"
        ONCE = "once", "outside call at most once"
        EMIT = "emit", "message in the outbox"
        ANSWER = "answer", "answer from outside"
        TIMER = "timer", "time to wait for"
        VALUE = "value", "time or random value"

    class State(models.TextChoices):
        """Whether the step is finished, or was begun by a run that may have died in it."""

        STARTED = "started", "Started"
        DONE = "done", "Done"

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, related_name="steps", db_index=False)
    generation = models.PositiveIntegerField()
    key = models.CharField(max_length=120)
    effect = models.CharField(max_length=8, choices=Effect)
    state = models.CharField(max_length=8, choices=State, default=State.DONE)
    output = models.JSONField(null=True, blank=True)
    epoch = models.PositiveBigIntegerField()
    handler_version = models.PositiveIntegerField(default=1)
    inherited = models.BooleanField(default=False, help_text="Taken over from the generation before.")
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["job", "id"]
        constraints = [
            models.UniqueConstraint(name="step_stored_once", fields=["job", "generation", "key"]),
            models.CheckConstraint(name="step_state_known", condition=Q(state__in=("started", "done"))),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.job_id}"


class Event(models.Model):
    """Who moved what, when and why: append-only, and chained by hash so that tampering shows."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    why = models.CharField(max_length=40)
    epoch = models.PositiveBigIntegerField()
    actor = models.CharField(max_length=150, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["job", "seq"]
        constraints = [models.UniqueConstraint(name="event_one_per_number", fields=["job", "seq"])]
        indexes = [models.Index(name="event_at", fields=["at"])]

    def __str__(self) -> str:
        return f"{self.seq}: {self.from_status} → {self.to_status} ({self.why})"


def rank_of(due: datetime, priority: int) -> datetime:
    """Return what orders claims: a job waits one minute less per priority it has, so nothing starves."""
    return due - priority * AGEING
