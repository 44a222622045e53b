"""How a student comes to an account: by a link that is mailed to the address on file."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from students.models.students import Student

INVITATION_LIFE = timedelta(days=14)


class StudentInvitation(models.Model):
    """A link by which a student opens their own record; the link itself is not stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(Student, models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField("e-mail")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    invited_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["student", "-invited_at"]
        constraints = [
            models.UniqueConstraint(
                name="student_invitation_one_open", fields=["student"], condition=Q(accepted_at=None, revoked_at=None)
            ),
            models.CheckConstraint(name="student_invitation_expires", condition=Q(expires_at__gt=F("invited_at"))),
        ]
        indexes = [models.Index(name="student_invitation_of", fields=["student", "-invited_at"])]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
