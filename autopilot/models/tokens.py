"""How other systems sign in, and what keeps their repeated requests from being done twice."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7


class Scope(models.TextChoices):
    """What a token may be used for."""

    JOBS_READ = "jobs:read", "Read jobs"
    JOBS_WRITE = "jobs:write", "Create, cancel and requeue jobs"
    CHECKPOINTS_READ = "checkpoints:read", "Read checkpoints"
    CHECKPOINTS_DECIDE = "checkpoints:decide", "Decide checkpoints"
    WORKERS_READ = "workers:read", "Read workers"
    WORKERS_CONTROL = "workers:control", "Pause, resume and run workers"
    APPLICATIONS_READ = "applications:read", "Read applications"
    APPLICATIONS_WRITE = "applications:write", "Submit applications"
    PROGRAMS_READ = "programs:read", "Read programs, cohorts and sessions"
    PROGRAMS_WRITE = "programs:write", "Set up programs, cohorts and sessions"
    INVOICES_READ = "invoices:read", "Read invoices"
    PAYOUTS_READ = "payouts:read", "Read payouts"
    HOLDERS_READ = "holders:read", "Read holders and their scores"
    REQUIREMENTS_READ = "requirements:read", "Read what holders must prove"
    REQUIREMENTS_WRITE = "requirements:write", "Upload proofs"
    MOUS_READ = "mous:read", "Read MOUs"
    ENROLLMENTS_READ = "enrollments:read", "Read enrollments and their students"
    ENROLLMENTS_WRITE = "enrollments:write", "Enroll students"
    ATTENDANCE_READ = "attendance:read", "Read attendance"
    ATTENDANCE_WRITE = "attendance:write", "Record attendance"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens, by whether they open anything."""

    def valid(self) -> Self:
        """Tokens that are neither revoked nor expired, of people who are still there."""
        return self.filter(revoked_at=None, expires_at__gt=clock.now(), user__is_active=True)


class ApiToken(models.Model):
    """A key of one integration: it acts for a person, within one tenant and some scopes, until it expires.

    Only its digest is stored. Without a tenant it reaches what its person reaches.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100, help_text="What uses it.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    tenant_id = models.UUIDField(null=True, blank=True, help_text="The organization it is confined to.")
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=12, help_text="How it begins, so that it can be recognized.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotencyKey(models.Model):
    """One creating request of a caller, and its answer, for those who did not hear it the first time."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=100, help_text="The token or the account that asked.")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    body_digest = models.CharField(max_length=64)
    locked_until = models.DateTimeField(help_text="Until when the request counts as in flight.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The answer's; none while in flight.")
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="idempotency_key_once_per_caller", fields=["caller", "key"]),
            models.CheckConstraint(
                name="idempotency_status_is_http",
                condition=Q(status__isnull=True) | Q(status__gte=200, status__lte=599),
            ),
        ]
        indexes = [models.Index(name="idempotency_created", fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
