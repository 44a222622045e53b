"""How long documents are kept: rules as data, awards and their final reports, legal holds, disposals."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models.documents import Document


class RetentionRule(models.Model):
    """One duty to keep documents of a kind; of several that apply, the one that ends last counts."""

    class Start(models.TextChoices):
        """When the years begin to run."""

        FINAL_REPORT = "final_report", "When the award’s final financial report was submitted"
        ARCHIVED = "archived", "When the document was archived"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.SlugField(blank=True, help_text="Kind of document, such as mou; empty: every document.")
    years = models.PositiveSmallIntegerField(help_text="How long, once the years begin to run.")
    start = models.CharField(max_length=12, choices=Start, help_text="When the years begin to run.")
    source = models.CharField(max_length=200, help_text="The law or the contract, such as 2 CFR 200.334.")
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, blank=True, help_text="Its last day; empty: in force until told.")

    class Meta:
        ordering = ["kind", "source", "effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "effective_from"], name="retention_rule_once"),
            models.CheckConstraint(condition=Q(start__in=["final_report", "archived"]), name="retention_rule_start"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="retention_rule_days",
                violation_error_message="A rule cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.kind or 'every document'})"


class Award(models.Model):
    """A federal award, whose records are kept until years after its final financial report (2 CFR 200.334)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=100, unique=True, help_text="As the awarding agency writes it.")
    begins_on = models.DateField(help_text="Documents archived from this day on belong to its records,")
    ends_on = models.DateField(help_text="to this day.")
    final_report_on = models.DateField(null=True, blank=True, editable=False, help_text="Empty: not submitted yet.")

    class Meta:
        ordering = ["begins_on", "number"]
        permissions = [("record_final_report", "Can record that an award’s final report was submitted")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")),
                name="award_days",
                violation_error_message="An award cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LegalHold(models.Model):
    """An order to keep a document whatever its retention says, as for litigation, a claim or an audit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["document"], condition=Q(lifted_at=None), name="legal_hold_one_open"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="legal_hold_lifted_by",
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.document_id}"


class DisposalQuerySet(models.QuerySet["Disposal"]):
    """Disposals, by whether they are decided."""

    def open(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(decided_at=None)


class Disposal(models.Model):
    """A proposal to destroy a document's file, and what a second person decided about it; the row stays for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="disposals")
    reason = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_because = models.CharField(max_length=200, blank=True)
    approved = models.BooleanField(default=False)

    objects = DisposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(decided_at=None) | Q(approved=True), name="disposal_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="disposal_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=False)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="disposal_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"disposal of {self.document_id}"
