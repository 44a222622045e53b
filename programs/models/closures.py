"""Days on which a holder does not teach."""

from django.db import models

from autopilot.identifiers import uuid7
from programs.models.holders import Holder


class Closure(models.Model):
    """One such day: no session is made for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="closures", db_index=False)
    date = models.DateField()
    name = models.CharField(max_length=80, help_text="Why: Thanksgiving, teachers' day.")

    class Meta:
        ordering = ["holder", "date"]
        constraints = [models.UniqueConstraint(name="closure_once", fields=["holder", "date"])]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
