"""Milestones: what the students of a program must have done, from which day on, and who has recorded that they did."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models import Program
from students.models.students import Enrollment


class Milestone(models.Model):
    """A step of a program. It holds for those whose training begins within its days, and never changes for them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="milestones", db_index=False)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=1000, blank=True, help_text="What counts as having done it.")
    required = models.BooleanField(default=True, help_text="No certificate is issued without it.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place in the list, from 1.")
    effective_from = models.DateField(help_text="It holds for training that begins on this day or later.")
    effective_to = models.DateField(
        null=True, blank=True, help_text="The last such day; empty while it holds for everybody who begins."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        permissions = [("control_milestone", "Can add and end the milestones of programs")]
        ordering = ["program", "position", "title", "id"]
        constraints = [
            models.CheckConstraint(
                name="milestone_ends_after_start",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            models.UniqueConstraint(
                name="milestone_title_once", fields=["program", "title"], condition=Q(effective_to__isnull=True)
            ),
        ]
        indexes = [models.Index(name="milestone_of_program", fields=["program", "position"])]

    def __str__(self) -> str:
        return self.title


class MilestoneCompletion(models.Model):
    """That a student has done a milestone: never changed, and withdrawn with a reason when it was a mistake."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="milestones", db_index=False)
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="completions")
    completed_on = models.DateField()
    evidence = models.TextField(max_length=500, help_text="What shows it, such as an exam's score sheet.")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    actor_label = models.CharField(max_length=150, blank=True)
    recorded_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["enrollment", "milestone__position", "recorded_at"]
        constraints = [
            models.UniqueConstraint(
                name="milestone_completion_once",
                fields=["enrollment", "milestone"],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="milestone_completion_has_evidence", condition=~Q(evidence="")),
        ]
        indexes = [models.Index(name="milestone_completion_by_row", fields=["enrollment", "recorded_at"])]

    def __str__(self) -> str:
        return f"completion {self.pk}"


class MilestoneWithdrawal(models.Model):
    """Why a completion no longer counts: append-only."""

    completion = models.OneToOneField(MilestoneCompletion, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField(max_length=1000)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.CheckConstraint(name="milestone_withdrawal_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"withdrawal of {self.completion_id}"
