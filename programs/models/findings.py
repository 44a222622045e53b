"""What the checks of an application found."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from programs.models.applications import Application


class Finding(models.Model):
    """What one check found about one revision of an application, with its reason and its source."""

    class Verdict(models.TextChoices):
        """How the check went."""

        PASS = "pass", "Pass"
        WARN = "warn", "Warning"
        FAIL = "fail", "Fail"

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, models.CASCADE, related_name="findings", db_index=False)
    revision = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0, help_text="Number of the program; 0 is the application.")
    check_code = models.CharField(max_length=40)
    title = models.CharField(max_length=100)
    verdict = models.CharField(max_length=4, choices=Verdict)
    reason = models.CharField(max_length=300)
    action = models.CharField(max_length=300, blank=True, help_text="What to do about it.")
    source = models.CharField(max_length=200)
    internal = models.BooleanField(default=False, help_text="For staff; never part of a packet.")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["application", "revision", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="finding_one_per_check", fields=["application", "revision", "check_code", "position"]
            ),
            models.CheckConstraint(name="finding_verdict_known", condition=Q(verdict__in=("pass", "warn", "fail"))),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.verdict}"
