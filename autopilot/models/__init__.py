"""The tables of the ground floor."""

from autopilot.models.audit import AuditEntry
from autopilot.models.checkpoints import Checkpoint, CheckpointRevision, Decision, Notice
from autopilot.models.clusters import ClusterHeartbeat, ClusterRestart, Duty
from autopilot.models.documents import Document
from autopilot.models.jobs import FINAL, Attempt, Event, Job, JobStatus, Step, WaitReason
from autopilot.models.outbox import OutboxMessage
from autopilot.models.portals import InboxMessage, Portal, Submission, SubmissionChange
from autopilot.models.workers import Schedule, Worker

__all__ = [
    "FINAL",
    "Attempt",
    "AuditEntry",
    "Checkpoint",
    "CheckpointRevision",
    "ClusterHeartbeat",
    "ClusterRestart",
    "Decision",
    "Document",
    "Duty",
    "Event",
    "InboxMessage",
    "Job",
    "JobStatus",
    "Notice",
    "OutboxMessage",
    "Portal",
    "Schedule",
    "Step",
    "Submission",
    "SubmissionChange",
    "WaitReason",
    "Worker",
]
