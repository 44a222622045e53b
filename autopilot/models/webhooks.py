"""Webhooks: which addresses of a tenant are told what happens, and what became of each telling."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.encryption import EncryptedTextField
from autopilot.identifiers import uuid7
from autopilot.models.outbox import OutboxMessage


class WebhookEndpoint(models.Model):
    """An https address of a tenant that is told, by signed requests, what happens to its work."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(help_text="The organization whose events are told.")
    url = models.CharField(max_length=300, help_text="Its host must be in OUTBOUND_HOSTS.")
    topics = models.JSONField(default=list, blank=True, help_text="The topics that are told; none: all of them.")
    description = models.CharField(max_length=200, blank=True)
    secret = EncryptedTextField(help_text="Signs each request; shown once, when it is made.")
    previous_secret = EncryptedTextField(blank=True, help_text="Signs beside the new one until it expires.")
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["tenant_id", "url"]
        constraints = [
            models.UniqueConstraint(name="webhook_one_per_address", fields=["tenant_id", "url"]),
            models.CheckConstraint(
                name="webhook_disabled_has_reason",
                condition=Q(enabled=True, disabled_at__isnull=True, disabled_reason="")
                | Q(enabled=False, disabled_at__isnull=False) & ~Q(disabled_reason=""),
            ),
            models.CheckConstraint(
                name="webhook_previous_secret_expires",
                condition=Q(previous_secret="", previous_secret_until__isnull=True)
                | ~Q(previous_secret="") & Q(previous_secret_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One event for one address: its id is stable, so that a receiver can tell a repetition."""

    class Status(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "Pending"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    message = models.ForeignKey(OutboxMessage, models.CASCADE, related_name="deliveries", db_index=False)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    give_up_at = models.DateTimeField(help_text="Until when it is tried.")
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="What the address last answered.")
    error = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(name="delivery_once_per_address", fields=["endpoint", "message"]),
            models.CheckConstraint(
                name="delivery_delivered_has_time",
                condition=Q(status="delivered", delivered_at__isnull=False)
                | ~Q(status="delivered") & Q(delivered_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_due_endpoint", fields=["endpoint", "next_attempt_at"], condition=Q(status="pending")
            ),
            models.Index(name="delivery_list", fields=["-created_at", "-id"]),
            models.Index(name="delivery_endpoint", fields=["endpoint", "-created_at", "-id"]),
            models.Index(name="delivery_failed", fields=["-created_at", "-id"], condition=Q(status="failed")),
            models.Index(name="delivery_message", fields=["message"]),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}"
