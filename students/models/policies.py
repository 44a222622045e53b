"""What a school rules for a program: attendance, reports of progress, cancelling and refunds. None of it is a rule of WIOA."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from autopilot.identifiers import uuid7
from programs.models import Program

PERCENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class ProgramPolicy(models.Model):
    """The school's own rules for one program, which stand in the agreement that its students sign."""

    program = models.OneToOneField(Program, models.CASCADE, primary_key=True, related_name="policy")
    attendance_percent = models.PositiveSmallIntegerField(
        "least attendance, in percent", validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Of the clock hours. From the school’s catalog or its licensing board; there is no federal figure.",
    )  # fmt: skip
    progress_weeks = models.PositiveSmallIntegerField(
        "weeks between reports of progress", default=1, validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    cancel_days = models.PositiveSmallIntegerField(
        "days to cancel with all money back", help_text="From the day of signing.", validators=[MaxValueValidator(90)]
    )
    refund_policy = models.TextField(
        max_length=2000,
        help_text="As the agreement says it, after “After that:”. Its figures stand in the refund rules.",
    )
    representative = models.CharField("who signs for the school", max_length=150)

    class Meta:
        verbose_name_plural = "program policies"
        ordering = ["program"]
        constraints = [
            models.CheckConstraint(
                name="program_policy_percent", condition=Q(attendance_percent__gte=1, attendance_percent__lte=100)
            ),
            models.CheckConstraint(name="program_policy_weeks", condition=Q(progress_weeks__gte=1)),
        ]

    def __str__(self) -> str:
        return f"policy of {self.program}"


class RefundBasis(models.TextChoices):
    """By what a refund rule counts how far somebody came."""

    DAYS = "days", "Days since the training began"
    PERCENT = "percent", "Percent of the clock hours that were taught"


class RefundRule(models.Model):
    """What part of the tuition is given back to who leaves until some point; the first rule that fits counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="refund_rules", db_index=False)
    basis = models.CharField(max_length=7, choices=RefundBasis)
    up_to = models.DecimalField(
        max_digits=6, decimal_places=2, validators=[MinValueValidator(Decimal(0))],
        help_text="The last day, counted from 0, or the last percent, at which the rule holds.",
    )  # fmt: skip
    refund_percent = models.DecimalField(
        "percent given back", max_digits=5, decimal_places=2, validators=PERCENT, help_text="Of the tuition."
    )
    effective_from = models.DateField(help_text="For enrollments from this day on.")
    effective_to = models.DateField(null=True, blank=True, help_text="To this day; empty: until further notice.")
    source = models.CharField(max_length=200, help_text="Where it is written: the catalog with its page, or a law.")

    class Meta:
        ordering = ["program", "-effective_from", "basis", "up_to"]
        constraints = [
            models.CheckConstraint(name="refund_rule_basis_known", condition=Q(basis__in=RefundBasis.values)),
            models.CheckConstraint(
                name="refund_rule_percent", condition=Q(refund_percent__gte=0, refund_percent__lte=100, up_to__gte=0)
            ),
            models.CheckConstraint(
                name="refund_rule_days_in_order",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
            models.UniqueConstraint(
                name="refund_rule_once", fields=["program", "effective_from", "basis", "up_to"],
                violation_error_message="There is such a rule for this point already.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.refund_percent} % up to {self.up_to} {self.basis}"
