"""How jobs are written: what is asked for, and what is told of them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from autopilot import reports
from autopilot.api.schemas import SAMPLE_ID
from autopilot.api.serializers import ReasonSerializer, StrictSerializer
from autopilot.engine import Requeue
from autopilot.models import Event, Job, JobStatus, Step, WaitReason
from autopilot.models.jobs import GREATEST_PRIORITY, LEAST_PRIORITY
from autopilot.redaction import shown_error, shown_payload, shown_result
from autopilot.scrubbing import scrubbed_all

JSON_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(JSON_OBJECT)
class ObjectField(serializers.DictField):
    """A JSON object, taken as it is."""


class JobRequestSerializer(StrictSerializer):
    """A job to be done."""

    kind = serializers.CharField(max_length=100, help_text="What to do: one of `GET /kinds`.")
    payload = ObjectField(required=False, help_text="What the kind’s own schema asks for; see `GET /kinds`.")
    priority = serializers.IntegerField(
        required=False,
        min_value=LEAST_PRIORITY,
        max_value=GREATEST_PRIORITY,
        help_text="10 is most urgent. Without one, as the kind says.",
    )
    scheduled_for = serializers.DateTimeField(required=False, help_text="Not before. Without one, at once.")
    start_by = serializers.DateTimeField(required=False, help_text="Not after: unstarted by then, it fails.")
    unique_key = serializers.CharField(
        required=False, max_length=200, help_text="While a job of this key lives, it is returned instead of another."
    )
    concurrency_key = serializers.CharField(required=False, max_length=200, help_text="Jobs that share one take turns.")
    dry_run = serializers.BooleanField(required=False, help_text="Told to the handler, which then changes nothing.")
    tenant_id = serializers.UUIDField(
        required=False, help_text="The organization it works for. A token of a tenant can only name its own."
    )


class JobQuerySerializer(StrictSerializer):
    """Which jobs to list."""

    status = serializers.ChoiceField(JobStatus.choices, required=False, help_text="Where they stand.")
    kind = serializers.CharField(max_length=100, required=False, help_text="What they do.")
    worker = serializers.CharField(max_length=40, required=False, help_text="The family of their kind.")
    created_after = serializers.DateTimeField(required=False, help_text="Created at this time or later.")
    created_before = serializers.DateTimeField(required=False, help_text="Created before this time.")


class RequeueSerializer(ReasonSerializer):
    """From where a job that ended goes on, and why."""

    mode = serializers.ChoiceField(
        [(mode.value, mode.value) for mode in Requeue],
        default=Requeue.RESUME.value,
        help_text="`resume` keeps what its steps have stored, `from_step` what was stored before `step`, `restart` "
        "nothing: effects on the outside are then done again.",
    )
    step = serializers.CharField(max_length=120, required=False, help_text="The key of a step; for `from_step`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the step where one is needed."""
        if attrs["mode"] == Requeue.FROM_STEP and not attrs.get("step"):
            raise serializers.ValidationError({"step": "Name the step from which it goes on."}, code="required")
        return attrs


class JobSummarySerializer(serializers.ModelSerializer[Job]):
    """A job, as lists tell it."""

    requested_by = serializers.CharField(source="requester_label", help_text="Who asked for it.")
    wait_reason = serializers.ChoiceField(
        WaitReason.choices, allow_blank=True, help_text="What it waits for; empty while it does not wait."
    )

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "worker",
            "tenant_id",
            "status",
            "wait_reason",
            "reason",
            "priority",
            "attempt",
            "max_attempts",
            "generation",
            "requested_by",
            "unique_key",
            "dry_run",
            "created_at",
            "scheduled_for",
            "start_by",
            "first_started_at",
            "finished_at",
            "held_at",
            "cancel_requested_at",
        ]
        read_only_fields = fields


class JobSerializer(JobSummarySerializer):
    """A job, with what it was given and what it gave."""

    waiting_for = serializers.SerializerMethodField(
        help_text="In one sentence: what it waits for, and who can move it."
    )
    error = serializers.SerializerMethodField(help_text="Why its last attempt failed; sensitive values are masked.")
    payload = serializers.SerializerMethodField(help_text="What it was given; sensitive values are masked.")
    result = serializers.SerializerMethodField(help_text="What it gave, once it is completed; masked likewise.")

    class Meta(JobSummarySerializer.Meta):
        fields = [*JobSummarySerializer.Meta.fields, "parent_id", "error", "waiting_for", "payload", "result"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_waiting_for(self, job: Job) -> str:
        """Return what it waits for."""
        return reports.waiting_for(job)

    @extend_schema_field(OpenApiTypes.STR)
    def get_error(self, job: Job) -> str:
        """Return the last error, masked."""
        return shown_error(job)

    @extend_schema_field(JSON_OBJECT)
    def get_payload(self, job: Job) -> Any:
        """Return the payload, masked."""
        return shown_payload(job)

    @extend_schema_field({})
    def get_result(self, job: Job) -> Any:
        """Return the result, masked."""
        return shown_result(job)


class EventSerializer(serializers.ModelSerializer[Event]):
    """One thing that happened to a job."""

    detail = serializers.SerializerMethodField(help_text="What belongs to it, as a reason or a delay.")

    class Meta:
        model = Event
        fields = ["seq", "at", "from_status", "to_status", "why", "actor", "detail"]
        read_only_fields = fields

    @extend_schema_field(JSON_OBJECT)
    def get_detail(self, event: Event) -> Any:
        """Return the details, masked."""
        return scrubbed_all(event.detail)


class StepSerializer(serializers.ModelSerializer[Step]):
    """A part of a job whose result is kept."""

    class Meta:
        model = Step
        fields = ["key", "effect", "state", "generation", "inherited", "created_at", "finished_at"]
        read_only_fields = fields


SAMPLE = {
    "id": SAMPLE_ID,
    "kind": "sample.simple",
    "worker": "sample",
    "tenant_id": "00000000-0000-7000-8000-000000000001",
    "status": "completed",
    "wait_reason": "",
    "reason": "",
    "priority": 5,
    "attempt": 1,
    "max_attempts": 3,
    "generation": 1,
    "requested_by": "lindqvist",
    "unique_key": "",
    "dry_run": False,
    "created_at": "2026-11-20T14:00:00Z",
    "scheduled_for": "2026-11-20T14:00:00Z",
    "start_by": None,
    "first_started_at": "2026-11-20T14:00:01Z",
    "finished_at": "2026-11-20T14:00:02Z",
    "held_at": None,
    "cancel_requested_at": None,
}
SAMPLE_PAGE = {"next": None, "previous": None, "results": [SAMPLE]}
SAMPLE_JOB = SAMPLE | {
    "parent_id": None,
    "error": "",
    "waiting_for": "Completed. It waits for nothing.",
    "payload": {"subject": "a thing"},
    "result": {"done": True, "subject": "a thing"},
}
SAMPLE_REASON = {"reason": "Asked for by mistake"}
