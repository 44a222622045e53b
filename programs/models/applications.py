"""A training provider's application: what it says, what it offers, where it stands, and how it came there."""

from collections.abc import Collection

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import random_code, uuid7
from programs import codes

MOST_PROGRAMS = 10
MOST_SITES = 10
MOST_OCCUPATIONS = 3
REFERENCE_BITS = 80
MOST_STUDENTS = 100_000
MOST_CLOCK_HOURS = 100_000


class ApplicationStatus(models.TextChoices):
    """Where an application stands; written by `services.applications.move_application` alone."""

    SUBMITTED = "submitted", "Submitted"
    VALIDATING = "validating", "Validating"
    IN_REVIEW = "in_review", "In review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUBMITTED_TO_STATE = "submitted_to_state", "Submitted to the state"
    STATE_APPROVED = "state_approved", "Approved by the state"
    STATE_DENIED = "state_denied", "Denied by the state"


class EntityType(models.TextChoices):
    """What kind of organization applies."""

    NONPROFIT = "nonprofit", "Nonprofit organization"
    GOVERNMENT = "government", "Government agency"
    WORKFORCE_BOARD = "workforce_board", "Workforce board"
    COMMUNITY_ORGANIZATION = "community_org", "Community organization"
    EDUCATIONAL = "educational", "School, college or university"
    TRAINING_PROVIDER = "training_provider", "Private training provider"
    OTHER = "other", "Other"


def new_reference() -> str:
    """Return a reference that nobody can guess and that tells nothing."""
    code = random_code(REFERENCE_BITS)
    return "-".join(["PA", *(code[start : start + 4] for start in range(0, len(code), 4))])


