"""The figures of low income and the definitions of local areas, as staff keep them with their dates."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7


class IncomeFigure(models.Model):
    """A year's income in dollars that somebody may have at most, as published for one place and some days."""

    class Measure(models.TextChoices):
        """What is published: the poverty guideline, or 70 percent of the lower living standard income level."""

        POVERTY = "poverty", "Poverty guideline"
        STANDARD = "llsil", "70 % of the LLSIL"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    measure = models.CharField(max_length=7, choices=Measure)
    place = models.CharField(
        max_length=120,
        help_text="Of a guideline: contiguous, alaska or hawaii. Of the LLSIL: the area, as you name it.",
    )
    family_size = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="Of a guideline: 1."
    )
    amount = models.DecimalField(max_digits=9, decimal_places=2, validators=[MinValueValidator(1)])
    each_further_person = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Of a guideline alone: what each person beyond the first adds.",
    )  # fmt: skip
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True, help_text="The last day; empty: until a later one begins.")
    source = models.CharField(max_length=200, help_text="Where it was published, as 91 FR 1797.")

    class Meta:
        ordering = ["measure", "place", "family_size", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                name="income_figure_once", fields=["measure", "place", "family_size", "effective_from"]
            ),
            models.CheckConstraint(name="income_figure_measure", condition=Q(measure__in=["poverty", "llsil"])),
            models.CheckConstraint(
                name="income_figure_fits_measure",
                condition=Q(
                    measure="poverty", family_size=1, each_further_person__isnull=False, each_further_person__gt=0
                )
                | Q(measure="llsil", family_size__gte=1, each_further_person__isnull=True),
                violation_error_message="A guideline is for one person, with what each further one adds; "
                "a figure of the LLSIL is for one size of family, and nothing is added.",
            ),
            models.CheckConstraint(name="income_figure_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="income_figure_dates",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                violation_error_message="It cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()}, {self.place}, {self.family_size}"

    def clean(self) -> None:
        """Refuse a guideline for a place that has none."""
        if self.measure == self.Measure.POVERTY and self.place not in ("contiguous", "alaska", "hawaii"):
            raise ValidationError({"place": "A guideline is for contiguous, alaska or hawaii."})


class LocalDefinition(models.Model):
    """What the law leaves to a state or local area, in its own words; there is no default."""

    class Topic(models.TextChoices):
        """What is defined."""

        ADDITIONAL_ASSISTANCE = "additional_assistance", "Youth who need additional assistance"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.CharField(max_length=30, choices=Topic)
    text = models.TextField(max_length=2000, help_text="The written definition, as the state or local area gives it.")
    source = models.CharField(max_length=200, help_text="The policy it stands in.")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["topic", "-effective_from"]
        constraints = [
            models.UniqueConstraint(name="local_definition_once", fields=["topic", "effective_from"]),
            models.CheckConstraint(name="local_definition_topic", condition=Q(topic="additional_assistance")),
            models.CheckConstraint(
                name="local_definition_dates",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                violation_error_message="It cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}, from {self.effective_from}"
