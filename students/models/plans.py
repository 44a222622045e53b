"""Individual plans: a goal with its steps, signed by the student and by staff, looked at again every 90 days."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from students.models.students import Student


class PlanStatus(models.TextChoices):
    """Where a plan stands; written by `services.plans` alone."""

    DRAFT = "draft", "To be signed"
    ACTIVE = "active", "In force"
    CLOSED = "closed", "Closed"


class IndividualPlan(models.Model):
    """What a student is to reach, and how; nothing of it changes once somebody has signed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="plans", db_index=False)
    status = models.CharField(max_length=6, choices=PlanStatus, default=PlanStatus.DRAFT)
    goal = models.CharField(max_length=300)
    steps = models.TextField(max_length=4000, help_text="A step a line, with the day by which it is to be done.")
    review_on = models.DateField(null=True, blank=True, help_text="By when it is looked at again.")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    written_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["-written_at", "-id"]
        constraints = [
            models.CheckConstraint(name="plan_status_known", condition=Q(status__in=PlanStatus.values)),
            models.UniqueConstraint(name="plan_one_active", fields=["student"], condition=Q(status="active")),
            models.CheckConstraint(
                name="plan_active_has_review", condition=~Q(status="active") | Q(review_on__isnull=False)
            ),
            models.CheckConstraint(
                name="plan_closed_has_reason",
                condition=~Q(status="closed") | Q(closed_at__isnull=False) & ~Q(closed_because=""),
            ),
        ]
        indexes = [
            models.Index(name="plan_of_student", fields=["student", "-written_at"]),
            models.Index(name="plan_to_review", fields=["review_on"], condition=Q(status="active")),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanSignature(models.Model):
    """That one of the two signed the plan as it stands: append-only."""

    class Party(models.TextChoices):
        """Who signs."""

        STUDENT = "student", "Student"
        STAFF = "staff", "Staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(IndividualPlan, models.PROTECT, related_name="signatures", db_index=False)
    party = models.CharField(max_length=7, choices=Party)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=150, help_text="As it was typed.")
    plan_digest = models.CharField(max_length=64, help_text="SHA-256 of the goal and the steps.")
    ip = models.GenericIPAddressField(null=True, blank=True)
    signed_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["plan", "signed_at"]
        constraints = [
            models.UniqueConstraint(name="plan_signature_one_per_party", fields=["plan", "party"]),
            models.UniqueConstraint(name="plan_signature_two_people", fields=["plan", "signer"]),
        ]

    def __str__(self) -> str:
        return f"signature of {self.party}"


class PlanReview(models.Model):
    """That a plan was looked at again, and what was found: append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(IndividualPlan, models.PROTECT, related_name="reviews", db_index=False)
    reviewed_on = models.DateField()
    summary = models.TextField(max_length=2000)
    next_on = models.DateField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        default_permissions = ()
        ordering = ["plan", "-reviewed_on", "-id"]
        constraints = [
            models.CheckConstraint(name="plan_review_looks_ahead", condition=Q(next_on__gt=F("reviewed_on")))
        ]
        indexes = [models.Index(name="plan_review_of_plan", fields=["plan", "-reviewed_on"])]

    def __str__(self) -> str:
        return f"review of {self.reviewed_on}"
