"""Where a job stands: what it waits for, and who can move it."""

from datetime import timedelta

from django.db.models import Count

from autopilot import clock
from autopilot.models import Checkpoint, ClusterHeartbeat, Job, JobStatus, WaitReason, Worker
from autopilot.reports.moments import when

SILENCE = timedelta(minutes=2)
REJECTED = "Failed: a person rejected it. A correction is a new job; an operator can start this one over."


def active_counts() -> dict[str, int]:
    """Return how many jobs stand where, final ones left out: cheap at any size."""
    rows = Job.objects.live().values("status").annotate(count=Count("pk")).order_by()
    return {row["status"]: row["count"] for row in rows}


def waiting_for(job: Job) -> str:
    """Say in one or two sentences what a job waits for and who can move it."""
    if job.held_at is not None:
        since = f"Held by {job.held_by or 'an operator'} since {when(job.held_at)}"
        return f"{since}: {_bare(job.hold_reason)}. An operator can release it."
    if job.status == JobStatus.WAITING:
        return _waiting_for(job)
    if job.status == JobStatus.PENDING:
        return _due(job)
    if job.status == JobStatus.RUNNING:
        return _running(job)
    return {
        JobStatus.BLOCKED: "Blocked until others have finished.",
        JobStatus.COMPLETED: "Completed. It waits for nothing.",
        JobStatus.FAILED: REJECTED if job.reason == "rejected" else _failed(job),
        JobStatus.CANCELLED: "Cancelled. An operator can requeue it.",
        JobStatus.SKIPPED: "Skipped. It waits for nothing.",
    }[JobStatus(job.status)]


def _failed(job: Job) -> str:
    return f"Failed: {job.reason.replace('_', ' ')}. An operator can requeue it."


def _running(job: Job) -> str:
    if job.cancel_requested_at:
        return f"Running in {job.lease_owner}; it stops at its next step, as an operator has asked."
    until = f" It may take until {when(job.deadline)}." if job.deadline else ""
    return f"Running in {job.lease_owner}.{until} An operator can cancel it."


def _due(job: Job) -> str:
    worker = Worker.objects.filter(name=job.worker).select_related("paused_by").first()
    if worker is not None and not worker.enabled:
        who = worker.paused_by or "an operator"
        return f"The worker {worker.name} is paused by {who}: {_bare(worker.pause_reason)}. An operator can resume it."
    if job.scheduled_for > clock.now():
        tried = f"Tried {job.attempt} of {job.max_attempts} times without success. " if job.attempt else ""
        return f"{tried}Not before {when(job.scheduled_for)}; then the next free process runs it."
    return _next(job, worker)


def _next(job: Job, worker: Worker | None) -> str:
    """Say what a due job waits for."""
    running = Job.objects.filter(status=JobStatus.RUNNING)
    if job.concurrency_key and running.filter(concurrency_key=job.concurrency_key).count() >= job.concurrency_limit:
        return f"Waits for its turn: {job.concurrency_limit} with its concurrency key may run at once, and they do."
    if worker and worker.concurrency and running.filter(worker=worker.name).count() >= worker.concurrency:
        return f"Waits for its turn: the worker {worker.name} may run {worker.concurrency} at once, and does."
    due = f"Due {when(job.scheduled_for)}; the next free process runs it."
    alive = ClusterHeartbeat.objects.filter(seen_at__gte=clock.now() - SILENCE).exists()
    return due if alive else f"{due} None has reported for two minutes: an operator should look at the cluster."


def _bare(reason: str) -> str:
    """Return a reason without its full stop, to stand inside a sentence."""
    return reason.strip().rstrip(".")


def _waiting_for(job: Job) -> str:
    if job.wait_reason == WaitReason.CHECKPOINT:
        return _decision(job)
    if job.wait_reason == WaitReason.ANSWER:
        return f"Waits for an answer from outside; asks again {when(job.wake_at)}."
    if job.wait_reason == WaitReason.TIMER:
        return f"Waits until {when(job.wake_at)}."
    if job.wait_reason == WaitReason.CHILDREN:
        return f"Waits for its parts{_parts_left(job)}."
    return f"Waits for {job.get_wait_reason_display()}."


def _parts_left(job: Job) -> str:
    left = job.children.live().count()
    return f": {left} of {job.children.count()} have not ended" if left else ""


def _decision(job: Job) -> str:
    open_ones = Checkpoint.objects.pending().filter(job=job).select_related("assignee")
    pending = open_ones.prefetch_related("reviewers").first()
    if pending is None:
        return "Waits for a decision by a reviewer."
    groups = ", ".join(group.name for group in pending.reviewers.all()) or "a reviewer"
    assigned = f"; it is assigned to {pending.assignee.get_username()}" if pending.assignee else ""
    promised = f". It is promised by {when(pending.due_at)}" if pending.due_at else ""
    late = ", which has passed" if pending.due_at and pending.due_at <= clock.now() else ""
    return f"Waits for a decision by {groups}{assigned}{promised}{late}."
