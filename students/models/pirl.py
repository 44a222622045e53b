"""Schemas of the PIRL that were loaded, and which of them is in force."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7


class PirlSchema(models.Model):
    """A version of the file as the agency published it; loading it again under the same name replaces nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.CharField(max_length=20, unique=True)
    elements = models.JSONField(help_text="The columns in their order, each with what it may hold.")
    columns = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200, help_text="The file it was read from.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of that file.")
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    loaded_at = models.DateTimeField(default=clock.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "PIRL schema"
        ordering = ["-effective_from", "-version"]
        constraints = [
            models.CheckConstraint(name="pirl_schema_has_columns", condition=Q(columns__gt=0)),
            models.CheckConstraint(
                name="pirl_schema_ends_after_it_begins",
                condition=Q(effective_to=None) | Q(effective_from=None) | Q(effective_to__gte=F("effective_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.version
