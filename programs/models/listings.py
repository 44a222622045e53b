"""Listings of programs with states: a program's way onto, and its stay on, an eligible training provider list (ETPL)."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import Document
from programs import codes
from programs.models.programs import Program


class ListingStatus(models.TextChoices):
    """Where a listing stands; written by `services.listings.move_listing` alone."""

    PREPARED = "prepared", "Prepared"
    IN_REVIEW = "in_review", "In review"
    SUBMITTED = "submitted", "Submitted to the state"
    LISTED = "listed", "Listed"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Listing(models.Model):
    """One application for a program's eligibility in one state (WIOA section 122, 20 CFR 680.400-.530)."""

    class Eligibility(models.TextChoices):
        """Initial eligibility lasts a year at most; continued eligibility is reviewed every two years at least."""

        INITIAL = "initial", "Initial"
        CONTINUED = "continued", "Continued"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Program, models.CASCADE, related_name="listings", db_index=False)
    state = models.CharField(max_length=2, choices=list(codes.STATES.items()))
    eligibility = models.CharField(max_length=9, choices=Eligibility, default=Eligibility.INITIAL)
    status = models.CharField(max_length=9, choices=ListingStatus, default=ListingStatus.PREPARED)
    facts = models.JSONField(default=dict, blank=True, help_text="What the state is told, as it was prepared.")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    submission_id = models.UUIDField(null=True, blank=True)
    job_id = models.UUIDField(null=True, blank=True, help_text="The newest job that works on it.")
    state_reference = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)
    listed_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    reminded_days = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="The newest reminder: so many days before it expires."
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["program", "-created_at"]
        constraints = [
            models.CheckConstraint(name="listing_status_known", condition=Q(status__in=ListingStatus.values)),
            models.UniqueConstraint(
                name="listing_one_open",
                fields=["program", "state"],
                condition=Q(status__in=["prepared", "in_review", "submitted"]),
            ),
        ]
        indexes = [
            models.Index(name="listing_expiry", fields=["expires_on"], condition=Q(status="listed")),
            models.Index(name="listing_of_program", fields=["program", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"listing {self.pk}"


class ListingStatusChange(models.Model):
    """One step of a listing: append-only."""

    id = models.BigAutoField(primary_key=True)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="status_changes", db_index=False)
    from_status = models.CharField(max_length=9, choices=ListingStatus, blank=True)
    to_status = models.CharField(max_length=9, choices=ListingStatus)
    reason = models.TextField(blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["listing", "id"]
        constraints = [
            models.CheckConstraint(name="listing_change_status_known", condition=Q(to_status__in=ListingStatus.values)),
        ]
        indexes = [models.Index(name="listing_change_by_row", fields=["listing", "id"])]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
