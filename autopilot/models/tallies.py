"""What happened, counted by the hour: figures that stay cheap when the events are millions."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import F

from autopilot import clock

# The hour under which everything older than the hours that are kept is added up.
BEFORE = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour, in UTC, that a time belongs to."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class EventTallyQuerySet(models.QuerySet["EventTally"]):
    """Tallies of events, and of what leaves no event."""

    def note(self, why: str) -> None:
        """Count, in this hour, something that leaves no event because its transaction was refused.

        Call it outside that transaction. `why` is a name of its own: these rows have neither kind nor status.
        """
        key = {"hour": hour_of(clock.now()), "worker": "", "kind": "", "from_status": "", "to_status": "", "why": why}
        row, created = self.get_or_create(**key, defaults={"count": 1})
        if not created:
            self.filter(pk=row.pk).update(count=F("count") + 1)


class EventTally(models.Model):
    """How many jobs of a kind moved from one status to another for one reason, in one hour."""

    FENCED, FOUR_EYES = "fenced_write", "four_eyes_denied"

    hour = models.DateTimeField()
    worker = models.CharField(max_length=40)
    kind = models.CharField(max_length=100)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    why = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    objects = EventTallyQuerySet.as_manager()

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
        HANDLING = "handling", "From enqueued to a person asked, or completed without one"

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
