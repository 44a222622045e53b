"""The audit: deeds of people, append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q

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
            models.Index(name="audit_subject_id", fields=["subject_id", "subject_type"]),
            models.Index(name="audit_type", fields=["subject_type", "-at", "-id"]),
            models.Index(name="audit_list", fields=["-at", "-id"]),
            models.Index(name="audit_actor_label", fields=["actor_label", "-at", "-id"]),
            # Found by how it begins, as every deed on jobs.
            models.Index(name="audit_name", fields=["name"], opclasses=["varchar_pattern_ops"]),
            models.Index(name="audit_ip", fields=["ip", "-at", "-id"], condition=Q(ip__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
