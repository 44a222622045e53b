"""What happened, counted by the hour: figures that stay cheap when the events are millions."""

from django.db import models

from autopilot import clock


class EventTally(models.Model):
    """How many jobs of a kind moved from one status to another for one reason, in one hour."""

    hour = models.DateTimeField()
    worker = models.CharField(max_length=40)
    kind = models.CharField(max_length=100)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    why = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "event tallies"
        constraints = [
            models.UniqueConstraint(
                name="event_tally_once", fields=["hour", "worker", "kind", "from_status", "to_status", "why"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.why}: {self.count}"


class DurationTally(models.Model):
    """How many durations of one measure were at most so long, in one hour: one bar of a histogram."""

    class Measure(models.TextChoices):
        """What was measured."""

        WAIT = "wait", "From due to started"
        RUN = "run", "From started to ended"
        TOTAL = "total", "From enqueued to completed"
        DECISION = "decision", "From asked to decided"

    hour = models.DateTimeField()
    worker = models.CharField(max_length=40)
    kind = models.CharField(max_length=100)
    measure = models.CharField(max_length=8, choices=Measure)
    upper = models.FloatField(help_text="The bar's upper bound in seconds; infinity for the last.")
    count = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0.0, help_text="All of them added up.")

    class Meta:
        verbose_name_plural = "duration tallies"
        constraints = [
            models.UniqueConstraint(name="duration_tally_once", fields=["hour", "worker", "kind", "measure", "upper"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.measure} up to {self.upper}: {self.count}"


class TallyCursor(models.Model):
    """How far the counting has come."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.name}: {self.position}"
