"""How checkpoints are written: what is told of them, and what a decision says."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from autopilot.api.schemas import SAMPLE_ID
from autopilot.api.serializers import StrictSerializer
from autopilot.engine.decisions import VERDICTS
from autopilot.models import Checkpoint, Decision
from autopilot.redaction import redacted

LONGEST_COMMENT = 4000
JSON_OBJECT = {"type": "object", "additionalProperties": True}


class CheckpointQuerySerializer(StrictSerializer):
    """Which checkpoints to list."""

    status = serializers.ChoiceField(Checkpoint.Status.choices, required=False, help_text="What became of them.")
    kind = serializers.ChoiceField(Checkpoint.Kind.choices, required=False, help_text="What they ask.")


class FoundSerializer(StrictSerializer):
    """What a reconciliation has found out."""

    number = serializers.CharField(
        max_length=100, required=False, help_text="The receipt’s number as the other side shows it; for `happened`."
    )


class DecisionSerializer(StrictSerializer):
    """One person’s verdict."""

    verdict = serializers.ChoiceField(
        Decision.Verdict.choices, help_text="One of the `verdicts` that the checkpoint itself names."
    )
    comment = serializers.CharField(
        max_length=LONGEST_COMMENT,
        required=False,
        allow_blank=True,
        help_text="Why; a rejection needs it, and whoever asked is told it.",
    )
    data = FoundSerializer(  # type: ignore[assignment]
        required=False, help_text="What was found out; for a checkpoint that asks whether it happened."
    )


class OutcomeSerializer(StrictSerializer):
    """How it was decided."""

    verdict = serializers.CharField(help_text="What was said.")
    by = serializers.CharField(help_text="Who said it last.")
    comment = serializers.CharField(help_text="Why.")
    version = serializers.IntegerField(help_text="Of which version of the packet.")


class CheckpointSummarySerializer(serializers.ModelSerializer[Checkpoint]):
    """A checkpoint, as lists tell it."""

    requested_by = serializers.CharField(source="requester_label", help_text="Who asked for the job.")

    class Meta:
        model = Checkpoint
        fields = [
            "id",
            "job_id",
            "tenant_id",
            "kind",
            "status",
            "title",
            "payload_version",
            "quorum",
            "requested_by",
            "due_at",
            "expires_at",
            "created_at",
            "decided_at",
        ]
        read_only_fields = fields


class CheckpointSerializer(CheckpointSummarySerializer):
    """A checkpoint, with what is decided on and how it was decided."""

    amended_by = serializers.CharField(source="last_editor_label", help_text="Who made this version, if not the job.")
    payload = serializers.SerializerMethodField(help_text="What is decided on; sensitive values are masked.")
    verdicts = serializers.SerializerMethodField(help_text="What can be said while it is pending.")
    outcome = serializers.SerializerMethodField(help_text="How it was decided; null until then.")

    class Meta(CheckpointSummarySerializer.Meta):
        fields = [
            *CheckpointSummarySerializer.Meta.fields,
            "summary",
            "amended_by",
            "on_expiry",
            "verdicts",
            "outcome",
            "payload_digest",
            "payload",
        ]
        read_only_fields = fields

    @extend_schema_field(JSON_OBJECT)
    def get_payload(self, checkpoint: Checkpoint) -> Any:
        """Return what is decided on, masked."""
        return redacted(checkpoint.payload, checkpoint.form_schema)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": Decision.Verdict.values}})
    def get_verdicts(self, checkpoint: Checkpoint) -> list[str]:
        """Return what can be said."""
        allowed = VERDICTS.get(Checkpoint.Kind(checkpoint.kind), ()) if checkpoint.is_pending else ()
        return [verdict.value for verdict in allowed]

    @extend_schema_field(OutcomeSerializer(allow_null=True))
    def get_outcome(self, checkpoint: Checkpoint) -> dict[str, Any] | None:
        """Return how it was decided."""
        return outcome_of(checkpoint)


def outcome_of(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return how a checkpoint was decided, and by whom; None for one that nobody has decided."""
    if not checkpoint.outcome:
        return None
    told = checkpoint.outcome
    by, comment = told.get("by_label", ""), told.get("comment", "")
    return {"verdict": told.get("verdict", ""), "by": by, "comment": comment, "version": told.get("version", 0)}


SAMPLE = {
    "id": SAMPLE_ID,
    "job_id": "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d11",
    "tenant_id": "00000000-0000-7000-8000-000000000001",
    "kind": "approval_required",
    "status": "pending",
    "title": "Write 1 file?",
    "payload_version": 1,
    "quorum": 1,
    "requested_by": "lindqvist",
    "due_at": None,
    "expires_at": None,
    "created_at": "2026-11-20T14:00:00Z",
    "decided_at": None,
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_CHECKPOINT = SAMPLE | {
    "summary": "A report",
    "amended_by": "",
    "on_expiry": "fail",
    "verdicts": ["approve", "reject"],
    "outcome": None,
    "payload_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "payload": {"files": [{"path": "report.txt", "content": "done"}]},
}
SAMPLE_DECIDED = SAMPLE_CHECKPOINT | {
    "status": "approved",
    "decided_at": "2026-11-20T14:05:00Z",
    "verdicts": [],
    "outcome": {"verdict": "approve", "by": "rivera", "comment": "", "version": 1},
}
