"""Workers: the configuration of each family of kinds, and its schedules."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.models.jobs import Job


class Worker(models.Model):
    """A family of kinds, and what an operator may change about it while it runs."""

    class Pause(models.TextChoices):
        """How a paused worker treats the jobs that already run."""

        NONE = "", "Runs"
        DRAIN = "drain", "Paused: running jobs finish"
        STOP = "stop", "Paused: running jobs stop at their next step"

    name = models.CharField(max_length=40, primary_key=True)
    description = models.CharField(max_length=200, blank=True)
    enabled = models.BooleanField(default=True, editable=False)
    pause = models.CharField(max_length=5, choices=Pause, blank=True, editable=False)
    pause_reason = models.CharField(max_length=200, blank=True, editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    concurrency = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many of its jobs may run at once; empty: as many as there are processes."
    )
    max_attempts = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Executions of a job before it fails; empty: as its handler says."
    )
    retry_base_seconds = models.PositiveIntegerField(
        default=10, help_text="Wait after the first failure; then doubled."
    )
    retry_cap_seconds = models.PositiveIntegerField(default=3600, help_text="Longest wait between two attempts.")
    review_quorum = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Fewest people who must approve; empty: as its handlers say."
    )
    review_due_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hours within which a review is promised; empty: as its handlers say."
    )
    alert_failed = models.PositiveIntegerField(
        null=True, blank=True, help_text="Alert at more failures than this in an hour; empty: as the settings say."
    )
    alert_depth = models.PositiveIntegerField(
        null=True, blank=True, help_text="Alert at more due jobs than this; empty: as the settings say."
    )
    alert_run_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Alert when a run takes longer than this; empty: as the settings say."
    )

    class Meta:
        ordering = ["name"]
        permissions = [("control_worker", "Can pause and resume workers")]
        constraints = [
            models.CheckConstraint(
                name="worker_pause_matches_enabled",
                condition=Q(enabled=True, pause="") | Q(enabled=False, pause__in=("drain", "stop")),
            ),
            models.CheckConstraint(
                name="worker_concurrency_at_least_1", condition=Q(concurrency__isnull=True) | Q(concurrency__gte=1)
            ),
            models.CheckConstraint(
                name="worker_max_attempts_at_least_1", condition=Q(max_attempts__isnull=True) | Q(max_attempts__gte=1)
            ),
            models.CheckConstraint(
                name="worker_review_quorum_at_least_1",
                condition=Q(review_quorum__isnull=True) | Q(review_quorum__gte=1),
            ),
            models.CheckConstraint(
                name="worker_review_due_at_least_1_hour",
                condition=Q(review_due_hours__isnull=True) | Q(review_due_hours__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """A kind that is enqueued by the calendar of a time zone."""

    name = models.CharField(max_length=100, unique=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="schedules")
    kind = models.CharField(max_length=100)
    payload = models.JSONField(default=dict, blank=True)
    cron = models.CharField(max_length=100, help_text="Minute, hour, day of month (L: the last), month, day of week.")
    time_zone = models.CharField(max_length=50, default="America/New_York")
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_slot = models.DateTimeField(null=True, blank=True, editable=False, help_text="The time it was due at.")
    last_job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    problem = models.TextField(blank=True, editable=False, help_text="Why it could not run.")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(name="schedule_due", fields=["next_run_at"], condition=Q(enabled=True))]

    def __str__(self) -> str:
        return self.name