class CheckedByFields(models.Model):
    """A model whose fields check all that its constraints check, so that a form need not ask the database."""

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Ask nothing: a question for each constraint would lock the whole of SQLite; the table has the last word."""


class Application(CheckedByFields):
    """What an organization asks for, in its newest revision."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(default=uuid7, editable=False, help_text="The program holder it becomes.")
    reference = models.CharField(max_length=22, unique=True, default=new_reference, editable=False)
    status = models.CharField(max_length=20, choices=ApplicationStatus, default=ApplicationStatus.SUBMITTED)
    revision = models.PositiveSmallIntegerField(default=1, help_text="Grows with every correction.")

    legal_name = models.CharField(max_length=200, help_text="As it stands on your IRS letter.")
    doing_business_as = models.CharField(
        "doing business as", max_length=200, blank=True, help_text="The name students know, if it is another one."
    )
    entity_type = models.CharField(
        "type of organization", max_length=20, choices=EntityType, default=EntityType.NONPROFIT
    )
    ein = models.CharField(
        "employer identification number (EIN)",
        max_length=10,
        validators=[
            RegexValidator(
                codes.EIN_PATTERN,
                "Enter nine digits in the form 12-3456789, as on IRS letter CP-575 or 147C.",
                code="ein_format",
            )
        ],
        help_text="Nine digits, as on IRS letter CP-575 or 147C.",
    )
    contact_name = models.CharField("name", max_length=120)
    contact_title = models.CharField("title", max_length=120, blank=True)
    contact_email = models.EmailField("e-mail")
    contact_phone = models.CharField(
        "phone",
        max_length=24,
        validators=[
            RegexValidator(
                codes.PHONE_PATTERN,
                "Enter a ten-digit phone number with area code, for example 317-555-0142.",
                code="phone",
            )
        ],
    )

    mailing_street = models.CharField("street and suite", max_length=200)
    mailing_city = models.CharField("city", max_length=100)
    mailing_state = models.CharField("state", max_length=2, choices=list(codes.STATES.items()), default="IN")
    mailing_zip = models.CharField(
        "ZIP code",
        max_length=10,
        validators=[
            RegexValidator(codes.ZIP_PATTERN, "Enter five digits, or nine as 46204-1234.", code="zip"),
        ],
    )
    site_street = models.CharField("street and suite", max_length=200)
    site_city = models.CharField("city", max_length=100)
    site_state = models.CharField("state", max_length=2, choices=list(codes.STATES.items()), default="IN")
    site_zip = models.CharField(
        "ZIP code",
        max_length=10,
        validators=[
            RegexValidator(codes.ZIP_PATTERN, "Enter five digits, or nine as 46204-1234.", code="zip"),
        ],
    )

    expected_students = models.PositiveIntegerField(
        "students you expect per year",
        validators=[MinValueValidator(1), MaxValueValidator(MOST_STUDENTS)],
        help_text="Over all programs, WIOA-funded or not. A good estimate will do.",
    )
    additional_information = models.TextField("anything else the reviewer should know", max_length=2000, blank=True)
    heard_from = models.CharField("how did you hear about us", max_length=200, blank=True)
    assurances_version = models.CharField(max_length=10, help_text="The wording that was accepted.")
    assurances_accepted_at = models.DateTimeField()

    rejected_reason = models.TextField(blank=True, help_text="What the applicant was told.")
    correction_token_digest = models.CharField(max_length=64, blank=True, editable=False)
    correction_expires_at = models.DateTimeField(null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True, help_text="The newest job that works on it.")
    state_reference = models.CharField(max_length=100, blank=True, help_text="The state's confirmation number.")

    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(default=clock.now, help_text="The newest revision.")
    decided_at = models.DateTimeField(null=True, blank=True, help_text="By our reviewer.")

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(name="application_status_known", condition=Q(status__in=ApplicationStatus.values)),
            models.CheckConstraint(
                name="application_entity_type_known", condition=Q(entity_type__in=EntityType.values)
            ),
            models.CheckConstraint(name="application_ein_format", condition=Q(ein__regex=codes.EIN_PATTERN)),
            models.CheckConstraint(name="application_revision_at_least_1", condition=Q(revision__gte=1)),
            models.CheckConstraint(
                name="application_expects_students",
                condition=Q(expected_students__gte=1, expected_students__lte=MOST_STUDENTS),
            ),
            models.CheckConstraint(
                name="application_rejected_has_reason", condition=~Q(status="rejected") | ~Q(rejected_reason="")
            ),
            models.CheckConstraint(
                name="application_token_only_when_rejected",
                condition=Q(correction_token_digest="", correction_expires_at__isnull=True)
                | Q(status="rejected", correction_expires_at__isnull=False) & ~Q(correction_token_digest=""),
            ),
            models.UniqueConstraint(
                name="application_one_per_token",
                fields=["correction_token_digest"],
                condition=~Q(correction_token_digest=""),
            ),
        ]
        indexes = [
            models.Index(name="application_list", fields=["-submitted_at", "-id"]),
            models.Index(name="application_status_list", fields=["status", "-submitted_at"]),
            models.Index(name="application_ein", fields=["ein"]),
            models.Index(name="application_tenant", fields=["tenant_id"]),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def masked_ein(self) -> str:
        """The EIN with only its last four digits to be read."""
        return codes.masked_ein(self.ein)


class ApplicationProgram(CheckedByFields):
    """A program that the applicant wants to offer."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="programs", db_index=False)
    position = models.PositiveSmallIntegerField()
    title = models.CharField("program title", max_length=200)
    cip_code = models.CharField(
        "CIP code",
        max_length=7,
        validators=[
            RegexValidator(codes.CIP_PATTERN, "Enter six digits in the form 12.0402.", code="cip_format"),
        ],
        help_text="Six digits such as 12.0402, from the 2020 edition.",
    )
    credential = models.CharField(
        "credential", max_length=200, help_text="What a student holds at the end: license, certificate, degree."
    )
    clock_hours = models.PositiveIntegerField(
        "clock hours",
        validators=[MinValueValidator(1), MaxValueValidator(MOST_CLOCK_HOURS)],
        help_text="Of the whole program.",
    )
    cost = models.DecimalField(
        "cost in dollars",
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text="To one student, all fees and books included.",
    )
    soc_codes = models.CharField(
        "occupations",
        max_length=MOST_OCCUPATIONS * 8,
        blank=True,
        default="",
        db_default="",
        validators=[
            RegexValidator(codes.SOC_CODES_PATTERN, "Enter one to three codes in the form 51-4121.", code="soc_format")
        ],
        help_text="By their SOC codes, with a space between them.",
    )
    taught_at = models.CharField(
        max_length=MOST_SITES * 3,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(codes.POSITIONS_PATTERN, "Enter numbers of training sites.", code="taught_at")],
        help_text="Numbers of training sites; none: at all of them.",
    )

    class Meta:
        ordering = ["application", "position"]
        constraints = [
            models.UniqueConstraint(name="application_program_one_per_position", fields=["application", "position"]),
            models.CheckConstraint(
                name="application_program_position", condition=Q(position__gte=1, position__lte=MOST_PROGRAMS)
            ),
            models.CheckConstraint(
                name="application_program_cip_format", condition=Q(cip_code__regex=codes.CIP_PATTERN)
            ),
            models.CheckConstraint(name="application_program_hours_positive", condition=Q(clock_hours__gt=0)),
            models.CheckConstraint(name="application_program_cost_not_negative", condition=Q(cost__gte=0)),
            models.CheckConstraint(
                name="application_program_soc_format",
                condition=Q(soc_codes="") | Q(soc_codes__regex=codes.SOC_CODES_PATTERN),
            ),
            models.CheckConstraint(
                name="application_program_taught_at",
                condition=Q(taught_at="") | Q(taught_at__regex=codes.POSITIONS_PATTERN),
            ),
        ]

    def __str__(self) -> str:
        return self.title
