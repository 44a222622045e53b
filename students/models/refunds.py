"""What was given back to students who left: the rule, the figures and the credit note."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models import CreditNote
from students.models.policies import RefundRule
from students.models.students import Enrollment


class Refund(models.Model):
    """A refund of one enrollment, as it was reckoned when it was granted: append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, related_name="refund")
    rule = models.ForeignKey(RefundRule, models.PROTECT, related_name="+", db_index=False)
    left_on = models.DateField()
    tuition = models.DecimalField(max_digits=10, decimal_places=2)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    explanation = models.CharField(max_length=400)
    credit_note = models.OneToOneField(CreditNote, models.PROTECT, related_name="student_refund")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-granted_at"]
        constraints = [
            models.CheckConstraint(name="refund_within_tuition", condition=Q(amount__gt=0, amount__lte=F("tuition"))),
            models.CheckConstraint(name="refund_percent_known", condition=Q(percent__gt=0, percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"refund {self.pk}"
