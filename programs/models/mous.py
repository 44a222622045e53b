"""Memoranda of understanding: the terms between the network and a holder, and the evidence that both signed them."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models.holders import Holder


class MouStatus(models.TextChoices):
    """Where an MOU stands; written by `services.mous.move_mou` alone."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    SIGNED_BY_HOLDER = "signed_by_holder", "Signed by the holder"
    EXECUTED = "executed", "Executed"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Expired"
    TERMINATED = "terminated", "Terminated"


TONES: dict[str, str] = {
    MouStatus.DRAFT: "draft",
    MouStatus.SENT: "waiting",
    MouStatus.SIGNED_BY_HOLDER: "processing",
    MouStatus.EXECUTED: "done",
    MouStatus.DECLINED: "rejected",
    MouStatus.EXPIRED: "expired",
    MouStatus.TERMINATED: "cancelled",
}


class Compensation(models.TextChoices):
    """By what the holder is paid."""

    SHARE = "share", "Share of net program revenue"
    FLAT = "flat", "Flat amount per month"
    PER_STUDENT = "per_student", "Amount per student"


class Mou(models.Model):
    """One version of the memorandum of understanding with a holder; an amendment is the next version."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="mous", db_index=False)
    version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16, choices=MouStatus, default=MouStatus.DRAFT)

    compensation = models.CharField(max_length=11, choices=Compensation, default=Compensation.SHARE)
    share = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text="Percent of net program revenue.",
    )
    amount = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Dollars per month, or per student.",
    )
    payment_days = models.PositiveSmallIntegerField(default=30, help_text="Days in which the holder is paid.")
    effective_on = models.DateField(null=True, blank=True, help_text="Day of the last signature, unless it is later.")
    expires_on = models.DateField(null=True, blank=True, help_text="Last day on which it is in force.")

    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", help_text="What was sent to be signed."
    )
    executed_document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", help_text="Signed by both, and sealed."
    )
    reason = models.TextField(blank=True, help_text="Why it was declined or terminated.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    executed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "MOU"
        permissions = [
            ("sign_mou", "Can sign an MOU for the network"),
            ("prepare_mou", "Can prepare, send and end MOUs"),
        ]
        ordering = ["holder", "-version"]
        constraints = [
            models.CheckConstraint(name="mou_status_known", condition=Q(status__in=MouStatus.values)),
            models.UniqueConstraint(name="mou_one_per_version", fields=["holder", "version"]),
            models.UniqueConstraint(name="mou_one_executed", fields=["holder"], condition=Q(status="executed")),
            models.UniqueConstraint(
                name="mou_one_open", fields=["holder"], condition=Q(status__in=["draft", "sent", "signed_by_holder"])
            ),
            models.CheckConstraint(
                name="mou_compensation_has_its_term",
                condition=Q(compensation="share", share__gte=0, share__lte=100, amount__isnull=True)
                | Q(compensation__in=["flat", "per_student"], amount__gte=0, share__isnull=True),
                violation_error_message="A share needs a percentage and no amount; the others need an amount.",
            ),
            models.CheckConstraint(
                name="mou_sent_has_document",
                condition=Q(status__in=["draft", "declined", "expired", "terminated"]) | Q(document__isnull=False),
            ),
            models.CheckConstraint(
                name="mou_executed_has_document",
                condition=~Q(status="executed")
                | Q(executed_document__isnull=False, executed_at__isnull=False, effective_on__isnull=False),
            ),
        ]
        indexes = [models.Index(name="mou_status_list", fields=["status", "-created_at"])]

    def __str__(self) -> str:
        return f"MOU {self.version} of {self.holder_id}"

    @property
    def tone(self) -> str:
        """The class that gives its status color and sign."""
        return TONES[self.status]


class Signature(models.Model):
    """Evidence that one party signed exactly these bytes: append-only, and chained by hash."""

    class Party(models.TextChoices):
        """For whom somebody signed."""

        HOLDER = "holder", "Program holder"
        NETWORK = "network", "Network"

    class Method(models.TextChoices):
        """How it was signed."""

        CLICK = "click", "Clicked to sign"
        PAPER = "paper", "Signed on paper, uploaded"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mou = models.ForeignKey(Mou, models.PROTECT, related_name="signatures", db_index=False)
    party = models.CharField(max_length=7, choices=Party)
    method = models.CharField(max_length=5, choices=Method, default=Method.CLICK)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=150, help_text="As the signer typed it.")
    title = models.CharField(max_length=150)
    email = models.EmailField("verified e-mail")
    consent_version = models.CharField(max_length=20)
    consent_digest = models.CharField(max_length=64, help_text="SHA-256 of the consent text that was shown.")
    document_sha256 = models.CharField(max_length=64, help_text="Of the exact bytes that were shown.")
    paper = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", help_text="The scan, if signed on paper."
    )
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    signed_at = models.DateTimeField(default=clock.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["mou", "signed_at"]
        constraints = [
            models.UniqueConstraint(name="signature_one_per_party", fields=["mou", "party"]),
            models.CheckConstraint(name="signature_party_known", condition=Q(party__in=["holder", "network"])),
            models.CheckConstraint(
                name="signature_paper_has_scan", condition=Q(method="click") | Q(method="paper", paper__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"signature of {self.party} on {self.mou_id}"


class MouStatusChange(models.Model):
    """One step in an MOU's life: append-only."""

    id = models.BigAutoField(primary_key=True)
    mou = models.ForeignKey(Mou, models.CASCADE, related_name="status_changes", db_index=False)
    from_status = models.CharField(max_length=16, choices=MouStatus, blank=True)
    to_status = models.CharField(max_length=16, choices=MouStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["mou", "id"]
        indexes = [models.Index(name="mou_change_by_row", fields=["mou", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class MouEvidence(models.Model):
    """One link in the chain of what happened on the way to the signatures: append-only.

    Each link holds the hash of the one before it, so that a missing or altered one shows.
    """

    id = models.BigAutoField(primary_key=True)
    mou = models.ForeignKey(Mou, models.PROTECT, related_name="evidence", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="From 1, without gaps.")
    deed = models.CharField(max_length=40)
    facts = models.JSONField(default=dict, blank=True, help_text="Ids and digests, never a person's data.")
    actor_id = models.CharField(max_length=20, blank=True, help_text="The account; blank for the autopilot itself.")
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField(default=clock.now)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "link of evidence"
        verbose_name_plural = "evidence"
        ordering = ["mou", "number"]
        constraints = [
            models.UniqueConstraint(name="mou_evidence_once", fields=["mou", "number"]),
            models.CheckConstraint(name="mou_evidence_number", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.deed}"


class SigningCode(models.Model):
    """A code that was mailed to a signer, who proves with it that the mail is theirs; it works once.

    The code follows from the secret key and this row's id; neither it nor its digest is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mou = models.ForeignKey(Mou, models.CASCADE, related_name="codes", db_index=False)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    email = models.EmailField("e-mail", help_text="Where it was sent.")
    document_sha256 = models.CharField(max_length=64, help_text="Of what the signer was shown.")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["mou", "-created_at"]
        indexes = [models.Index(name="signing_code_of_signer", fields=["mou", "signer", "-created_at"])]

    def __str__(self) -> str:
        return f"code {self.pk}"
