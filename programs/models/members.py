"""The people of a holder, and the invitations that make them its people."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from autopilot import clock
from autopilot.identifiers import uuid7
from programs.models.holders import Holder

INVITATION_LIFE = timedelta(days=14)


class MemberRole(models.TextChoices):
    """What a member may do: an owner everything, a coordinator the daily work, a reader nothing but look."""

    OWNER = "owner", "Owner"
    COORDINATOR = "coordinator", "Coordinator"
    READ_ONLY = "read_only", "Read only"


class Member(models.Model):
    """A person who works for a holder; one person may work for several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", db_index=False)
    role = models.CharField(max_length=11, choices=MemberRole)
    preferences = models.JSONField(default=dict, blank=True, help_text="Topics that are not mailed: {topic: false}.")
    joined_at = models.DateTimeField(default=clock.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["holder", "joined_at"]
        constraints = [
            models.CheckConstraint(name="member_role_known", condition=Q(role__in=MemberRole.values)),
            models.UniqueConstraint(
                name="member_once_per_holder", fields=["holder", "user"], condition=Q(left_at__isnull=True)
            ),
        ]
        indexes = [models.Index(name="member_of", fields=["user"], condition=Q(left_at__isnull=True))]

    def __str__(self) -> str:
        return f"member {self.pk}"


class Invitation(models.Model):
    """A mailed link by which a person becomes a member; only its digest is kept, and it works once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    holder = models.ForeignKey(Holder, models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField("e-mail")
    role = models.CharField(max_length=11, choices=MemberRole)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    member = models.OneToOneField(
        Member, models.SET_NULL, null=True, blank=True, related_name="invitation", help_text="Who came of it."
    )

    class Meta:
        ordering = ["holder", "-created_at"]
        constraints = [
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=MemberRole.values)),
            models.CheckConstraint(
                name="invitation_accepted_or_revoked",
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="invitation_one_open",
                fields=["holder", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
