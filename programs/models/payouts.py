"""What the network owes holders by the terms of their MOUs, and how it is paid: by a batch that two people answer for."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.encryption import EncryptedTextField
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models.holders import Holder
from programs.models.mous import Mou
from programs.models.programs import Program


class PayoutBatchStatus(models.TextChoices):
    """Where a batch stands; written by `services.payouts` alone."""

    PREPARED = "prepared", "Prepared"
    APPROVED = "approved", "Approved"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Cancelled"


class BankAccount(models.Model):
    """Where a holder is paid. Its numbers stand encrypted; a change puts payouts on hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="bank_accounts", db_index=False)
    account_holder = models.CharField(max_length=150)
    routing_number = EncryptedTextField()
    account_number = EncryptedTextField()
    last_four = models.CharField(max_length=4)
    contact_email = models.EmailField(
        "contact e-mail",
        blank=True,
        db_default="",
        help_text="The holder's contact when it was entered: told of changes.",
    )
    hold_until = models.DateTimeField(null=True, blank=True, help_text="Nothing is paid to it before.")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    entered_at = models.DateTimeField(default=clock.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("reveal_bankaccount", "Can read whole account numbers; each time is recorded")]
        ordering = ["holder", "-entered_at"]
        constraints = [
            models.UniqueConstraint(
                name="bank_account_one_in_use", fields=["holder"], condition=Q(replaced_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"bank account {self.pk}"


class Revenue(models.Model):
    """What a program brought the network, once the funds have cleared: the basis of a holder's share. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="revenues", db_index=False)
    program = models.ForeignKey(Program, models.PROTECT, related_name="revenues", db_index=False)
    reference = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300)
    gross = models.DecimalField(max_digits=12, decimal_places=2)
    costs = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"), help_text="Taken off first.")
    cleared_on = models.DateField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "revenue"
        ordering = ["-cleared_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="revenue_costs_within_gross", condition=Q(gross__gt=0, costs__gte=0, costs__lte=F("gross"))
            )
        ]
        indexes = [models.Index(name="revenue_of_holder", fields=["holder", "-cleared_on"])]

    def __str__(self) -> str:
        return self.reference

    @property
    def net(self) -> Decimal:
        """What is shared: gross less costs."""
        return self.gross - self.costs


class Earning(models.Model):
    """An amount the network owes a holder by its MOU; its reference is unique, and one payout at most pays it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="earnings", db_index=False)
    mou = models.ForeignKey(Mou, models.PROTECT, related_name="earnings", db_index=False)
    reference = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300)
    basis = models.DecimalField(max_digits=12, decimal_places=2, help_text="Net revenue, months or students.")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    earned_on = models.DateField()
    payout = models.ForeignKey("Payout", models.PROTECT, null=True, blank=True, related_name="earnings", db_index=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["earned_on", "id"]
        constraints = [models.CheckConstraint(name="earning_not_negative", condition=Q(amount__gte=0))]
        indexes = [
            models.Index(name="earning_of_holder", fields=["holder", "earned_on"]),
            models.Index(name="earning_to_pay", fields=["holder", "earned_on"], condition=Q(payout__isnull=True)),
            models.Index(name="earning_of_payout", fields=["payout"], condition=Q(payout__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.reference


class PayoutBatch(models.Model):
    """Payouts that are approved and paid together; who approves is not who prepared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="PAY-YYYYMM-NNNN.")
    status = models.CharField(max_length=9, choices=PayoutBatchStatus, default=PayoutBatchStatus.PREPARED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField(default=clock.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    payment_reference = models.CharField(max_length=120, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.TextField(blank=True, db_default="")

    class Meta:
        verbose_name_plural = "payout batches"
        permissions = [
            ("prepare_payoutbatch", "Can prepare payouts"),
            ("approve_payoutbatch", "Can approve payouts that somebody else prepared"),
        ]
        ordering = ["-prepared_at", "-id"]
        constraints = [
            models.CheckConstraint(name="payout_batch_status_known", condition=Q(status__in=PayoutBatchStatus.values)),
            models.CheckConstraint(
                name="payout_batch_four_eyes",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="payout_batch_approved_by_somebody",
                condition=~Q(status__in=["approved", "paid"]) | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Payout(models.Model):
    """An amount paid, or to be paid, to one holder; never above what it is owed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="payouts", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="payouts", db_index=False)
    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="payouts", db_index=False)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, help_text="The remittance."
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["batch", "holder"]
        constraints = [
            models.CheckConstraint(name="payout_positive", condition=Q(amount__gt=Decimal(0))),
            models.UniqueConstraint(name="payout_once_per_batch", fields=["batch", "holder"]),
        ]
        indexes = [models.Index(name="payout_of_holder", fields=["holder", "-created_at"])]

    def __str__(self) -> str:
        return f"payout {self.pk}"
