"""What a holder or a program must prove, as data that staff edit, and what was uploaded as proof."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models.applications import EntityType
from programs.models.holders import Holder
from programs.models.programs import Program

REMINDER_DAYS = [60, 30, 15, 7, 1]


def default_reminder_days() -> list[int]:
    """Return the days before an expiry at which everybody is reminded, unless staff say otherwise."""
    return list(REMINDER_DAYS)


def check_entity_types(value: object) -> None:
    """Raise ValidationError unless a value is a list of types of organization."""
    if not isinstance(value, list) or not set(map(str, value)) <= set(EntityType.values):
        raise ValidationError(f"Give a list of types of organization: {', '.join(EntityType.values)}.")


def check_days(value: object) -> None:
    """Raise ValidationError unless a value is a list of whole days, 1 to 365."""
    if not isinstance(value, list) or not all(type(each) is int and 1 <= each <= 365 for each in value):
        raise ValidationError("Give a list of whole days, each 1 to 365, as [60, 30, 15, 7, 1].")


class RequirementStatus(models.TextChoices):
    """Where one requirement of one holder stands; written by `services.requirements` alone."""

    MISSING = "missing", "Missing"
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"


class RequirementType(models.Model):
    """One thing to be proven, of whom, and from when to when it is asked for."""

    class Group(models.TextChoices):
        """The three parts of the checklist."""

        BUSINESS = "business", "Business"
        PROGRAM = "program", "Program"
        COMPLIANCE = "compliance", "Compliance"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    group = models.CharField(max_length=10, choices=Group)
    instructions = models.TextField(blank=True, help_text="What to upload, and what the reviewer looks for.")
    source = models.CharField(max_length=300, blank=True, help_text="The law or policy that asks for it.")
    entity_types = models.JSONField(
        default=list, blank=True, validators=[check_entity_types], help_text="Asked of these; an empty list: of all."
    )
    per_program = models.BooleanField(default=False, help_text="Asked once for each program.")
    required = models.BooleanField(default=True, help_text="Without it a holder does not become active.")
    expires = models.BooleanField(default=False, help_text="Its proof carries a date of expiry.")
    reminder_days = models.JSONField(
        default=default_reminder_days, blank=True, validators=[check_days], help_text="Days before the expiry."
    )
    position = models.PositiveSmallIntegerField(default=100)
    effective_from = models.DateField(help_text="Asked for from this day on.")
    effective_to = models.DateField(null=True, blank=True, help_text="Last day on which it is asked for.")

    class Meta:
        ordering = ["group", "position", "slug"]
        constraints = [
            models.CheckConstraint(name="requirement_type_dates", condition=Q(effective_to__isnull=True)
                | Q(effective_to__gte=models.F("effective_from"))),
            models.UniqueConstraint(name="requirement_type_one_open", fields=["slug"],
                condition=Q(effective_to__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Requirement(models.Model):
    """One requirement of one holder, or of one of its programs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="requirements", db_index=False)
    type = models.ForeignKey(RequirementType, models.PROTECT, related_name="requirements", db_index=False)
    program = models.ForeignKey(
        Program, models.CASCADE, null=True, blank=True, related_name="requirements", db_index=False
    )
    status = models.CharField(max_length=9, choices=RequirementStatus, default=RequirementStatus.MISSING)
    expires_on = models.DateField(null=True, blank=True, help_text="Last day on which the proof is good.")
    remark = models.TextField(blank=True, help_text="What the reviewer said, for the holder to read.")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        permissions = [("review_requirement", "Can accept and reject what holders upload")]
        ordering = ["holder", "type", "id"]
        constraints = [
            models.CheckConstraint(name="requirement_status_known", condition=Q(status__in=RequirementStatus.values)),
            models.UniqueConstraint(
                name="requirement_once_per_holder", fields=["holder", "type"], condition=Q(program__isnull=True)
            ),
            models.UniqueConstraint(
                name="requirement_once_per_program", fields=["program", "type"], condition=Q(program__isnull=False)
            ),
            models.CheckConstraint(
                name="requirement_rejected_has_remark", condition=~Q(status="rejected") | ~Q(remark="")
            ),
        ]
        indexes = [
            models.Index(
                name="requirement_expiry",
                fields=["expires_on"],
                condition=Q(status="accepted", expires_on__isnull=False),
            ),
            models.Index(name="requirement_to_review", fields=["created_at"], condition=Q(status="submitted")),
        ]

    def __str__(self) -> str:
        return f"requirement {self.pk}"


class RequirementUpload(models.Model):
    """A file given as proof. What is replaced stays: `replaced_at` says until when it stood."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="uploads", db_index=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["requirement", "uploaded_at"]
        indexes = [models.Index(name="requirement_upload_by_row", fields=["requirement", "uploaded_at"])]

    def __str__(self) -> str:
        return self.file_name


class RequirementReminder(models.Model):
    """That somebody was reminded of an expiry: once for each date and distance."""

    id = models.BigAutoField(primary_key=True)
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="reminders", db_index=False)
    expires_on = models.DateField()
    days = models.PositiveSmallIntegerField(help_text="How many days before the expiry it was due; 0 when it expired.")
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["requirement", "-sent_at"]
        constraints = [
            models.UniqueConstraint(name="requirement_reminder_once", fields=["requirement", "expires_on", "days"])
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.expires_on}"
