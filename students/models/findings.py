"""What puts a student at risk: each finding opens once, says why and who acts, and closes itself."""

from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import Holder
from students.models.students import Enrollment


class RiskKind(models.TextChoices):
    """What was found."""

    MISSING_ATTENDANCE = "missing_attendance", "Absent several times"
    BEHIND = "behind", "Behind, or without any activity, in the last week"
    MISSED_MILESTONE = "missed_milestone", "Milestone missed"
    PAPER_MISSING = "paper_missing", "Paper missing"


class RiskLevel(models.TextChoices):
    """How pressing it is."""

    WARN = "warn", "Watch"
    ESCALATE = "escalate", "Act"
    CRITICAL = "critical", "Act today"


class RiskAudience(models.TextChoices):
    """Who acts."""

    HOLDER = "holder", "The school"
    STAFF = "staff", "The network’s staff"


class RiskFinding(models.Model):
    """One finding about one enrollment, for those who act; open until what it found is over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="risks", db_index=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="risks", db_index=False)
    kind = models.CharField(max_length=18, choices=RiskKind)
    about = models.CharField(max_length=80, blank=True, help_text="Which milestone or paper, where there are several.")
    audience = models.CharField(max_length=6, choices=RiskAudience)
    level = models.CharField(max_length=8, choices=RiskLevel)
    explanation = models.CharField(max_length=400, help_text="Why, with the figures; it names nobody.")
    opened_on = models.DateField()
    seen_on = models.DateField(help_text="The last day on which it was found.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "risk"
        default_permissions = ("view",)
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="risk_open_once", fields=["enrollment", "kind", "about", "audience"], condition=Q(closed_at=None)
            ),
            models.CheckConstraint(name="risk_kind_known", condition=Q(kind__in=RiskKind.values)),
            models.CheckConstraint(name="risk_closed_has_reason", condition=Q(closed_at=None) | ~Q(closed_because="")),
        ]
        indexes = [
            models.Index(name="risk_of_holder", fields=["holder", "audience"], condition=Q(closed_at=None)),
            models.Index(name="risk_list", fields=["-opened_on", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class RiskNotice(models.Model):
    """That those who act were written to: once for each enrollment, kind and day."""

    id = models.BigAutoField(primary_key=True)
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="risk_notices", db_index=False)
    kind = models.CharField(max_length=18, choices=RiskKind)
    audience = models.CharField(max_length=6, choices=RiskAudience)
    day = models.DateField()
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["-day", "id"]
        constraints = [
            models.UniqueConstraint(name="risk_notice_once", fields=["enrollment", "kind", "audience", "day"])
        ]

    def __str__(self) -> str:
        return f"notice of {self.day}"
