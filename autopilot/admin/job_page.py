"""What the page of a job shows: where it stands, all that happened, what it is related to, and its data, redacted."""

import json
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from autopilot import reports
from autopilot.document_types import batches
from autopilot.models import Checkpoint, Job, Submission
from autopilot.redaction import scrubbed, shown_error, shown_payload, shown_result
from autopilot.reports.moments import Moment
from autopilot.reports.timeline import MOST_MOMENTS, TYPES, job_history

MOST_CHILDREN = 20


def context(job: Job, show: str) -> dict[str, Any]:
    """Return what the page shows; `show` is the type of moments that the reader chose, or nothing."""
    chosen = show if show in TYPES else ""
    checkpoints = list(job.checkpoints.all())
    history = job_history(job, [chosen] if chosen else [])
    result = shown_result(job)
    return {
        "subtitle": job.kind,
        "headline": reports.waiting_for(job),
        "error": shown_error(job),
        "moments": [(moment, _address(moment)) for moment in history],
        "most_moments": MOST_MOMENTS,
        "types": [(name, label, name == chosen) for name, label in TYPES.items()],
        "chosen": chosen,
        "checkpoints": [(each, scrubbed(job, each.title)) for each in checkpoints],
        "submissions": reports.submissions_of(checkpoints),
        "progress": batches.progress(job),
        "related": _related(job),
        "children": list(job.children.order_by("created_at")[:MOST_CHILDREN]),
        "payload_text": _indented(shown_payload(job)),
        "result_text": _indented(result) if result is not None else "",
    }


def exported(job: Job) -> dict[str, Any]:
    """Return a job with its history as JSON values, redacted: what support may be given."""
    facts = (
        "id", "tenant_id", "worker", "kind", "handler_version", "generation", "status", "wait_reason", "reason",
        "error_fingerprint", "priority", "attempt", "max_attempts", "crashes", "snoozes", "unique_key",
        "concurrency_key", "parent_id", "created_at", "scheduled_for", "first_started_at", "finished_at",
    )  # fmt: skip
    told = {name: getattr(job, name) for name in facts}
    data = {"error": shown_error(job), "payload": shown_payload(job), "result": shown_result(job)}
    return (
        told | data | {"waiting_for": reports.waiting_for(job), "history": [_moment(each) for each in job_history(job)]}
    )


def _moment(moment: Moment) -> dict[str, Any]:
    names = ("at", "type", "status", "title", "who", "text", "error")
    return {name: value for name in names if (value := getattr(moment, name))}


def _address(moment: Moment) -> str:
    """Return the address of what a moment is about; nothing for what has no page."""
    if not isinstance(moment.about, Checkpoint | Submission):
        return ""
    return reverse(f"admin:autopilot_{moment.about._meta.model_name}_change", args=[moment.about.pk])


def _related(job: Job) -> list[tuple[str, str]]:
    """Return the lists that this job stands in, each by its address."""
    found: dict[str, dict[str, Any]] = {
        "All jobs of this organization": {"tenant": job.tenant_id},
        f"All jobs of the kind {job.kind}": {"kind": job.kind},
    }
    if job.unique_key:
        found["All jobs with this unique key"] = {"key": job.unique_key}
    if job.status == "failed" and job.error_fingerprint:
        found["All failures of this cause"] = {
            "status__exact": "failed", "kind": job.kind, "fingerprint": job.error_fingerprint
        }  # fmt: skip
    if job.parent_id:
        found["All parts of the same job"] = {"parent": job.parent_id}
    listed = reverse("admin:autopilot_job_changelist")
    return [(words, f"{listed}?{urlencode(filters)}") for words, filters in found.items()]


def _indented(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
