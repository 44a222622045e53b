"""What holders owe the network: charges, the invoices they stand on, what was credited and paid."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models.holders import Holder


class InvoiceStatus(models.TextChoices):
    """Where an invoice stands; written by `services.invoices` alone."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    PAID = "paid", "Paid"
    OVERDUE = "overdue", "Overdue"
    CANCELLED = "cancelled", "Cancelled"


class NumberSeries(models.Model):
    """The last number given in a series such as `INV-202611`: locked while the next is given, so there is no gap."""

    name = models.CharField(primary_key=True, max_length=20)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}-{self.last:04}"


class Invoice(models.Model):
    """A bill to a holder. A draft has no number; once sent, nothing on it changes but its status."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="invoices", db_index=False)
    number = models.CharField(max_length=20, blank=True, help_text="INV-YYYYMM-NNNN, given when it is sent.")
    status = models.CharField(max_length=9, choices=InvoiceStatus, default=InvoiceStatus.DRAFT)
    bill_to = models.TextField(blank=True, help_text="Name and address as they stood when it was sent.")
    tax_percent = models.DecimalField(
        max_digits=5, decimal_places=3, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    subtotal = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    tax = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    total = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal("0.00"))
    settled = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=Decimal("0.00"),
        db_default=0,
        help_text="What was paid and credited of it; raised with each payment and credit note, never above the total.",
    )
    notes = models.TextField(max_length=2000, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("manage_invoice", "Can charge, send and credit invoices, and record payments")]
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="invoice_status_known", condition=Q(status__in=InvoiceStatus.values)),
            models.UniqueConstraint(name="invoice_number_once", fields=["number"], condition=~Q(number="")),
            models.CheckConstraint(
                name="invoice_number_once_sent",
                condition=Q(status__in=["draft", "cancelled"])
                | ~Q(number="") & Q(issued_on__isnull=False, due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="invoice_adds_up", condition=Q(total=F("subtotal") + F("tax"), subtotal__gte=0, tax__gte=0)
            ),
            models.CheckConstraint(
                name="invoice_settled_within_total", condition=Q(settled__gte=0, settled__lte=F("total"))
            ),
            models.CheckConstraint(
                name="invoice_paid_is_settled",
                condition=~Q(status="paid") | Q(settled=F("total"), paid_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="invoice_list", fields=["-created_at", "-id"]),
            models.Index(name="invoice_of_holder", fields=["holder", "-created_at"]),
            models.Index(name="invoice_due", fields=["due_on"], condition=Q(status="sent")),
        ]

    def __str__(self) -> str:
        return self.number or "draft invoice"

    @property
    def balance(self) -> Decimal:
        """What is still to be paid of it: nothing before it is sent, and nothing once it is cancelled."""
        stands = self.status in (InvoiceStatus.SENT, InvoiceStatus.OVERDUE)
        return self.total - self.settled if stands else Decimal("0.00")


class Charge(models.Model):
    """An amount a holder owes; its reference is unique, so that a job that runs twice charges once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="charges", db_index=False)
    reference = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="Quantity times unit price, to the cent.")
    taxable = models.BooleanField(default=False)
    incurred_on = models.DateField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="charges", db_index=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["incurred_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="charge_positive", condition=Q(quantity__gt=0, unit_price__gte=0, amount__gte=0)
            )
        ]
        indexes = [
            models.Index(name="charge_on_invoice", fields=["invoice"], condition=Q(invoice__isnull=False)),
            models.Index(name="charge_to_bill", fields=["holder", "incurred_on"], condition=Q(invoice__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.reference


class CreditNote(models.Model):
    """What takes back part or all of a sent invoice; never more than what it stands for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes", db_index=False)
    number = models.CharField(max_length=20, unique=True, help_text="CRN-YYYYMM-NNNN.")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.TextField(max_length=1000)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    issued_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["invoice", "issued_at"]
        constraints = [models.CheckConstraint(name="credit_note_positive", condition=Q(amount__gt=0))]
        indexes = [models.Index(name="credit_note_on_invoice", fields=["invoice"])]

    def __str__(self) -> str:
        return self.number


class Payment(models.Model):
    """Money a holder has paid on an invoice; its reference is unique."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", db_index=False)
    reference = models.CharField(max_length=120, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    received_on = models.DateField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["invoice", "received_on"]
        constraints = [models.CheckConstraint(name="payment_positive", condition=Q(amount__gt=0))]
        indexes = [models.Index(name="payment_on_invoice", fields=["invoice"])]

    def __str__(self) -> str:
        return self.reference
