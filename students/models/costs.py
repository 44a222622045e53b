"""What is spent on a student: training on an Individual Training Account, and supportive services."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from students.models.students import Enrollment, Student


def sum_of_money(help_text: str) -> "models.DecimalField[Decimal, Decimal]":
    """Return a column for a running sum in dollars."""
    return models.DecimalField(
        max_digits=10, decimal_places=2, default=Decimal("0.00"), editable=False, help_text=help_text
    )


class TrainingAccount(models.Model):
    """An ITA: what was obligated for one enrollment, and what became of it; the sums can never cross."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, related_name="account")
    number = models.CharField(max_length=40, unique=True, help_text="As the local board knows it.")
    limit = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True,
        help_text="The local board’s limit; empty where it is not known. Confirm it with your board.",
    )  # fmt: skip
    obligated = sum_of_money("Set aside for this training.")
    vouchered = sum_of_money("Billed to the board.")
    paid = sum_of_money("Paid by the board.")
    refunded = sum_of_money("Given back to the board.")
    opened_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "training account"
        default_permissions = ("view",)
        permissions = [("manage_trainingaccount", "Can open training accounts and enter what is spent")]
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="training_account_in_order",
                condition=Q(refunded__gte=0, refunded__lte=F("paid"), paid__lte=F("vouchered"), vouchered__lte=F("obligated")),
            ),
            models.CheckConstraint(
                name="training_account_within_limit", condition=Q(limit=None) | Q(obligated__lte=F("limit"))
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class CostKind(models.TextChoices):
    """What an entry does to an account."""

    OBLIGATION = "obligation", "Obligation"
    VOUCHER = "voucher", "Voucher"
    PAYMENT = "payment", "Payment"
    REFUND = "refund", "Refund"


class CostEntry(models.Model):
    """One step of an account: append-only. The same reference is the same entry."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(TrainingAccount, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=10, choices=CostKind)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    reference = models.CharField(max_length=120)
    on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["account", "entered_at", "id"]
        constraints = [
            models.UniqueConstraint(name="cost_entry_once", fields=["account", "kind", "reference"]),
            models.CheckConstraint(name="cost_entry_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="cost_entry_kind_known", condition=Q(kind__in=CostKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class SupportKind(models.TextChoices):
    """What helps somebody to train (29 USC 3102(59))."""

    TRANSPORTATION = "transportation", "Transportation"
    CHILD_CARE = "child_care", "Child or dependent care"
    HOUSING = "housing", "Housing"
    TOOLS = "tools", "Tools, uniforms and work clothes"
    FEES = "fees", "Exam, license and record fees"
    NEEDS = "needs", "Needs-related payment"
    OTHER = "other", "Other"


class SupportiveService(models.Model):
    """One supportive service; it never extends a period of participation (20 CFR 677.150(c)). Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="supportive_services", db_index=False)
    kind = models.CharField(max_length=14, choices=SupportKind)
    description = models.CharField(max_length=300)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    provided_on = models.DateField()
    reference = models.CharField(max_length=120, unique=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-provided_on", "-id"]
        constraints = [
            models.CheckConstraint(name="supportive_service_amount", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="supportive_service_kind_known", condition=Q(kind__in=SupportKind.values)),
        ]
        indexes = [models.Index(name="supportive_service_of", fields=["student", "-provided_on"])]

    def __str__(self) -> str:
        return f"supportive service {self.pk}"
