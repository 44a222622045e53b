"""Agencies' forms as staff keep them: each edition of a form, and what is written into which of its fields."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models.documents import Document
from autopilot.states import STATES

LONGEST_FIELD = 1000


class FillableForm(models.Model):
    """One form of one agency, whatever its edition."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.CharField(max_length=100, help_text="Who issues it.")
    name = models.CharField(max_length=150, help_text="As the agency calls it.")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["agency", "name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="fillable_form_once")]

    def __str__(self) -> str:
        return f"{self.agency}: {self.name}"


class EditionStatus(models.TextChoices):
    """Where an edition stands; written by `autopilot.fillable_forms.shelf` alone."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    RETIRED = "retired", "Retired"


class FormEditionQuerySet(models.QuerySet["FormEdition"]):
    """Editions, by whether they are filled."""

    def approved(self) -> Self:
        """Editions that are filled."""
        return self.filter(status=EditionStatus.APPROVED)


class FormEdition(models.Model):
    """One edition of a form: the agency's own file, what it was found to be, and who answers for its mapping."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form = models.ForeignKey(FillableForm, models.PROTECT, related_name="editions")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", help_text="The agency’s file.")
    edition = models.CharField(max_length=50, blank=True, help_text="As the form prints it, such as 08/01/23.")
    state = models.CharField(
        max_length=2, blank=True, db_default="", choices=list(STATES.items()),
        help_text="The state whose applications it goes with; empty: every state.",
    )  # fmt: skip
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which the agency takes it.")
    status = models.CharField(max_length=10, choices=EditionStatus, default=EditionStatus.DRAFT)
    triage = models.JSONField(default=dict, help_text="What the file was found to be when it was uploaded.")
    fields = models.JSONField(default=list, help_text="Its fields, as they were read when it was uploaded.")
    sizes = models.JSONField(default=list, help_text="Width and height of each page, in points.")
    version = models.PositiveIntegerField(default=1, help_text="Grows whenever its mapping changes.")
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", help_text="Who uploaded it or mapped it last."
    )
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = FormEditionQuerySet.as_manager()

    class Meta:
        verbose_name = "agency form"
        ordering = ["-created_at", "-id"]
        permissions = [("approve_formedition", "Can approve or retire an edition of a form")]
        constraints = [
            models.UniqueConstraint(fields=["form", "document"], name="form_edition_once"),
            models.UniqueConstraint(
                fields=["form"], condition=Q(status=EditionStatus.APPROVED), name="form_edition_one_approved"
            ),
            models.CheckConstraint(condition=Q(status__in=EditionStatus.values), name="form_edition_status"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("edited_by")), name="form_edition_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(status=EditionStatus.APPROVED) | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="form_edition_approved_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}, {self.edition or 'no edition named'}"


class FieldMapping(models.Model):
    """What is written into one field of an edition."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(FormEdition, models.CASCADE, related_name="mappings")
    field = models.CharField(max_length=LONGEST_FIELD, help_text="Its full name in the form.")
    merge_field = models.CharField(max_length=100, help_text="What is written into it.")
    transform = models.CharField(max_length=20, blank=True, help_text="How; empty: as it stands.")
    required = models.BooleanField(default=False, help_text="Whether the form is incomplete without it.")

    class Meta:
        ordering = ["field"]
        constraints = [models.UniqueConstraint(fields=["edition", "field"], name="field_mapping_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.merge_field}"
