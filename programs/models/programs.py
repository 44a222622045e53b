"""What holders offer: programs, with all that a state's list of eligible providers and the public catalog ask for."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs import codes
from programs.models.holders import Holder, Site


class ProgramStatus(models.TextChoices):
    """Where a program stands; written by `services.programs.move_program` alone."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    RETIRED = "retired", "Retired"


class ProgramType(models.TextChoices):
    """The field it trains for."""

    HEALTHCARE = "healthcare", "Healthcare"
    SKILLED_TRADES = "skilled_trades", "Skilled trades"
    TECHNOLOGY = "technology", "Technology"
    BUSINESS = "business", "Business"
    BEAUTY = "beauty", "Beauty"
    TRANSPORTATION = "transportation", "Transportation"
    OTHER = "other", "Other"


class Delivery(models.TextChoices):
    """How it is taught."""

    IN_PERSON = "in_person", "In person"
    HYBRID = "hybrid", "Hybrid"
    ONLINE = "online", "Online"


class CredentialType(models.TextChoices):
    """What a student holds at the end."""

    LICENSE = "license", "License"
    CERTIFICATION = "certification", "Industry certification"
    CERTIFICATE = "certificate", "Certificate of completion"
    DEGREE = "degree", "Degree"
    NONE = "none", "None"


def money(name: str, help_text: str = "") -> "models.DecimalField[Decimal, Decimal]":
    """Return a column for an amount in dollars that is never negative."""
    return models.DecimalField(
        name,
        max_digits=10,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0))],
        help_text=help_text,
    )


class Program(models.Model):
    """A course of training that a holder offers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="programs", db_index=False)
    slug = models.SlugField(max_length=80, unique=True, help_text="Its address in the public catalog.")
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=4000, blank=True)
    type = models.CharField("program type", max_length=14, choices=ProgramType, default=ProgramType.OTHER)
    status = models.CharField(max_length=9, choices=ProgramStatus, default=ProgramStatus.DRAFT)

    cip_code = models.CharField(
        "CIP code",
        max_length=7,
        validators=[RegexValidator(codes.CIP_PATTERN, "Enter six digits in the form 12.0402.", code="cip_format")],
        help_text="Six digits such as 12.0402, from the 2020 edition.",
    )
    credential = models.CharField(max_length=200, help_text="What a student holds at the end, by its name.")
    credential_type = models.CharField(max_length=13, choices=CredentialType, default=CredentialType.CERTIFICATE)
    credential_issuer = models.CharField(max_length=200, blank=True)
    approving_agency = models.CharField(max_length=200, blank=True, help_text="Who approves it, with the number.")
    leads_to_license = models.BooleanField(default=False)

    delivery = models.CharField(max_length=9, choices=Delivery, default=Delivery.IN_PERSON)
    clock_hours = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(100_000)])
    weeks = models.PositiveSmallIntegerField("length in weeks", validators=[MinValueValidator(1)], default=1)
    capacity = models.PositiveSmallIntegerField("students per cohort", validators=[MinValueValidator(1)], default=20)
    prerequisites = models.TextField(max_length=2000, blank=True)
    languages = models.CharField(max_length=200, default="English")
    evening = models.BooleanField("evening or weekend classes", default=False)
    childcare = models.BooleanField(default=False)
    in_demand_proof = models.TextField("proof that the occupation is in demand", max_length=2000, blank=True)
    instructions = models.TextField("instructions for students", max_length=4000, blank=True)
    attendance_percent = models.PositiveSmallIntegerField(
        "least attendance in percent", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Of the clock hours; it stands in the enrollment agreement.",
    )  # fmt: skip
    cancel_days = models.PositiveSmallIntegerField(
        "days to cancel with all money back", null=True, blank=True, validators=[MaxValueValidator(365)],
        help_text="After signing the enrollment agreement.",
    )  # fmt: skip
    refund_policy = models.TextField(
        max_length=2000, blank=True, db_default="", help_text="What is given back after those days."
    )
    syllabus = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    sites = models.ManyToManyField(Site, blank=True, related_name="programs")

    tuition = money("tuition")
    fees = money("fees")
    books = money("books")
    supplies = money("tools and supplies")
    other_costs = money("other costs")

    listed = models.BooleanField(default=False, help_text="Shown in the public catalog once it is approved.")
    review_remark = models.TextField(blank=True, help_text="What the reviewer said, for the holder to read.")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("review_program", "Can approve and return programs")]
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(name="program_status_known", condition=Q(status__in=ProgramStatus.values)),
            models.CheckConstraint(name="program_cip_format", condition=Q(cip_code__regex=codes.CIP_PATTERN)),
            models.CheckConstraint(name="program_hours_positive", condition=Q(clock_hours__gt=0)),
            models.CheckConstraint(
                name="program_costs_not_negative",
                condition=Q(tuition__gte=0, fees__gte=0, books__gte=0, supplies__gte=0, other_costs__gte=0),
            ),
            models.CheckConstraint(
                name="program_approved_has_time",
                condition=~Q(status__in=["approved", "retired"]) | Q(approved_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="program_of_holder", fields=["holder", "title"]),
            models.Index(name="program_catalog", fields=["title", "id"], condition=Q(status="approved", listed=True)),
            models.Index(name="program_to_review", fields=["created_at"], condition=Q(status="in_review")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def cost(self) -> Decimal:
        """What it costs one student in all, in dollars."""
        return self.tuition + self.fees + self.books + self.supplies + self.other_costs


class ProgramOccupation(models.Model):
    """An occupation a program trains for, by its SOC 2018 code."""

    id = models.BigAutoField(primary_key=True)
    program = models.ForeignKey(Program, models.CASCADE, related_name="occupations", db_index=False)
    soc_code = models.CharField(
        "SOC code",
        max_length=7,
        validators=[RegexValidator(codes.SOC_PATTERN, "Enter six digits in the form 31-1131.", code="soc_format")],
    )

    class Meta:
        ordering = ["program", "soc_code"]
        constraints = [
            models.UniqueConstraint(name="program_occupation_once", fields=["program", "soc_code"]),
            models.CheckConstraint(name="program_occupation_format", condition=Q(soc_code__regex=codes.SOC_PATTERN)),
        ]

    def __str__(self) -> str:
        return self.soc_code
