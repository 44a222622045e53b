"""Students, and their enrollments in cohorts. What is sensitive about a person has no place here."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Cohort, Holder

# Crockford's digits: no letter that is taken for a number, and no U.
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_PATTERN = r"^P[0-9A-HJKMNP-TV-Z]{11}\Z"


def new_number() -> str:
    """Return an identifier for a person: P and eleven random digits, which nobody can take for a Social Security number."""
    return "P" + "".join(secrets.choice(DIGITS) for _ in range(11))


class EnrollmentStatus(models.TextChoices):
    """Where an enrollment stands; written by `services.enrollments.move_enrollment` alone."""

    APPLIED = "applied", "Applied"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    TRANSFERRED = "transferred", "Transferred"


class Funding(models.TextChoices):
    """Who pays."""

    WIOA = "wioa", "WIOA"
    THIRD_PARTY = "third_party", "Another third party"
    SELF_PAY = "self_pay", "The student"


class Student(models.Model):
    """A person who trains; a user of the portal once invited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="student"
    )
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=24, blank=True)
    number = models.CharField(
        "person identifier", max_length=12, default=new_number, db_default="", editable=False,
        help_text="Element 100 of the PIRL. Assigned by us, kept for life, and the same on every record of one person.",
    )  # fmt: skip
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.CheckConstraint(
                name="student_number_format", condition=Q(number="") | Q(number__regex=NUMBER_PATTERN)
            )
        ]
        indexes = [
            models.Index(name="student_list", fields=["last_name", "first_name", "id"]),
            models.Index(name="student_email", fields=["email"], condition=~Q(email="")),
            models.Index(name="student_number", fields=["number"]),
        ]

    def __str__(self) -> str:
        return f"student {self.pk}"

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class Enrollment(models.Model):
    """A student in a cohort."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="enrollments", db_index=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrollments", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="enrollments", db_index=False)
    status = models.CharField(max_length=11, choices=EnrollmentStatus, default=EnrollmentStatus.APPLIED)
    funding = models.CharField(max_length=11, choices=Funding, default=Funding.WIOA)
    reference = models.CharField(
        max_length=120, blank=True, help_text="The holder's own number for it; importing it twice changes nothing."
    )
    reason = models.TextField(blank=True, help_text="Why it was declined, withdrawn or transferred.")
    applied_at = models.DateTimeField(default=clock.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    transferred_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="transferred_to", db_index=False,
        help_text="The enrollment in another cohort that this one goes on with.",
    )  # fmt: skip
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        permissions = [("control_enrollment", "Can accept, decline, start, complete and withdraw enrollments")]
        ordering = ["-applied_at", "-id"]
        constraints = [
            models.CheckConstraint(name="enrollment_status_known", condition=Q(status__in=EnrollmentStatus.values)),
            models.CheckConstraint(name="enrollment_funding_known", condition=Q(funding__in=Funding.values)),
            models.UniqueConstraint(
                name="enrollment_once_while_open",
                fields=["student", "cohort"],
                condition=Q(status__in=["applied", "accepted", "active", "completed"]),
            ),
            models.UniqueConstraint(
                name="enrollment_reference_once", fields=["holder", "cohort", "reference"], condition=~Q(reference="")
            ),
            models.CheckConstraint(
                name="enrollment_ended_has_reason",
                condition=~Q(status__in=["declined", "withdrawn", "transferred"]) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(name="enrollment_of_cohort", fields=["cohort", "status"]),
            models.Index(name="enrollment_of_holder", fields=["holder", "-applied_at"]),
            models.Index(name="enrollment_of_student", fields=["student", "-applied_at"]),
        ]

    def __str__(self) -> str:
        return f"enrollment {self.pk}"


class EnrollmentStatusChange(models.Model):
    """One step of an enrollment: append-only."""

    id = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="status_changes", db_index=False)
    from_status = models.CharField(max_length=11, choices=EnrollmentStatus, blank=True)
    to_status = models.CharField(max_length=11, choices=EnrollmentStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["enrollment", "id"]
        indexes = [models.Index(name="enrollment_change_by_row", fields=["enrollment", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
