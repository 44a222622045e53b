"""Cohorts of students, the rule by which they meet, and each meeting."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.calendars import WEEKDAYS
from programs.models.holders import Site
from programs.models.programs import Program


class CohortStatus(models.TextChoices):
    """Where a cohort stands; written by `services.cohorts.move_cohort` alone."""

    PLANNED = "planned", "Planned"
    OPEN = "open", "Open for enrollment"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class Cohort(models.Model):
    """A group of students who take a program together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="cohorts", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="cohorts", db_index=False)
    name = models.CharField(max_length=80)
    status = models.CharField(max_length=9, choices=CohortStatus, default=CohortStatus.PLANNED)
    starts_on = models.DateField()
    ends_on = models.DateField()
    capacity = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    time_zone = models.CharField(max_length=40, default="America/New_York")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(name="cohort_status_known", condition=Q(status__in=CohortStatus.values)),
            models.CheckConstraint(name="cohort_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="cohort_capacity_positive", condition=Q(capacity__gte=1)),
            models.UniqueConstraint(name="cohort_one_per_name", fields=["program", "name"]),
        ]
        indexes = [models.Index(name="cohort_by_start", fields=["program", "-starts_on"])]

    def __str__(self) -> str:
        return self.name


class SessionRule(models.Model):
    """When a cohort meets, week by week: its sessions are made of it."""

    id = models.BigAutoField(primary_key=True)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="rules", db_index=False)
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday, 6 is Sunday.")
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        ordering = ["cohort", "weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(name="session_rule_weekday", condition=Q(weekday__gte=0, weekday__lte=6)),
            models.CheckConstraint(name="session_rule_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(name="session_rule_once", fields=["cohort", "weekday", "starts_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts_at}"

    @property
    def day(self) -> str:
        """The name of its day."""
        return WEEKDAYS[self.weekday]


class Session(models.Model):
    """One meeting of a cohort, in the cohort's own time zone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="sessions", db_index=False)
    date = models.DateField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    hours = models.DecimalField(max_digits=4, decimal_places=2, help_text="What it counts for.")
    rule_date = models.DateField(
        null=True, blank=True, editable=False, help_text="The day its weekly rule named; empty: it was added by hand."
    )
    rule_starts_at = models.TimeField(null=True, blank=True, editable=False)
    topic = models.CharField(max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True, help_text="Its attendance is closed.")

    class Meta:
        ordering = ["cohort", "date", "starts_at"]
        constraints = [
            models.UniqueConstraint(name="session_once", fields=["cohort", "date", "starts_at"]),
            models.CheckConstraint(name="session_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="session_hours", condition=Q(hours__gt=0, hours__lte=24)),
            models.UniqueConstraint(
                name="session_once_per_rule",
                fields=["cohort", "rule_date", "rule_starts_at"],
                condition=Q(rule_date__isnull=False),
            ),
        ]
        indexes = [models.Index(name="session_by_date", fields=["date"])]

    def __str__(self) -> str:
        return f"{self.date} {self.starts_at}"

    @property
    def is_moved(self) -> bool:
        """Whether its weekly rule had named another day or hour."""
        named = (self.rule_date, self.rule_starts_at)
        return self.rule_date is not None and named != (self.date, self.starts_at)
