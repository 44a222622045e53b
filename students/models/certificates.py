"""Certificates: who asked for one, what was issued, its place in a published list of what was revoked, and the keys."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models import Holder
from students.models.students import Enrollment


class CertificateStatus(models.TextChoices):
    """What a certificate is worth; written by `services.certificates` alone."""

    VALID = "valid", "Valid"
    REVOKED = "revoked", "Revoked"


class RequestStatus(models.TextChoices):
    """What became of the wish for a certificate; written by `services.certificates` alone."""

    WAITING = "waiting", "Being made"
    ISSUED = "issued", "Issued"
    REFUSED = "refused", "Refused"


class StatusList(models.Model):
    """A published list of bits, one for each certificate in it, as W3C Bitstring Status List 1.0 describes it.

    `signed` is the credential (VC-JWT) that was published last; the row is locked while places in it are given.
    """

    number = models.PositiveIntegerField(primary_key=True)
    taken = models.PositiveIntegerField(default=0, help_text="How many places are given.")
    signed = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"status list {self.number}"


class SigningKey(models.Model):
    """The public half of a key that certificates were signed with. It is published for good; the private half is a file."""

    kid = models.CharField(primary_key=True, max_length=43, help_text="Its SHA-256 thumbprint (RFC 7638).")
    jwk = models.JSONField(help_text="The public key as a JSON Web Key (RFC 7517).")
    used_from = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-used_from", "kid"]

    def __str__(self) -> str:
        return self.kid


class Certificate(models.Model):
    """What a student has earned, as it stood when it was issued. It is public once its document is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="certificates", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="certificates", db_index=False)
    number = models.CharField(max_length=20, unique=True, help_text="CERT-YYYY-NNNNNN, without gaps within a year.")
    code = models.CharField(max_length=40, unique=True, help_text="Opens its public page; nobody can guess it.")
    student_name = models.CharField(max_length=170)
    program_title = models.CharField(max_length=200)
    credential = models.CharField(max_length=200)
    clock_hours = models.PositiveIntegerField()
    holder_name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=200)
    completed_on = models.DateField()
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=7, choices=CertificateStatus, default=CertificateStatus.VALID)
    revoked_at = models.DateTimeField(null=True, blank=True)
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="certificates", db_index=False)
    status_index = models.PositiveIntegerField(help_text="Its place in the status list, drawn by lot.")
    badge = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", help_text="The signed credential."
    )
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The PDF, with the credential inside.",
    )

    class Meta:
        permissions = [
            ("issue_certificate", "Can issue certificates"),
            ("revoke_certificate", "Can revoke certificates"),
        ]
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="certificate_status_known",
                condition=Q(status="valid", revoked_at__isnull=True) | Q(status="revoked", revoked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="certificate_has_both_files_or_none",
                condition=Q(badge__isnull=True, document__isnull=True) | Q(badge__isnull=False, document__isnull=False),
            ),
            models.UniqueConstraint(
                name="certificate_one_that_counts", fields=["enrollment"], condition=Q(status="valid")
            ),
            models.UniqueConstraint(name="certificate_status_place_once", fields=["status_list", "status_index"]),
        ]
        indexes = [
            models.Index(name="certificate_list", fields=["-issued_at", "-id"]),
            models.Index(name="certificate_of_holder", fields=["holder", "-issued_at", "-id"]),
            models.Index(name="certificate_of_enrollment", fields=["enrollment", "-issued_at"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """What was earned, and in which program."""
        earned = self.credential or "Certificate of completion"
        return earned if self.program_title.casefold() in earned.casefold() else f"{earned}, {self.program_title}"


class CertificateStatusChange(models.Model):
    """One step of a certificate's life: append-only."""

    id = models.BigAutoField(primary_key=True)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="status_changes", db_index=False)
    from_status = models.CharField(max_length=7, choices=CertificateStatus, blank=True)
    to_status = models.CharField(max_length=7, choices=CertificateStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["certificate", "id"]
        constraints = [
            models.CheckConstraint(
                name="certificate_change_known", condition=Q(to_status__in=CertificateStatus.values)
            ),
            models.CheckConstraint(
                name="certificate_revoked_has_reason", condition=~Q(to_status="revoked") | ~Q(reason="")
            ),
        ]
        indexes = [models.Index(name="certificate_change_by_row", fields=["certificate", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class CertificateRequest(models.Model):
    """That somebody asked for a student's certificate, alone or with others, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="certificate_requests", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="certificate_requests", db_index=False)
    batch = models.UUIDField(help_text="Names what was asked for at once.")
    status = models.CharField(max_length=7, choices=RequestStatus, default=RequestStatus.WAITING)
    problem = models.CharField(max_length=500, blank=True, help_text="Why it was refused.")
    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="requests", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(name="certificate_request_known", condition=Q(status__in=RequestStatus.values)),
            models.CheckConstraint(
                name="certificate_request_outcome",
                condition=~Q(status="issued") | Q(certificate__isnull=False),
            ),
            models.CheckConstraint(name="certificate_request_refusal", condition=~Q(status="refused") | ~Q(problem="")),
            models.UniqueConstraint(
                name="certificate_request_once", fields=["enrollment"], condition=Q(status="waiting")
            ),
        ]
        indexes = [
            models.Index(name="certificate_request_batch", fields=["batch", "id"]),
            models.Index(name="certificate_request_of_holder", fields=["holder", "-asked_at"]),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"
