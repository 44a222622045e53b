"""The outbox: messages that leave only after the transaction that wrote them, and never get lost."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7


class OutboxMessage(models.Model):
    """A mail to be built and sent: its id is stable, so that a receiver can tell a repetition."""

    class Status(models.TextChoices):
        """What became of the message."""

        PENDING = "pending", "Pending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    topic = models.CharField(max_length=100)
    references = models.JSONField(default=dict, help_text="Ids of what the message is about; never personal data.")
    job_id = models.UUIDField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    announced = models.BooleanField(default=False, db_default=False, help_text="Whether webhooks have been told of it.")

    class Meta:
        permissions = [("resend_outboxmessage", "Can send messages and webhooks again")]
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="outbox_sent_has_time",
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="outbox_due", fields=["next_attempt_at"], condition=Q(status="pending")),
            models.Index(name="outbox_unannounced", fields=["created_at"], condition=Q(announced=False)),
            models.Index(name="outbox_list", fields=["-created_at", "-id"]),
            models.Index(name="outbox_topic", fields=["topic", "-created_at", "-id"]),
            models.Index(name="outbox_tenant", fields=["tenant_id", "-created_at", "-id"]),
            models.Index(name="outbox_failed", fields=["-created_at", "-id"], condition=Q(status="failed")),
            models.Index(name="outbox_given_up", fields=["next_attempt_at"], condition=Q(status="failed")),
            models.Index(name="outbox_job", fields=["job_id"], condition=Q(job_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"
