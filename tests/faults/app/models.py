"""Traces of what handlers did."""

from typing import ClassVar

from django.db import models

from autopilot import clock


class Effect(models.Model):
    """A local effect of a step; nothing keeps a second one away, so that a repetition shows."""

    job_id = models.UUIDField()
    name = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Effect"]] = models.Manager()

    class Meta:
        app_label = "faults"

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"
