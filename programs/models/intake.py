"""What an application brings along: further training sites, documents, and the draft it may have been before."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs import codes
from programs.models.applications import MOST_SITES, Application, CheckedByFields

MOST_ATTACHMENTS = 12


class ApplicationSite(CheckedByFields):
    """A further place where the applicant trains; the first stands in the application itself, so this begins with 2."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="sites", db_index=False)
    position = models.PositiveSmallIntegerField()
    name = models.CharField("name of the site", max_length=120, blank=True, help_text="Such as North campus.")
    street = models.CharField("street and suite", max_length=200)
    city = models.CharField("city", max_length=100)
    state = models.CharField("state", max_length=2, choices=list(codes.STATES.items()), default="IN")
    zip = models.CharField(
        "ZIP code",
        max_length=10,
        validators=[RegexValidator(codes.ZIP_PATTERN, "Enter five digits, or nine as 46204-1234.", code="zip")],
    )

    class Meta:
        ordering = ["application", "position"]
        constraints = [
            models.UniqueConstraint(name="application_site_one_per_position", fields=["application", "position"]),
            models.CheckConstraint(
                name="application_site_position", condition=Q(position__gte=2, position__lte=MOST_SITES)
            ),
            models.CheckConstraint(name="application_site_zip_format", condition=Q(zip__regex=codes.ZIP_PATTERN)),
        ]

    def __str__(self) -> str:
        return self.name or f"site {self.position}"


class ApplicationDocument(CheckedByFields):
    """A document that came with an application."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="documents", db_index=False)
    position = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    kind = models.SlugField(
        max_length=60, blank=True, db_index=False, help_text="The requirement it proves; blank for any other document."
    )
    file_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["application", "position"]
        constraints = [
            models.UniqueConstraint(name="application_document_one_per_position", fields=["application", "position"]),
            models.CheckConstraint(
                name="application_document_position", condition=Q(position__gte=1, position__lte=MOST_ATTACHMENTS)
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ApplicationUpload(models.Model):
    """A file that somebody chose for a form, until its applicant has sent one, or the file is destroyed."""

    id = models.BigAutoField(primary_key=True)
    document = models.OneToOneField(Document, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        default_permissions = ()
        ordering = ["uploaded_at", "id"]

    def __str__(self) -> str:
        return f"upload of {self.document_id}"


def check_contents(value: object) -> None:
    """Raise ValidationError unless a value holds texts by the name of their field."""
    if not isinstance(value, dict) or not all(isinstance(texts, list) for texts in value.values()):
        raise ValidationError("A draft holds a list of texts for each field.")


class ApplicationDraft(models.Model):
    """A form somebody goes on with later, as it was typed. Who has the mailed link opens it; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(help_text="Where the link was mailed.")
    contents = models.JSONField(default=dict, validators=[check_contents])
    saves = models.PositiveIntegerField(default=1, help_text="How often it was saved.")
    saved_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        ordering = ["-saved_at", "id"]
        constraints = [
            models.CheckConstraint(name="application_draft_saved", condition=Q(saves__gte=1)),
            models.CheckConstraint(name="application_draft_expires", condition=Q(expires_at__gt=models.F("saved_at"))),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"
