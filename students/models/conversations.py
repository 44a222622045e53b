"""What a student and the school write to each other about an enrollment."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from students.models.students import Enrollment


class StudentMessage(models.Model):
    """One message: kept as it was sent, and marked when the other side has read it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="conversation", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    by_student = models.BooleanField()
    text = models.TextField(max_length=2000)
    sent_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["enrollment", "sent_at", "id"]
        indexes = [
            models.Index(name="student_message_of", fields=["enrollment", "sent_at", "id"]),
            models.Index(name="student_message_unread", fields=["enrollment", "by_student"], condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
