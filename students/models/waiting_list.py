"""Who waits for a seat in a cohort that is full, in the order in which they came."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Cohort, Holder
from students.models.students import Enrollment, Funding, Student


class WaitingPlace(models.Model):
    """One place in the list of a cohort: open until it becomes an enrollment, or is given up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="waiting", db_index=False)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="+", db_index=False)
    student = models.ForeignKey(Student, models.PROTECT, related_name="waiting", db_index=False)
    funding = models.CharField(max_length=11, choices=Funding, default=Funding.WIOA)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    joined_at = models.DateTimeField(default=clock.now)
    left_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why the place was given up.")
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, null=True, blank=True, related_name="waited")

    class Meta:
        default_permissions = ("view",)
        ordering = ["cohort", "joined_at", "id"]
        constraints = [
            models.UniqueConstraint(name="waiting_once", fields=["cohort", "student"], condition=Q(left_at=None)),
            models.CheckConstraint(
                name="waiting_ended_has_reason",
                condition=Q(left_at=None, enrollment=None) | Q(left_at__isnull=False) & (Q(enrollment__isnull=False) | ~Q(reason="")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="waiting_in_order", fields=["cohort", "joined_at", "id"], condition=Q(left_at=None))
        ]

    def __str__(self) -> str:
        return f"waiting place {self.pk}"
