"""Where a person informs or decides: checkpoints, their revisions, decisions and notices."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models.jobs import Job


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    """Checkpoints, by what they need."""

    def pending(self) -> Self:
        """Checkpoints that a person must still decide."""
        return self.filter(status=Checkpoint.Status.PENDING)


class Checkpoint(models.Model):
    """A point where a job informs a person, or waits for a person's decision."""

    class Kind(models.TextChoices):
        """What is asked of the person."""

        INFO = "info", "For information"
        APPROVAL_REQUIRED = "approval_required", "Approval required"
        RECONCILE = "reconcile", "Did it happen?"

    class Status(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "Pending"
        NOTED = "noted", "Noted"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        HAPPENED = "happened", "It happened"
        NOT_HAPPENED = "not_happened", "It did not happen"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"

    class OnExpiry(models.TextChoices):
        """What the job does when nobody decided in time."""

        FAIL = "fail", "fail"
        CANCEL = "cancel", "be cancelled"
        RESUME = "resume", "go on without a decision"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="checkpoints", db_index=False)
    tenant_id = models.UUIDField()
    generation = models.PositiveIntegerField()
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)

    payload = models.JSONField(default=dict)
    payload_version = models.PositiveIntegerField(default=1)
    payload_digest = models.CharField(max_length=64)
    form = models.CharField(max_length=100, blank=True, help_text="The registered form that amends it.")
    form_schema = models.JSONField(default=dict)

    quorum = models.PositiveSmallIntegerField(default=1)
    reviewers = models.ManyToManyField(Group, blank=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField(null=True, blank=True)
    changes_asked_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version that a reviewer sent back; a newer one answers it."
    )
    changes_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    requester_label = models.CharField(max_length=150, blank=True)
    last_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_editor_label = models.CharField(max_length=150, blank=True)

    due_at = models.DateTimeField(null=True, blank=True, help_text="Promised by.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Ends undecided at.")
    on_expiry = models.CharField(max_length=6, choices=OnExpiry, default=OnExpiry.FAIL)
    outcome = models.JSONField(null=True, blank=True)
    inherited_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The checkpoint of the generation before, whose decision counts here.",
    )
    created_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        permissions = [
            ("decide_checkpoint", "Can amend and decide checkpoints"),
            ("assign_checkpoint", "Can assign checkpoints to other people"),
        ]
        constraints = [
            models.UniqueConstraint(name="checkpoint_one_per_key", fields=["job", "generation", "key"]),
            models.CheckConstraint(name="checkpoint_quorum_at_least_1", condition=Q(quorum__gte=1)),
            models.CheckConstraint(
                name="checkpoint_decided_unless_pending",
                condition=Q(status="pending", decided_at__isnull=True)
                | ~Q(status="pending") & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="checkpoint_status_fits_kind",
                condition=Q(kind="info", status="noted")
                | Q(kind="approval_required", status__in=("pending", "approved", "rejected", "expired", "cancelled"))
                | Q(kind="reconcile", status__in=("pending", "happened", "not_happened", "cancelled")),
            ),
        ]
        indexes = [
            models.Index(name="checkpoint_inbox", fields=["created_at", "id"], condition=Q(status="pending")),
            models.Index(
                name="checkpoint_expiry",
                fields=["expires_at"],
                condition=Q(status="pending", expires_at__isnull=False),
            ),
            models.Index(
                name="checkpoint_assignee",
                fields=["assignee", "created_at"],
                condition=Q(status="pending", assignee__isnull=False),
            ),
            models.Index(name="checkpoint_due", fields=["due_at"], condition=Q(status="pending", due_at__isnull=False)),
            models.Index(name="checkpoint_list", fields=["-created_at", "-id"]),
            models.Index(name="checkpoint_tenant_list", fields=["tenant_id", "-created_at", "-id"]),
            models.Index(name="checkpoint_counts", fields=["kind", "status"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_pending(self) -> bool:
        """Whether a person must still decide it."""
        return self.status == self.Status.PENDING


class CheckpointRevision(models.Model):
    """One version of what a checkpoint asks about: append-only, the first one included."""

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="revisions", db_index=False)
    version = models.PositiveIntegerField()
    payload = models.JSONField()
    digest = models.CharField(max_length=64)
    diff = models.JSONField(default=list, help_text="Fields changed: path, before, after.")
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    editor_label = models.CharField(max_length=150, blank=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["checkpoint", "version"]
        constraints = [models.UniqueConstraint(name="revision_one_per_version", fields=["checkpoint", "version"])]

    def __str__(self) -> str:
        return f"version {self.version}"


class Decision(models.Model):
    """One person's verdict on one version of a checkpoint's payload: append-only."""

    class Verdict(models.TextChoices):
        """What the person said."""

        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"
        HAPPENED = "happened", "It happened"
        NOT_HAPPENED = "not_happened", "It did not happen"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="decisions", db_index=False)
    payload_version = models.PositiveIntegerField()
    payload_digest = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=150)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    break_glass = models.BooleanField(default=False)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Whose delegation let the person decide.",
    )
    verdict = models.CharField(max_length=12, choices=Verdict)
    comment = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    mfa_level = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20)
    bulk_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="decision_one_vote_per_person", fields=["checkpoint", "payload_version", "actor"]
            ),
            models.CheckConstraint(
                name="decision_needs_second_person",
                condition=Q(break_glass=True)
                | (Q(requester__isnull=True) | ~Q(actor=F("requester")))
                & (Q(last_editor__isnull=True) | ~Q(actor=F("last_editor"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.actor_label}"


class CheckpointComment(models.Model):
    """What a person said about a checkpoint without deciding it: append-only."""

    class Kind(models.TextChoices):
        """What the comment is for."""

        REMARK = "remark", "Comment"
        CHANGES = "changes", "Changes asked for"

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="comments", db_index=False)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.REMARK)
    payload_version = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    author_label = models.CharField(max_length=150)
    text = models.TextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(name="comment_checkpoint", fields=["checkpoint", "at"])]
        constraints = [models.CheckConstraint(name="comment_not_empty", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.author_label}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Delegations, by when they hold."""

    def active(self, at: datetime) -> Self:
        """Delegations that hold at a time, from people who are still there."""
        return self.filter(starts_at__lte=at, ends_at__gt=at, delegator__is_active=True)


class Delegation(models.Model):
    """For a time, one reviewer stands in for another: the delegate reviews for the delegator's groups as well."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    delegator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        permissions = [("manage_delegation", "Can delegate reviews of other people")]
        constraints = [
            models.CheckConstraint(name="delegation_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="delegation_between_two", condition=~Q(delegator=F("delegate"))),
        ]
        indexes = [models.Index(name="delegation_holds", fields=["delegate", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.delegator} to {self.delegate}"


class Notice(models.Model):
    """One reminder or escalation of a checkpoint: the row is why it is sent once."""

    class Kind(models.TextChoices):
        """What the notice tells."""

        REMINDER = "reminder", "Reminder"
        ESCALATION = "escalation", "Escalation"

    id = models.BigAutoField(primary_key=True)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(name="notice_sent_once", fields=["checkpoint", "kind", "number"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
