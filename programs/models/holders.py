"""Program holders: the organizations that train for the network. A holder is the tenant of all that belongs to it."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs import codes
from programs.models.applications import Application, EntityType


class HolderStatus(models.TextChoices):
    """Where a holder stands; written by `services.holders.move_holder` alone."""

    ONBOARDING = "onboarding", "Onboarding"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    TERMINATED = "terminated", "Terminated"


class Holder(models.Model):
    """An organization whose application was approved. Its id is the `tenant_id` of its application and of all its rows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, blank=True, related_name="holder", help_text="What it was approved by."
    )
    status = models.CharField(max_length=10, choices=HolderStatus, default=HolderStatus.ONBOARDING)

    legal_name = models.CharField(max_length=200)
    doing_business_as = models.CharField(
        "doing business as", max_length=200, blank=True, help_text="The name students know, if it is another one."
    )
    entity_type = models.CharField("type of organization", max_length=20, choices=EntityType)
    ein = models.CharField(
        "employer identification number (EIN)", max_length=10, validators=[RegexValidator(codes.EIN_PATTERN)]
    )
    contact_name = models.CharField(max_length=120)
    contact_title = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField("contact e-mail")
    contact_phone = models.CharField(max_length=24)
    website = models.URLField(blank=True)
    description = models.TextField(max_length=4000, blank=True, help_text="For the public catalog.")
    accreditation = models.CharField(max_length=200, blank=True)
    state_authority = models.CharField(
        max_length=200, blank=True, help_text="Who licenses or approves it in its state, with its number."
    )
    established_on = models.DateField(null=True, blank=True)

    onboarding_step = models.PositiveSmallIntegerField(default=1, help_text="Where the wizard goes on: 1 to 4.")
    onboarded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        permissions = [("control_holder", "Can activate, suspend and terminate holders")]
        ordering = ["legal_name", "id"]
        constraints = [
            models.CheckConstraint(name="holder_status_known", condition=Q(status__in=HolderStatus.values)),
            models.CheckConstraint(name="holder_entity_type_known", condition=Q(entity_type__in=EntityType.values)),
            models.CheckConstraint(name="holder_ein_format", condition=Q(ein__regex=codes.EIN_PATTERN)),
            models.CheckConstraint(
                name="holder_onboarding_step", condition=Q(onboarding_step__gte=1, onboarding_step__lte=4)
            ),
        ]
        indexes = [
            models.Index(name="holder_list", fields=["legal_name", "id"]),
            models.Index(name="holder_status_list", fields=["status", "legal_name"]),
            models.Index(name="holder_ein", fields=["ein"]),
        ]

    def __str__(self) -> str:
        return self.doing_business_as or self.legal_name

    @property
    def masked_ein(self) -> str:
        """The EIN with only its last four digits to be read."""
        return codes.masked_ein(self.ein)


class Site(models.Model):
    """A place where a holder trains."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="sites", db_index=False)
    name = models.CharField(max_length=120)
    street = models.CharField("street and suite", max_length=200)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=2, choices=list(codes.STATES.items()), default="IN")
    zip = models.CharField(
        "ZIP code",
        max_length=10,
        validators=[RegexValidator(codes.ZIP_PATTERN, "Enter five digits, or nine as 46204-1234.", code="zip")],
    )
    accessibility = models.CharField(max_length=300, blank=True, help_text="What a person with a disability finds.")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["holder", "name"]
        constraints = [
            models.UniqueConstraint(name="site_one_per_name", fields=["holder", "name"]),
            models.CheckConstraint(name="site_zip_format", condition=Q(zip__regex=codes.ZIP_PATTERN)),
        ]

    def __str__(self) -> str:
        return self.name


class HolderStatusChange(models.Model):
    """One step in a holder's life: append-only."""

    id = models.BigAutoField(primary_key=True)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="status_changes", db_index=False)
    from_status = models.CharField(max_length=10, choices=HolderStatus, blank=True)
    to_status = models.CharField(max_length=10, choices=HolderStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["holder", "id"]
        indexes = [models.Index(name="holder_change_by_row", fields=["holder", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
