"""The audit: deeds of people, append-only."""

from django.conf import settings
from django.db import models

from autopilot import clock


class AuditEntry(models.Model):
    """One deed: who did what to which record. It carries ids, never names or numbers of people."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, help_text="app.subject.past_participle")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_label = models.CharField(max_length=150, blank=True)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(name="audit_subject", fields=["subject_type", "subject_id"]),
            models.Index(name="audit_at", fields=["at"]),
        ]

    def __str__(self) -> str:
        return self.name
