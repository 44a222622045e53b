"""Determinations of eligibility: the facts on one day, what the law says of them, and who decided that it is so.

What is known and decided about a person stands encrypted; lists show outcomes alone.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.encryption import EncryptedTextField, Keys
from autopilot.identifiers import uuid7
from autopilot.models import Document
from students.models.students import Enrollment, Student


class DeterminationStatus(models.TextChoices):
    """Where a determination stands; written by `services.determinations.move_determination` alone."""

    GATHERING = "gathering", "Facts are gathered"
    IN_REVIEW = "in_review", "In review"
    ELIGIBLE = "eligible", "Eligible"
    INELIGIBLE = "ineligible", "Not eligible"
    SUBMITTED = "submitted", "Sent to the WIOA portal"
    CERTIFIED = "certified", "Certified"
    REFUSED = "refused", "Refused by the portal"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN = (DeterminationStatus.GATHERING, DeterminationStatus.IN_REVIEW)
DECIDED = (
    DeterminationStatus.ELIGIBLE,
    DeterminationStatus.INELIGIBLE,
    DeterminationStatus.SUBMITTED,
    DeterminationStatus.CERTIFIED,
    DeterminationStatus.REFUSED,
)

PROGRAMS = {
    "adult": "Adult",
    "dislocated_worker": "Dislocated worker",
    "in_school_youth": "In-school youth",
    "out_of_school_youth": "Out-of-school youth",
}


class Determination(models.Model):
    """One determination. Once decided it is not changed: somebody's circumstances afterwards make another one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="determinations", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="determinations", db_index=False)
    earlier = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        db_index=False,
        help_text="The one that it follows.",
    )
    status = models.CharField(max_length=10, choices=DeterminationStatus, default=DeterminationStatus.GATHERING)
    as_of = models.DateField(help_text="The day as of which the facts are judged.")
    facts = EncryptedTextField(keys_of="keys", blank=True, help_text="What is known of the person, as JSON.")
    decision = EncryptedTextField(
        keys_of="keys", blank=True, help_text="What the law says of it, with every criterion, as JSON."
    )
    verdict = models.CharField(max_length=7, default="unknown", help_text="Whether the person is eligible at all.")
    adult = models.BooleanField(default=False, help_text="Eligible as an adult.")
    dislocated_worker = models.BooleanField(default=False, help_text="Eligible as a dislocated worker.")
    in_school_youth = models.BooleanField(default=False, help_text="Eligible as in-school youth.")
    out_of_school_youth = models.BooleanField(default=False, help_text="Eligible as out-of-school youth.")
    priority = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Place in the order of adults, 1 first."
    )
    counts_for_assistance = models.BooleanField(default=False, help_text="Admitted by the cap of in-school youth.")
    counts_for_income = models.BooleanField(default=False, help_text="Admitted by the low income exception.")
    reason = models.TextField(blank=True, help_text="Why it was made anew, returned, refused or withdrawn.")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    letter = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    job_id = models.UUIDField(null=True, blank=True, help_text="The job that works on it.")
    submission_id = models.UUIDField(null=True, blank=True)
    state_reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    assessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who last entered facts; somebody else must approve what follows from them.",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [
            ("read_determination", "Can read the facts and criteria of determinations"),
            ("assess_determination", "Can enter facts and evidence, and send determinations to review"),
        ]
        constraints = [
            models.CheckConstraint(name="determination_status", condition=Q(status__in=DeterminationStatus.values)),
            models.CheckConstraint(name="determination_verdict", condition=Q(verdict__in=["met", "not_met", "unknown"])),
            models.UniqueConstraint(
                name="determination_open_once", fields=["enrollment"], condition=Q(status__in=["gathering", "in_review"])
            ),
            models.CheckConstraint(
                name="determination_decided_has_time",
                condition=Q(status__in=["gathering", "in_review", "withdrawn"], decided_at=None)
                | Q(status__in=["eligible", "ineligible", "submitted", "certified", "refused"], decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="determination_eligible_is_met",
                condition=~Q(status__in=["eligible", "submitted", "certified"]) | Q(verdict="met"),
            ),
            models.CheckConstraint(
                name="determination_met_for_a_program",
                condition=~Q(verdict="met")
                | Q(adult=True)
                | Q(dislocated_worker=True)
                | Q(in_school_youth=True)
                | Q(out_of_school_youth=True),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="determination_of_student", fields=["student", "-created_at"]),
            models.Index(name="determination_of_enrollment", fields=["enrollment", "-created_at"]),
            models.Index(name="determination_status_list", fields=["status", "-created_at"]),
            models.Index(name="determination_decided", fields=["decided_at"]),
        ]

    def __str__(self) -> str:
        return f"determination {self.pk}"

    @property
    def keys(self) -> Keys:
        """The keys of this row's columns: those of the student alone."""
        return self.student.key.keys

    @property
    def programs(self) -> list[str]:
        """The titles of what the person is eligible for."""
        return [title for name, title in PROGRAMS.items() if getattr(self, name)]

    @property
    def reference(self) -> str:
        """What people call it; it tells nothing of the person."""
        return f"ELG-{self.created_at:%Y}-{str(self.pk)[-6:].upper()}"


class DeterminationChange(models.Model):
    """One step of a determination: append-only."""

    id = models.BigAutoField(primary_key=True)
    determination = models.ForeignKey(Determination, models.CASCADE, related_name="changes", db_index=False)
    from_status = models.CharField(max_length=10, choices=DeterminationStatus, blank=True)
    to_status = models.CharField(max_length=10, choices=DeterminationStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["determination", "id"]
        indexes = [models.Index(name="determination_change_by_row", fields=["determination", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
