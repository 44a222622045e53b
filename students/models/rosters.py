"""A roster that a holder brings as a file: read and shown first, then taken in whole or not at all."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Cohort, Holder
from students.models.students import Funding


class RosterStatus(models.TextChoices):
    """Where an import stands; written by `services.rosters` alone."""

    SHOWN = "shown", "To be confirmed"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    FAILED = "failed", "Failed"


class RosterOutcome(models.TextChoices):
    """What a row of a file means for the cohort."""

    NEW = "new", "New"
    KNOWN = "known", "Already enrolled"
    FAULTY = "faulty", "To be corrected"


class RosterImport(models.Model):
    """One file of students for one cohort. Its rows are gone once it is imported; the counts stay."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="roster_imports", db_index=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="roster_imports", db_index=False)
    file_name = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=RosterStatus, default=RosterStatus.SHOWN)
    total = models.PositiveIntegerField(default=0, help_text="Rows in the file, without its heading.")
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField(default=0, help_text="Rows that were compared with the cohort so far.")
    ignored_columns = models.JSONField(default=list, help_text="Headings of columns that nobody reads.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why it failed.")
    job_id = models.UUIDField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="roster_import_status_known", condition=Q(status__in=RosterStatus.values)),
            models.CheckConstraint(
                name="roster_import_nothing_half_done", condition=~Q(status="imported") | Q(faulty=0)
            ),
        ]
        indexes = [models.Index(name="roster_import_of_holder", fields=["holder", "-created_at", "-id"])]

    def __str__(self) -> str:
        return f"roster import {self.pk}"


class RosterRow(models.Model):
    """One row of such a file, as it was understood."""

    id = models.BigAutoField(primary_key=True)
    roster = models.ForeignKey(RosterImport, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField(help_text="Where it stands in the file; the heading is line 1.")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=24, blank=True)
    funding = models.CharField(max_length=11, choices=Funding, default=Funding.WIOA)
    reference = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=6, choices=RosterOutcome, default=RosterOutcome.NEW)
    problems = models.JSONField(default=list, help_text="Column and what to do, for each thing that is wrong.")

    class Meta:
        ordering = ["roster", "line"]
        constraints = [models.UniqueConstraint(name="roster_row_once", fields=["roster", "line"])]
        indexes = [models.Index(name="roster_row_outcome", fields=["roster", "outcome", "line"])]

    def __str__(self) -> str:
        return f"line {self.line}"
