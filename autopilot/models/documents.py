"""The archive's index: one row for every meaning of an archived file."""

from typing import Any, Never

from django.db import models

from autopilot import clock
from autopilot.exceptions import AutopilotError
from autopilot.identifiers import uuid7


class ArchivedForEver(AutopilotError):
    """What is archived is neither changed nor deleted; archive a new document instead."""


class DocumentQuerySet(models.QuerySet["Document"]):
    """Archived documents; they can be added and read, and nothing else."""

    def update(self, **values: Any) -> Never:
        """Refuse: see ArchivedForEver. Django's `bulk_update` and `update_or_create` end here or in `save`."""
        raise ArchivedForEver

    def delete(self) -> Never:
        """Refuse: see ArchivedForEver."""
        raise ArchivedForEver


class Document(models.Model):
    """One archived file in one meaning; two meanings of the same bytes are two rows and one file.

    `autopilot.documents.archive` alone writes it. Nothing changes it, by these methods and by a trigger of the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(help_text="The organization it belongs to.")
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of all that follows, so that storing it again finds it."
    )
    sha256 = models.CharField(max_length=64, help_text="Of the file; also its address in the archive.")
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    media_type = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    template = models.CharField(
        max_length=200, blank=True, help_text="What it was made from; empty for a file received."
    )
    template_digest = models.CharField(max_length=64, blank=True)
    renderer = models.CharField(max_length=50, blank=True, help_text="The program that made it, with its version.")
    fonts_digest = models.CharField(max_length=64, blank=True)
    snapshot = models.JSONField(default=dict, blank=True, help_text="The data it was made from.")
    retain_until = models.DateField(
        null=True, blank=True, help_text="Kept at least to this day; empty: on hold, kept until told."
    )
    created_at = models.DateTimeField(default=clock.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [
            ("hold_document", "Can set and lift legal holds"),
            ("propose_disposal", "Can propose that a document’s file is destroyed"),
            ("approve_disposal", "Can approve what another has proposed to destroy"),
        ]
        indexes = [
            models.Index(name="document_tenant", fields=["tenant_id", "created_at"]),
            models.Index(name="document_sha256", fields=["sha256"]),
        ]

    def __str__(self) -> str:
        return f"document {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; raise ArchivedForEver if it is there already."""
        if not self._state.adding:
            raise ArchivedForEver
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse: see ArchivedForEver."""
        raise ArchivedForEver
