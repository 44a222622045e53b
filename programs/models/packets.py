"""The packets of applications: what a reviewer saw, and what was approved."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models.applications import Application


class Packet(models.Model):
    """One packet as a reviewer saw it: data, findings and document under one digest. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="packets", db_index=False)
    revision = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(help_text="Grows with every amendment that is kept.")
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the snapshot's canonical JSON.")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["application", "revision", "version"]
        constraints = [
            models.UniqueConstraint(name="packet_one_per_version", fields=["application", "revision", "version"]),
            models.UniqueConstraint(name="packet_stored_once", fields=["application", "revision", "digest"]),
            models.UniqueConstraint(
                name="packet_one_approved",
                fields=["application", "revision"],
                condition=Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(name="packet_version_at_least_1", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"packet {self.version} of {self.application_id}"
