"""Portals, what was submitted to them, and what they sent us."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from autopilot import clock
from autopilot.identifiers import uuid7


class Portal(models.Model):
    """An authority's way of taking submissions. Its signing secrets stand in the settings, never here."""

    class Delivery(models.TextChoices):
        """How a packet gets there."""

        MANUAL = "manual", "A person uploads it"
        HTTPS = "https", "Signed request over https"
        SANDBOX = "sandbox", "Sandbox portal of this project"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True, help_text="Names its secret in PORTAL_SECRETS and its address for callbacks.")
    name = models.CharField(max_length=200)
    delivery = models.CharField(max_length=8, choices=Delivery)
    base_url = models.CharField(
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where its interface starts; its host must be in OUTBOUND_HOSTS.",
    )
    honors_idempotency = models.BooleanField(
        default=False, help_text="Whether it promises to take a repeated Idempotency-Key once. If in doubt: no."
    )
    poll_interval = models.DurationField(
        default=timedelta(hours=1), help_text="How long to wait before asking again for a decision."
    )
    instructions = models.TextField(blank=True, help_text="For a manual portal: where to sign in and what to upload.")
    active = models.BooleanField(default=True, help_text="Whether new submissions may be prepared for it.")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    failures = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="How often in a row it gave no answer, or none of use."
    )
    paused_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it is tried again, after five failures in a row."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="portal_delivery_has_its_means",
                condition=Q(delivery="manual", base_url="", honors_idempotency=False) & ~Q(instructions="")
                | Q(delivery="https", base_url__startswith="https://")
                | Q(delivery="sandbox", base_url__startswith="http"),
                violation_error_message="A manual portal needs instructions and no address; the others need an address.",
            ),
            models.CheckConstraint(
                name="portal_poll_interval_positive",
                condition=Q(poll_interval__gt=timedelta(0)),
                violation_error_message="The time between two questions must be longer than nothing.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PortalLine(models.Model):
    """A line to a portal, held by one submission at a time: so many may talk with it at once."""

    id = models.BigAutoField(primary_key=True)
    portal = models.ForeignKey(Portal, models.CASCADE, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    holder = models.UUIDField(null=True, help_text="The submission that holds it.")
    until = models.DateTimeField(null=True, help_text="When it is free again, even if its holder's process died.")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="portal_line_once", fields=["portal", "number"])]

    def __str__(self) -> str:
        return f"{self.portal_id} {self.number}"


class Submission(models.Model):
    """One packet for one portal: the approved bytes, and everything the portal said of them.

    Its status is written by `submissions.states` alone.
    """

    class Status(models.TextChoices):
        """Where it stands; the three last ones are the portal's decision."""

        PREPARED = "prepared", "Prepared"
        AWAITING_MANUAL = "awaiting_manual", "Waits for a person to upload it"
        SENDING = "sending", "Being sent"
        UNKNOWN = "unknown", "Sent, no answer"
        RECEIVED = "received", "Received"
        APPROVED = "approved", "Approved"
        DENIED = "denied", "Denied"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(help_text="The organization it is made for.")
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="submissions", db_index=False)
    subject = models.CharField(max_length=50, help_text="What it is about, in one word: application.")
    subject_id = models.UUIDField()
    packet_id = models.UUIDField(help_text="What the portal knows it by; a packet goes to a portal once.")
    document = models.ForeignKey("autopilot.Document", models.PROTECT, related_name="+")
    approved_digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes that were approved.")

    status = models.CharField(max_length=15, choices=Status, default=Status.PREPARED)
    reasons = models.JSONField(default=list, blank=True, help_text="Why the portal decided as it did, in its words.")
    idempotency_key = models.CharField(max_length=200, blank=True, help_text="The key it was first sent with.")
    tracking_job_id = models.UUIDField(null=True, blank=True, help_text="The job that waits for news of it.")
    receipt_number = models.CharField(max_length=100, blank=True)
    receipt = models.JSONField(null=True, blank=True)

    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was last sent.")
    received_at = models.DateTimeField(null=True, blank=True, help_text="When its receipt was recorded.")
    decided_at = models.DateTimeField(null=True, blank=True, help_text="When its decision was recorded.")

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [("record_submission", "Can record what a portal answered to a person")]
        constraints = [
            models.UniqueConstraint(name="submission_packet_once", fields=["portal", "packet_id"]),
            models.UniqueConstraint(
                name="submission_key_once", fields=["idempotency_key"], condition=~Q(idempotency_key="")
            ),
            models.UniqueConstraint(
                name="submission_receipt_once", fields=["portal", "receipt_number"], condition=~Q(receipt_number="")
            ),
            models.CheckConstraint(name="submission_digest_is_sha256", condition=Exact(Length("approved_digest"), 64)),
            models.CheckConstraint(
                name="submission_receipt_fits_status",
                condition=Q(status__in=("received", "approved", "denied"), received_at__isnull=False)
                & ~Q(receipt_number="")
                | Q(status__in=("prepared", "awaiting_manual", "sending", "unknown"), receipt_number="")
                | Q(status="refused"),
            ),
            models.CheckConstraint(
                name="submission_decided_has_time",
                condition=Q(status__in=("approved", "denied", "refused"), decided_at__isnull=False)
                | ~Q(status__in=("approved", "denied", "refused")) & Q(decided_at__isnull=True),
            ),
            models.CheckConstraint(
                name="submission_underway_was_sent",
                condition=~Q(status__in=("sending", "unknown")) | Q(sent_at__isnull=False) & ~Q(idempotency_key=""),
            ),
        ]
        indexes = [
            models.Index(name="submission_subject", fields=["subject", "subject_id"]),
            models.Index(name="submission_status", fields=["status", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.packet_id}"


class SubmissionAttachment(models.Model):
    """A file that goes to the portal with a submission's document; append-only."""

    id = models.BigAutoField(primary_key=True)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="attachments", db_index=False)
    place = models.PositiveSmallIntegerField(help_text="Counted from 1; the document itself comes before all of them.")
    document = models.ForeignKey("autopilot.Document", models.PROTECT, related_name="+")
    approved_digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes that were approved.")

    class Meta:
        ordering = ["submission", "place"]
        constraints = [
            models.UniqueConstraint(name="submission_attachment_once", fields=["submission", "place"]),
            models.CheckConstraint(name="submission_attachment_digest", condition=Exact(Length("approved_digest"), 64)),
        ]

    def __str__(self) -> str:
        return f"attachment {self.place} of {self.submission_id}"


class SubmissionChange(models.Model):
    """One change of a submission's status: append-only."""

    id = models.BigAutoField(primary_key=True)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=15, blank=True, choices=Submission.Status)
    to_status = models.CharField(max_length=15, choices=Submission.Status)
    why = models.CharField(max_length=200)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class InboxMessage(models.Model):
    """A message a portal sent us: kept so that its repetition changes nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=100, help_text="The portal's slug.")
    message_id = models.CharField(max_length=255, help_text="The sender's own id of it.")
    topic = models.CharField(max_length=100)
    body_digest = models.CharField(max_length=64)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="messages")
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [models.UniqueConstraint(name="inbox_message_once", fields=["source", "message_id"])]
        indexes = [models.Index(name="inbox_received", fields=["received_at"])]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id}"
