"""Templates of documents as staff write them: version by version, approved by another person, and then never changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7


class TemplateStatus(models.TextChoices):
    """Where a version stands; written by `autopilot.document_types.versions` alone."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    RETIRED = "retired", "Retired"


class TemplateVersion(models.Model):
    """One version of the template of one type of document; once approved, nothing but its retirement is written to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField("document type", max_length=50)
    number = models.PositiveIntegerField()
    source = models.TextField(help_text="In the template language.")
    note = models.CharField("what is new", max_length=300)
    preview = models.BinaryField(help_text="The PDF it makes of the type's sample data, as the approver sees it.")
    revision = models.PositiveIntegerField(default=1, help_text="Grows whenever the draft is stored.")
    status = models.CharField(max_length=8, choices=TemplateStatus, default=TemplateStatus.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True, help_text="First day whose documents are made by it.")
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    retired_on = models.DateField(null=True, blank=True, help_text="First day whose documents are not made by it.")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = "document template"
        ordering = ["slug", "-number"]
        permissions = [("approve_templateversion", "Can approve or retire document templates")]
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="template_version_once"),
            models.CheckConstraint(condition=Q(status__in=TemplateStatus.values), name="template_version_status"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("author")), name="template_version_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(status=TemplateStatus.APPROVED)
                | Q(approved_by__isnull=False, approved_at__isnull=False, effective_on__isnull=False),
                name="template_version_approved_by",
            ),
            models.CheckConstraint(
                condition=~Q(status=TemplateStatus.RETIRED) | Q(retired_by__isnull=False, retired_on__isnull=False),
                name="template_version_retired_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.number}"
