"""The evidence locker: what proves something about a student, keyed to the PIRL element or the word of a topic."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from students.models.students import Student


class EvidenceKind(models.TextChoices):
    """How it proves."""

    DOCUMENT = "document", "Document"
    ATTESTATION = "attestation", "Self-attestation"
    SEEN = "seen", "Seen, no copy kept"


class Evidence(models.Model):
    """One proof of one topic. Its file is archived; of what may not be copied, only that somebody saw it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="evidence", db_index=False)
    topic = models.CharField(max_length=30, help_text="The PIRL element as printed, or the word of the topic.")
    kind = models.CharField(max_length=11, choices=EvidenceKind)
    description = models.CharField(max_length=120, help_text="Which of the accepted documents it is.")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    obtained_on = models.DateField(help_text="When it was signed, seen or received.")
    reason = models.CharField(max_length=300, blank=True, help_text="Of an attestation: why nothing else can be had.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_by_label = models.CharField(max_length=150, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["student", "topic", "-recorded_at"]
        constraints = [
            models.CheckConstraint(name="evidence_kind_known", condition=Q(kind__in=EvidenceKind.values)),
            models.CheckConstraint(
                name="evidence_has_its_file", condition=Q(kind="seen", document=None) | ~Q(kind="seen") & ~Q(document=None)
            ),
            models.CheckConstraint(
                name="evidence_attested_for_a_reason", condition=~Q(kind="attestation") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="evidence_withdrawn_for_a_reason", condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason="")
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="evidence_of_student", fields=["student", "topic"])]

    def __str__(self) -> str:
        return f"evidence {self.pk}"
