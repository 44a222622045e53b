"""Enrollment agreements: the exact file that a student is shown and signs by a click, with what was acknowledged."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from students.models.students import Enrollment


class Agreement(models.Model):
    """One file for one enrollment; another one replaces it as long as it is not signed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="agreements", db_index=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    consents = models.BooleanField(help_text="Whether it says that the student consents to disclosure (FERPA).")
    notice_version = models.CharField(max_length=20, help_text="Of the notice that was acknowledged (29 CFR 38.35).")
    prepared_at = models.DateTimeField(default=clock.now)
    replaced_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["enrollment", "-prepared_at"]
        constraints = [
            models.UniqueConstraint(name="agreement_one_stands", fields=["enrollment"], condition=Q(replaced_at=None)),
            models.CheckConstraint(name="agreement_signed_stands", condition=Q(signed_at=None) | Q(replaced_at=None)),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class AgreementSignature(models.Model):
    """Evidence that a student signed exactly these bytes, and acknowledged what stood beside them: append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="signature")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=150, help_text="As the student typed it.")
    document_sha256 = models.CharField(max_length=64, help_text="Of the exact bytes that were shown.")
    consent_version = models.CharField(max_length=20, help_text="Of the disclosure of 15 USC 7001(c).")
    consent_digest = models.CharField(max_length=64)
    notice_version = models.CharField(max_length=20, help_text="Of “Equal Opportunity Is the Law” (29 CFR 38.35).")
    notice_digest = models.CharField(max_length=64)
    ferpa_consents = models.BooleanField(help_text="Whether the student consents to disclosure (34 CFR 99.30).")
    ferpa_version = models.CharField(max_length=20)
    ferpa_digest = models.CharField(max_length=64)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    signed_at = models.DateTimeField(default=clock.now)
    hash = models.CharField(max_length=64, help_text="SHA-256 of all of the above.")

    class Meta:
        default_permissions = ("view",)
        ordering = ["signed_at"]

    def __str__(self) -> str:
        return f"signature on {self.agreement_id}"
