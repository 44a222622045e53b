"""Papers that students are asked for, and what they uploaded."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs.models import Program
from students.models.students import Student


class PaperStatus(models.TextChoices):
    """Where an uploaded paper stands; written by `services.papers` alone."""

    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class AskedPaper(models.Model):
    """A paper that every student is asked for, or every student of one program."""

    slug = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField(max_length=120)
    instructions = models.TextField(max_length=1000)
    program = models.ForeignKey(
        Program,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="asked_papers",
        help_text="Empty: of every student.",
    )
    due_days = models.PositiveSmallIntegerField(
        "days after acceptance", default=3, validators=[MaxValueValidator(365)], help_text="Until it counts as missing."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class StudentPaper(models.Model):
    """A file that a student uploaded for one of them; another takes its place, and it stays on file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="papers", db_index=False)
    asked = models.ForeignKey(AskedPaper, models.PROTECT, related_name="papers", db_index=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=PaperStatus, default=PaperStatus.SUBMITTED)
    remark = models.CharField(max_length=500, blank=True, help_text="Why it was rejected; the student reads it.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField(default=clock.now)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        permissions = [("review_studentpaper", "Can accept and reject the papers of students")]
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="student_paper_one_stands", fields=["student", "asked"], condition=Q(replaced_at=None)
            ),
            models.CheckConstraint(name="student_paper_status_known", condition=Q(status__in=PaperStatus.values)),
            models.CheckConstraint(
                name="student_paper_rejected_has_remark", condition=~Q(status="rejected") | ~Q(remark="")
            ),
        ]
        indexes = [
            models.Index(
                name="student_paper_to_review",
                fields=["uploaded_at"],
                condition=Q(status="submitted", replaced_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"paper {self.pk}"
