"""How an application came where it stands: what was sent, and every step since. Append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from programs.models.applications import Application, ApplicationStatus


class ApplicationRevision(models.Model):
    """What the applicant sent, as it was sent, and with which form: append-only."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveSmallIntegerField()
    form_key = models.UUIDField(unique=True, help_text="Names the form that was sent; a form counts once.")
    declared = models.JSONField()
    digest = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["application", "number"]
        constraints = [
            models.UniqueConstraint(name="application_revision_once", fields=["application", "number"]),
            models.CheckConstraint(name="application_revision_number", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.application_id}"


class ApplicationStatusChange(models.Model):
    """One step in an application's life: append-only."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="status_changes", db_index=False)
    revision = models.PositiveSmallIntegerField()
    from_status = models.CharField(max_length=20, choices=ApplicationStatus, blank=True)
    to_status = models.CharField(max_length=20, choices=ApplicationStatus)
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    actor_label = models.CharField(max_length=150, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["application", "id"]
        constraints = [
            models.CheckConstraint(
                name="application_change_status_known", condition=Q(to_status__in=ApplicationStatus.values)
            ),
        ]
        indexes = [models.Index(name="application_change_by_row", fields=["application", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
