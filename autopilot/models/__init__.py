"""The tables of the ground floor."""

from autopilot.models.audit import AuditEntry
from autopilot.models.checkpoints import (
    Checkpoint,
    CheckpointComment,
    CheckpointRevision,
    Decision,
    Delegation,
    Notice,
)
from autopilot.models.clusters import ClusterHeartbeat, ClusterRestart, Duty
from autopilot.models.documents import Document
from autopilot.models.fillable_forms import EditionStatus, FieldMapping, FillableForm, FormEdition
from autopilot.models.jobs import FINAL, Attempt, Event, Job, JobStatus, Step, WaitReason
from autopilot.models.ledger import LedgerAnchor, LedgerEntry
from autopilot.models.outbox import OutboxMessage
from autopilot.models.portals import (
    InboxMessage,
    Portal,
    PortalLine,
    Submission,
    SubmissionAttachment,
    SubmissionChange,
)
from autopilot.models.retention import Award, Disposal, LegalHold, RetentionRule
from autopilot.models.searches import SavedSearch
from autopilot.models.tallies import DurationTally, EventTally, TallyCursor
from autopilot.models.template_versions import TemplateStatus, TemplateVersion
from autopilot.models.tokens import ApiToken, IdempotencyKey, Scope
from autopilot.models.webhooks import WebhookDelivery, WebhookEndpoint
from autopilot.models.workers import Schedule, Worker

__all__ = [
    "FINAL",
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "Award",
    "Checkpoint",
    "CheckpointComment",
    "CheckpointRevision",
    "ClusterHeartbeat",
    "ClusterRestart",
    "Decision",
    "Delegation",
    "Disposal",
    "Document",
    "DurationTally",
    "Duty",
    "EditionStatus",
    "Event",
    "EventTally",
    "FieldMapping",
    "FillableForm",
    "FormEdition",
    "IdempotencyKey",
    "InboxMessage",
    "Job",
    "JobStatus",
    "LedgerAnchor",
    "LedgerEntry",
    "LegalHold",
    "Notice",
    "OutboxMessage",
    "Portal",
    "PortalLine",
    "RetentionRule",
    "SavedSearch",
    "Schedule",
    "Scope",
    "Step",
    "Submission",
    "SubmissionAttachment",
    "SubmissionChange",
    "TallyCursor",
    "TemplateStatus",
    "TemplateVersion",
    "WaitReason",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Worker",
]
